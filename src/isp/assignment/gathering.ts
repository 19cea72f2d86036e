/**
 * Holds as they come, unsorted, in columns. Instants become whole seconds, rounded so that `sure` only shrinks and `possible`
 * only grows: rounding can downgrade, never decide.
 */
import type { Holder } from './event.ts';
import { Growing } from './growing.ts';
import { key6 } from './ipv6/key.ts';
import { FOREVER } from './window.ts';

/** Above the number of a subscriber: its sure extent is in the side table; begins a second later; ends a second earlier. */
export const SOFT = 0x80000000;
export const FROM_PART = 0x40000000;
export const TO_PART = 0x20000000;
export const NUMBER = 0x1fffffff;

/** ms UTC; Infinity for an open end. */
export interface Extents {
  readonly possibleFrom: number;
  readonly sureFrom: number;
  readonly sureTo: number;
  readonly possibleTo: number;
}

export type Family = 4 | 6;
/** Numbers in the key of a slot: address, ports; or length and the four parts of a prefix. */
export const KEY_WIDTH: Readonly<Record<Family, number>> = { 4: 2, 6: 5 };

const clamp = (seconds: number) => Math.min(FOREVER, Math.max(0, seconds));
export const secondsUp = (ms: number): number => clamp(Math.ceil(ms / 1000));
export const secondsDown = (ms: number): number => clamp(Math.floor(ms / 1000));
export const msOf = (seconds: number): number => (seconds === FOREVER ? Number.POSITIVE_INFINITY : seconds * 1000);

/** Places in the cells of a gathered row; the numbers of its key follow. */
export const FROM = 0;
export const TO = 1;
export const SUBSCRIBER = 2;
export const EXPORTER = 3;
export const KEY = 4;

/** Rows lie whole one after the other: whoever puts them in order touches each once, not each of its columns. */
export class Bucket {
  /** Numbers in a row. */
  readonly width: number;
  size = 0;
  /** Whether any row has no end. */
  open = false;
  cells: Uint32Array;
  /** Rows marked SOFT, ascending, with their sure extent. */
  readonly softRow = new Growing(16);
  readonly softFrom = new Growing(16);
  readonly softTo = new Growing(16);

  constructor(width: number) {
    this.width = width;
    this.cells = new Uint32Array(16 * width);
  }

  /** Gives the place of the row's key, for the caller to write. Whole seconds. */
  add(from: number, to: number, sureFrom: number, sureTo: number, subscriber: number, exporter: number): number {
    const at = this.size * this.width;
    if (at === this.cells.length) {
      const wider = new Uint32Array(this.cells.length * 2);
      wider.set(this.cells);
      this.cells = wider;
    }
    const { cells } = this;
    const row = this.size++;
    cells[at + FROM] = from;
    cells[at + TO] = to;
    cells[at + EXPORTER] = exporter;
    if (to === FOREVER) this.open = true;
    const begins = sureFrom - from;
    const ends = to - sureTo;
    if (begins === 0 && ends === 0) cells[at + SUBSCRIBER] = subscriber;
    else if ((begins === 0 || begins === 1) && (ends === 0 || ends === 1))
      cells[at + SUBSCRIBER] = (subscriber | (begins ? FROM_PART : 0) | (ends ? TO_PART : 0)) >>> 0;
    else {
      cells[at + SUBSCRIBER] = (subscriber | SOFT) >>> 0;
      this.softRow.push(row);
      this.softFrom.push(sureFrom);
      this.softTo.push(sureTo);
    }
    return at + KEY;
  }
}

/** Holds of one family by the head of their key, so that what is sorted together fits a processor's cache. */
export class Gathering {
  readonly family: Family;
  readonly width: number;
  readonly #buckets: (Bucket | undefined)[] = [];

  constructor(family: Family) {
    this.family = family;
    this.width = KEY + KEY_WIDTH[family];
  }

  /** The bucket of a /16, or of a length of prefix. */
  bucket(head: number): Bucket {
    const known = this.#buckets[head];
    if (known !== undefined) return known;
    const made = new Bucket(this.width);
    this.#buckets[head] = made;
    return made;
  }

  /** In the order of their keys. */
  get buckets(): Bucket[] {
    return this.#buckets.filter(bucket => bucket !== undefined);
  }

  hold(holder: Holder, extents: Extents, subscriber: number, exporter: number): void {
    const key = keyOf(holder);
    const bucket = this.bucket(headOf(this.family, key[0] as number));
    const from = secondsDown(extents.possibleFrom);
    const to = secondsUp(extents.possibleTo);
    const at = bucket.add(from, to, secondsUp(extents.sureFrom), secondsDown(extents.sureTo), subscriber, exporter);
    for (const [n, part] of key.entries()) bucket.cells[at + n] = part;
  }
}

/** Which bucket a key belongs to, by its first number. */
export const headOf = (family: Family, first: number): number => (family === 4 ? first >>> 16 : first);

/** Sorted by these numbers, the ranges of one address lie together by first port, and prefixes of one length together. */
export function keyOf(holder: Holder): number[] {
  if (holder.family === 4) return [holder.address, holder.portFrom * 65_536 + holder.portTo];
  const { length, high, low, restHigh, restLow } = key6(holder.prefix, holder.length);
  return [length, high, low, restHigh, restLow];
}
