/**
 * Columns as bytes: each number in as few as its greatest needs (none where all are zero), or as a place in a short list of the
 * values that occur, where that is shorter. In: a column. Out: bytes and a line that says how to read them. Little-endian.
 */
export interface Packed {
  readonly name: string;
  readonly length: number;
  /** Bytes of each number. */
  readonly bytes: 0 | 1 | 2 | 4;
  /** What a number stands for; absent when for itself. */
  readonly words?: readonly number[];
}

type Column = Uint32Array | Uint16Array;

const widthFor = (greatest: number): Packed['bytes'] =>
  greatest === 0 ? 0 : greatest < 256 ? 1 : greatest < 65_536 ? 2 : 4;

const MAKE = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array } as const;
const MOST_WORDS = 4_096;

const rawOf = (a: Uint8Array | Uint16Array | Uint32Array): Uint8Array =>
  new Uint8Array(a.buffer, a.byteOffset, a.byteLength);

function greatestOf(column: Column): number {
  let greatest = 0;
  for (let i = 0; i < column.length; i++) if (column[i]! > greatest) greatest = column[i]!;
  return greatest;
}

/** The values that occur, or undefined when they are too many. */
function wordsOf(column: Column): Map<number, number> | undefined {
  const words = new Map<number, number>();
  let last = -1;
  for (let i = 0; i < column.length; i++) {
    const value = column[i]!;
    if (value === last) continue;
    last = value;
    if (words.has(value)) continue;
    if (words.size === MOST_WORDS) return undefined;
    words.set(value, words.size);
  }
  return words;
}

export function pack(name: string, column: Column): { head: Packed; body: Uint8Array } {
  const plain = widthFor(greatestOf(column));
  const words = plain < 4 ? undefined : wordsOf(column);
  if (words) {
    const places = new Uint32Array(column.length);
    for (let i = 0; i < places.length; i++) places[i] = words.get(column[i]!)!;
    const narrow = pack(name, places);
    return { head: { ...narrow.head, words: [...words.keys()] }, body: narrow.body };
  }
  const head = { name, length: column.length, bytes: plain };
  if (plain === 0) return { head, body: new Uint8Array(0) };
  if (plain === 4) return { head, body: rawOf(column) };
  return { head, body: rawOf(new MAKE[plain](column)) };
}

export const packedBytes = ({ length, bytes }: Packed): number => length * bytes;

/** `body` as `pack` gave it, at any offset of its buffer. */
export function unpack({ length, bytes, words }: Packed, body: Uint8Array): Uint32Array {
  const column = new Uint32Array(length);
  if (bytes > 0) {
    const own = new Uint8Array(body);
    column.set(new MAKE[bytes as 1 | 2 | 4](own.buffer, 0, length));
  }
  if (words) for (let i = 0; i < length; i++) column[i] = words[column[i]!]!;
  return column;
}
