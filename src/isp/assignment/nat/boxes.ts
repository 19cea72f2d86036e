/**
 * The boxes that one log comes from, and what of theirs is missing. In: each record's box, number and instant. Out: the stretch in
 * which records are missing: by a gap in their numbers, or by a silence longer than the source allows (or than is
 * the habit of a box that does not number its records). A box that begins to count
 * anew may have lost any number of them.
 */
import type { Instant } from '../../../record/instant.ts';
import type { LogEvent } from '../event.ts';
import { type Habit, learn, longestSilence, newHabit } from './silence.ts';

interface Box {
  /** Whether it has given a record of this format: other programs on other hosts are none of our business. */
  ours: boolean;
  number: number | undefined;
  at: Instant;
  readonly habit: Habit;
}

export interface Met {
  readonly exporter: string;
  readonly ours: boolean;
  readonly at: Instant;
  readonly errorMs: number;
  /** Where the log numbers its records. */
  readonly number: number | undefined;
}

export interface Boxes {
  /** A record of a box. Gives what is lost before it. */
  met(record: Met): LogEvent | undefined;
  isOurs(exporter: string): boolean;
  save(): unknown;
}

/** Records that overtake each other on the way are at most so far apart. */
const LATE = 1_000;
const MOST = 10_000;
/** A clock that is off by more says nothing of when. */
const MOST_ERROR_MS = 600_000;

export function makeBoxes(silenceMs: number | undefined, saved?: unknown): Boxes {
  const boxes = new Map<string, Box>(isSaved(saved) ? saved : []);
  const longest = ({ habit }: Box, number: number | undefined) =>
    silenceMs ?? (number === undefined ? longestSilence(habit) : Number.POSITIVE_INFINITY);
  return {
    met({ exporter, ours, at, errorMs, number }) {
      if (errorMs > MOST_ERROR_MS) return undefined;
      const box = boxes.get(exporter);
      if (!box) {
        if (boxes.size < MOST) boxes.set(exporter, { ours, number, at, habit: newHabit() });
        return undefined;
      }
      box.ours ||= ours;
      const last = box.number;
      const before = box.at;
      // One that counts back but is younger comes from a box that counts anew.
      const anew =
        number !== undefined && last !== undefined && number <= last && (at > before || last - number > LATE);
      const missing =
        anew || (number !== undefined && last !== undefined && number > last + 1) || at - before > longest(box, number);
      if (number !== undefined && (last === undefined || number > last || anew)) box.number = number;
      if (at > before && !missing) learn(box.habit, at - before);
      if (at > before || missing) box.at = at;
      if (!missing || !box.ours) return undefined;
      return { what: 'lost', at: Math.max(at, before), from: Math.min(at, before), errorMs, exporter };
    },
    isOurs: exporter => boxes.get(exporter)?.ours ?? false,
    save: () => [...boxes],
  };
}

const isSaved = (saved: unknown): saved is [string, Box][] =>
  Array.isArray(saved) && saved.every(pair => Array.isArray(pair) && pair.length === 2);

/** RFC 5424 §7.3.1: counts from 1 to 2147483647 and then from 1 again. */
const SEQUENCE = /\[meta (?:[^"\]]{1,80}"[^"]{0,80}" ){0,3}sequenceId="(\d{1,10})"/;

export const sequenceOf = (text: string): number | undefined => {
  const digits = text.includes('sequenceId="') ? SEQUENCE.exec(text)?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits);
};
