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

export class Gathering {
  readonly family: Family;
  size = 0;
  /** One column for each number of the key. */
  keys: Uint32Array[];
  from = new Uint32Array(1024);
  to = new Uint32Array(1024);
  /** A number with the marks above. */
  subscriber = new Uint32Array(1024);
  exporter = new Uint16Array(1024);
  /** Rows marked SOFT, ascending, with their sure extent. */
  readonly softRow = new Growing();
  readonly softFrom = new Growing();
  readonly softTo = new Growing();

  constructor(family: Family) {
    this.family = family;
    this.keys = Array.from({ length: KEY_WIDTH[family] }, () => new Uint32Array(1024));
  }

  /** Room for one more row; its key is written to `keys` by the caller. Whole seconds. */
  add(from: number, to: number, sureFrom: number, sureTo: number, subscriber: number, exporter: number): number {
    if (this.size === this.from.length) this.#grow();
    const row = this.size++;
    this.from[row] = from;
    this.to[row] = to;
    this.exporter[row] = exporter;
    const begins = sureFrom - from;
    const ends = to - sureTo;
    if (begins === 0 && ends === 0) this.subscriber[row] = subscriber;
    else if ((begins === 0 || begins === 1) && (ends === 0 || ends === 1))
      this.subscriber[row] = (subscriber | (begins ? FROM_PART : 0) | (ends ? TO_PART : 0)) >>> 0;
    else {
      this.subscriber[row] = (subscriber | SOFT) >>> 0;
      this.softRow.push(row);
      this.softFrom.push(sureFrom);
      this.softTo.push(sureTo);
    }
    return row;
  }

  hold(holder: Holder, extents: Extents, subscriber: number, exporter: number): void {
    const from = secondsDown(extents.possibleFrom);
    const to = secondsUp(extents.possibleTo);
    const row = this.add(from, to, secondsUp(extents.sureFrom), secondsDown(extents.sureTo), subscriber, exporter);
    for (const [n, part] of keyOf(holder).entries()) (this.keys[n] as Uint32Array)[row] = part;
  }

  #grow(): void {
    const room = this.from.length * 2;
    const wider = (old: Uint32Array) => {
      const column = new Uint32Array(room);
      column.set(old);
      return column;
    };
    this.keys = this.keys.map(wider);
    this.from = wider(this.from);
    this.to = wider(this.to);
    this.subscriber = wider(this.subscriber);
    const exporter = new Uint16Array(room);
    exporter.set(this.exporter);
    this.exporter = exporter;
  }
}

/** Sorted by these numbers, the ranges of one address lie together by first port, and prefixes of one length together. */
export function keyOf(holder: Holder): number[] {
  if (holder.family === 4) return [holder.address, holder.portFrom * 65_536 + holder.portTo];
  const { length, high, low, restHigh, restLow } = key6(holder.prefix, holder.length);
  return [length, high, low, restHigh, restLow];
}
