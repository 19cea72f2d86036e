/**
 * Gives every line its number. In: names as bytes, straight from a log. Out: a number of this process at once, and when the import is
 * committed the number that the index keeps: the one an earlier import gave the same name, or a new one. Earlier names are
 * known by a keyed mark alone.
 */
import { hash } from 'node:crypto';
import { Growing } from './growing.ts';
import { MARK_BYTES, type Section } from './names.ts';

/** Longest name in bytes. */
export const LONGEST_NAME = 256;

const NAME = 32;
const ENTRY = 8;
/** Bytes of a name that lie in the table. */
const IN_TABLE = 16;
const utf8 = new TextEncoder();

const wordAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;

/** Only a place in the table depends on it. */
function mix(h: number, word: number): number {
  const m = Math.imul(h ^ word, 0x9e3779b1);
  return m ^ (m >>> 15);
}

export class Interning {
  readonly #input: Buffer;
  #arena = new Uint8Array(1 << 16);
  #used = 0;
  /** Of each local number: where its name begins and ends; slot 0 is nobody. */
  readonly #start = new Growing();
  /** ENTRY numbers each: hash, local number (0: free), length, where the name begins, its first bytes. */
  #table = new Uint32Array(ENTRY << 10);
  /** Final numbers; 0 while unknown. */
  readonly #final = new Growing();
  #settled = 0;
  readonly #byMark = new Map<string, number>();
  /** Marks of the settled names, one after the other. */
  #marks = new Uint8Array(MARK_BYTES << 10);
  /** Of each final number, one more than the last window its name is sealed in. */
  #sealed = new Uint16Array(1 << 10);

  constructor(secret: Uint8Array) {
    this.#input = Buffer.alloc(NAME + LONGEST_NAME);
    this.#input.set(secret.subarray(0, NAME));
    this.#start.push(0);
    this.#start.push(0);
    this.#final.push(0);
  }

  get size(): number {
    return this.#final.size - 1;
  }

  /** What other imports have named since; `window` as in the manifest. */
  learn(sections: readonly Section[], window: number | undefined): void {
    for (const { count, marks, numbers } of sections)
      for (let i = 0; i < count; i++) {
        const number = numbers[i] as number;
        const mark = Buffer.from(marks.buffer, marks.byteOffset + i * MARK_BYTES, MARK_BYTES).toString('latin1');
        this.#byMark.set(mark, number);
        if (window !== undefined) this.#seal(number, window);
      }
  }

