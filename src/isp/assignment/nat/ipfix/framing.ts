/**
 * Cuts a file of concatenated messages into pieces that can be read whole. In: bytes, cut anywhere. Out: calls with one IPFIX message
 * (RFC 7011 §3.1), or one header or set of NetFlow v9, which says no length. What waits for more bytes is at most one piece, and is
 * overwritten once it was read.
 */
export interface Pieces {
  /** A whole message of version 10. */
  message(view: DataView): void;
  /** A v9 header, then each of its sets. */
  header9(view: DataView): void;
  set9(view: DataView): void;
  /** Nothing after this can be told apart. */
  lost(why: string): void;
}

const LONGEST = 65_535;
const HEADER_9 = 20;
const HEADER_10 = 16;
const VERSION_9 = 9;
const VERSION_10 = 10;
/** Template sets of v9 are 0 and 1, data 256 and above; 9 and 10 can only be the next message. */
const isSet9 = (id: number) => id < 2 || id >= 256;

export interface Framing {
  take(chunk: Uint8Array): void;
  /** Bytes that wait for more. */
  readonly waiting: number;
}

export function makeFraming(pieces: Pieces): Framing {
  const held = new Uint8Array(LONGEST);
  let length = 0;
  let within9 = false;
  let broken = false;

  /** Length of the piece that begins here; undefined when four bytes are too few to say, 0 when it is none. */
  function sizeOf(bytes: Uint8Array, at: number, available: number): number | undefined {
    if (available < 4) return undefined;
    const first = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    const second = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
    if (first === VERSION_10) return second >= HEADER_10 ? second : 0;
    if (first === VERSION_9) return HEADER_9;
    return within9 && isSet9(first) && second >= 4 ? second : 0;
  }

  function give(bytes: Uint8Array, at: number, size: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, size);
    const version = view.getUint16(0);
    if (version === VERSION_10) {
      within9 = false;
      pieces.message(view);
    } else if (version === VERSION_9) {
      within9 = true;
      pieces.header9(view);
    } else pieces.set9(view);
  }

  function breakOff(): void {
    broken = true;
    held.fill(0, 0, length);
    length = 0;
    pieces.lost('here is no message of IPFIX or NetFlow v9; the rest of the file cannot be read');
  }

  /** Completes the piece that waits; gives how many bytes of the chunk it took, or -1 when it needs more or is none. */
  function complete(chunk: Uint8Array): number {
    let used = 0;
    for (;;) {
      const size = sizeOf(held, 0, length);
      if (size === 0) {
        breakOff();
        return -1;
      }
      const wanted = (size ?? 4) - length;
      const taken = Math.min(wanted, chunk.length - used);
      held.set(chunk.subarray(used, used + taken), length);
      length += taken;
      used += taken;
      if (taken < wanted) return -1;
      if (size === undefined) continue;
      give(held, 0, size);
      held.fill(0, 0, size);
      length = 0;
      return used;
    }
  }

  return {
    take(chunk) {
      if (broken) return;
      let at = 0;
      if (length > 0) {
        at = complete(chunk);
        if (at < 0) return;
      }
      while (at < chunk.length) {
        const size = sizeOf(chunk, at, chunk.length - at);
        if (size === 0) return breakOff();
        if (size === undefined || chunk.length - at < size) break;
        give(chunk, at, size);
        at += size;
      }
      held.set(chunk.subarray(at), 0);
      length = chunk.length - at;
    },
    get waiting() {
      return length;
    },
  };
}
