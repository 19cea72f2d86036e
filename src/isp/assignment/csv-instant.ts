/**
 * An instant in the bytes of a field: ISO 8601 (`T` or a space between, a zone or none), or epoch seconds or milliseconds. In: bytes.
 * Out: ms UTC with its fraction, or NaN, and then `why`. Dates repeat from line to line, so the last one is remembered.
 */
import type { Instant } from '../../record/instant.ts';
import type { LocalTime } from './local-time.ts';

const DIGIT_0 = 48;
const NO = Number.NaN;
/** Epoch numbers below are seconds: the year 5138. */
const SECONDS_BELOW = 100_000_000_000;

export class InstantReader {
  /** Of the last NaN. */
  why = '';
  readonly #local: LocalTime | undefined;
  #date = -1;
  #day = NO;

  constructor(local: LocalTime | undefined) {
    this.#local = local;
  }

  read(bytes: Uint8Array, from: number, to: number): Instant {
    const length = to - from;
    if (length >= 16 && bytes[from + 4] === 45) return this.#iso(bytes, from, to);
    return this.#epoch(bytes, from, to);
  }

  #no(why: string): number {
    this.why = why;
    return NO;
  }

  #epoch(bytes: Uint8Array, from: number, to: number): number {
    let value = 0;
    let at = from;
    for (; at < to; at++) {
      const digit = bytes[at]! - DIGIT_0;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (at === from || at - from > 14) return this.#no('is no instant');
    const scale = value < SECONDS_BELOW ? 1_000 : 1;
    const part = at < to ? fraction(bytes, at, to) : 0;
    return Number.isNaN(part) ? this.#no('is no instant') : value * scale + part * scale;
  }

  #iso(bytes: Uint8Array, from: number, to: number): number {
    const year = two(bytes, from) * 100 + two(bytes, from + 2);
    const month = two(bytes, from + 5);
    const date = year * 10_000 + month * 100 + two(bytes, from + 8);
    if (date !== this.#date) {
      this.#day = bytes[from + 7] === 45 ? dayOf(year, month, two(bytes, from + 8)) : NO;
      this.#date = date;
    }
    const between = bytes[from + 10];
    const hour = two(bytes, from + 11);
    const minute = two(bytes, from + 14);
    let at = from + 16;
    let second = 0;
    if (bytes[at] === 58 && to - at >= 3) {
      second = two(bytes, at + 1);
      at += 3;
    }
    let part = 0;
    if (bytes[at] === 46 && at < to) {
      let end = at + 1;
      while (end < to && bytes[end]! >= DIGIT_0 && bytes[end]! < DIGIT_0 + 10) end++;
      part = fraction(bytes, at, end);
      at = end;
    }
    const good =
      (between === 84 || between === 32) && bytes[from + 13] === 58 && hour < 24 && minute < 60 && second < 60;
    const wall = (this.#day + hour * 3_600 + minute * 60 + second) * 1_000 + part * 1_000;
    if (!good || Number.isNaN(wall)) return this.#no('is no instant');
    return this.#zoned(wall, bytes, at, to);
  }

  /** `wall` in the zone that [at, to) names, or in the declared one. */
  #zoned(wall: number, bytes: Uint8Array, at: number, to: number): number {
    if (at === to) {
      if (this.#local === undefined) return this.#no('has no zone, and none is declared');
      const found = this.#local(wall);
      return typeof found === 'number' ? found : this.#no(`occurs ${found} in the declared zone`);
    }
    const sign = bytes[at];
    if (sign === 90) return at + 1 === to ? wall : this.#no('is no instant');
    const colon = bytes[at + 3] === 58 ? 1 : 0;
    if ((sign !== 43 && sign !== 45) || (to - at !== 5 + colon && to - at !== 3)) return this.#no('is no instant');
    const hours = two(bytes, at + 1);
    const minutes = to - at === 3 ? 0 : two(bytes, at + 3 + colon);
    if (!(hours < 15 && minutes < 60)) return this.#no('is no instant');
    const ahead = (hours * 60 + minutes) * 60_000;
    return sign === 43 ? wall - ahead : wall + ahead;
  }
}

/** Two digits; NaN when they are none. */
function two(bytes: Uint8Array, at: number): number {
  const high = bytes[at]! - DIGIT_0;
  const low = bytes[at + 1]! - DIGIT_0;
  return high >= 0 && high <= 9 && low >= 0 && low <= 9 ? high * 10 + low : NO;
}

/** `.25` as 0.25; NaN when it is no fraction. */
function fraction(bytes: Uint8Array, dot: number, to: number): number {
  if (bytes[dot] !== 46 || to - dot < 2 || to - dot > 10) return NO;
  let value = 0;
  let scale = 1;
  for (let at = dot + 1; at < to; at++) {
    const digit = bytes[at]! - DIGIT_0;
    if (digit < 0 || digit > 9) return NO;
    value = value * 10 + digit;
    scale *= 10;
  }
  return value / scale;
}

/** Seconds to the beginning of a day; NaN when the month has no such day. */
function dayOf(year: number, month: number, day: number): number {
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return month >= 1 && month <= 12 && day >= 1 && day <= days ? Date.UTC(year, month - 1, day) / 1_000 : NO;
}