  #seal(number: number, window: number): void {
    if (number >= this.#sealed.length) {
      const wider = new Uint16Array(Math.max(number + 1, this.#sealed.length * 2));
      wider.set(this.#sealed);
      this.#sealed = wider;
    }
    if (window >= this.#sealed[number]!) this.#sealed[number] = window + 1;
  }

  /** The name is `bytes[from, to)`, at most LONGEST_NAME of them; an empty name is somebody unknown, 0. */
  intern(bytes: Uint8Array, from: number, to: number): number {
    const length = to - from;
    if (length === 0) return 0;
    // The first sixteen bytes as four words: they lie in the table itself, so that most names are found by one look.
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    if (length >= 4) a = wordAt(bytes, from);
    else for (let i = from; i < to; i++) a = (a << 8) | bytes[i]!;
    if (length >= 8) b = wordAt(bytes, from + 4);
    else for (let i = from + 4; i < to; i++) b = (b << 8) | bytes[i]!;
    if (length >= 12) c = wordAt(bytes, from + 8);
    else for (let i = from + 8; i < to; i++) c = (c << 8) | bytes[i]!;
    if (length >= 16) d = wordAt(bytes, from + 12);
    else for (let i = from + 12; i < to; i++) d = (d << 8) | bytes[i]!;
    let h = mix(mix(mix(mix(length, a), b), c), d);
    for (let i = from + IN_TABLE; i < to; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
    h = (h ^ (h >>> 15)) >>> 0;
    const table = this.#table;
    const last = table.length - 1;
    for (let at = (h * ENTRY) & last; ; at = (at + ENTRY) & last) {
      const local = table[at + 1]!;
      if (local === 0) return this.#add(bytes, from, to, h, at, a, b, c, d);
      if (
        table[at] === h &&
        table[at + 2] === length &&
        table[at + 4] === a >>> 0 &&
        table[at + 5] === b >>> 0 &&
        table[at + 6] === c >>> 0 &&
        table[at + 7] === d >>> 0 &&
        (length <= IN_TABLE || this.#same(table[at + 3]!, bytes, from, to))
      )
        return local;
    }
  }

  internText(name: string): number {
    if (name === '') return 0;
    const bytes = utf8.encode(name);
    return this.intern(bytes, 0, Math.min(bytes.length, LONGEST_NAME));
  }

  #same(start: number, bytes: Uint8Array, from: number, to: number): boolean {
    const arena = this.#arena;
    for (let i = from, j = start; i < to; i++, j++) if (bytes[i] !== arena[j]) return false;
    return true;
  }

  #add(bytes: Uint8Array, from: number, to: number, h: number, at: number, ...words: readonly number[]): number {
    const length = to - from;
    if (this.#used + length > this.#arena.length) {
      const wider = new Uint8Array(this.#arena.length * 2);
      wider.set(this.#arena);
      this.#arena = wider;
    }
    for (let i = from, j = this.#used; i < to; i++, j++) this.#arena[j] = bytes[i]!;
    const local = this.#final.size;
    this.#table.set([h, local, length, this.#used, ...words], at);
    this.#used += length;
    this.#start.push(this.#used);
    this.#final.push(0);
    if (local * 2 * ENTRY > this.#table.length) this.#rehash();
    return local;
  }

  #rehash(): void {
    const old = this.#table;
    const table = new Uint32Array(old.length * 2);
    const last = table.length - 1;
    for (let from = 0; from < old.length; from += ENTRY) {
      if (old[from + 1] === 0) continue;
      let at = (old[from]! * ENTRY) & last;
      while (table[at + 1] !== 0) at = (at + ENTRY) & last;
      for (let k = 0; k < ENTRY; k++) table[at + k] = old[from + k]!;
    }
    this.#table = table;
  }

  nameOf(local: number): Uint8Array {
    return this.#arena.subarray(this.#start.values[local], this.#start.values[local + 1]);
  }

  /** SHA-256 of the secret and the name, cut to 96 bits, so that nobody can make a longer name's mark out of it. */
  #mark(local: number): Buffer {
    const name = this.nameOf(local);
    this.#input.set(name, NAME);
    return hash('sha256', this.#input.subarray(0, NAME + name.length), 'buffer').subarray(0, MARK_BYTES);
  }

  /** Of a settled name. */
  markOf(local: number): Uint8Array {
    return this.#marks.subarray(local * MARK_BYTES, (local + 1) * MARK_BYTES);
  }

  /**
   * Numbers for all names so far; `free` is the last number that was given. Gives the new last one. Called when the index is
   * locked and everything others named has been learnt.
   */
  settle(free: number): number {
    let last = free;
    const size = this.#final.size;
    const final = this.#final.values;
    if (size * MARK_BYTES > this.#marks.length) {
      const wider = new Uint8Array(size * 2 * MARK_BYTES);
      wider.set(this.#marks);
      this.#marks = wider;
    }
    for (let local = this.#settled + 1; local < size; local++) {
      const mark = this.#mark(local);
      this.#marks.set(mark, local * MARK_BYTES);
      const text = mark.toString('latin1');
      let number = this.#byMark.get(text);
      if (number === undefined) {
        number = ++last;
        this.#byMark.set(text, number);
      }
      final[local] = number;
    }
    this.#settled = size - 1;
    return last;
  }

  /** By local number, once settled. */
  get numbers(): Uint32Array {
    return this.#final.values;
  }

  /** Whether the name of a number is kept as long as this window. */
  isSealed(number: number, window: number): boolean {
    return (this.#sealed[number] ?? 0) > window;
  }
}
