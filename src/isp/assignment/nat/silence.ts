/**
 * How long a box that does not number its records may be silent before some must be missing, by its own habit. In: the gaps
 * between its records. Out: a bound, Infinity until the habit is known. A gap counts by its length, so that bursts do not make a
 * quiet box look busy; for records that come by chance a gap of the bound happens once in e^30 times.
 */
import { HOUR, MINUTE } from '../../../record/instant.ts';

/** Older gaps count less and less. */
const MEMORY_MS = 6 * HOUR;
const KNOWN_AFTER_MS = HOUR;
const KNOWN_AFTER = 100;
const LEAST_MS = 5 * MINUTE;
const TIMES = 15;

export interface Habit {
  count: number;
  /** Of gaps and of their squares, fading, ms. */
  sum: number;
  squares: number;
}

export const newHabit = (): Habit => ({ count: 0, sum: 0, squares: 0 });

export function learn(habit: Habit, gapMs: number): void {
  const fade = Math.exp(-gapMs / MEMORY_MS);
  habit.count++;
  habit.sum = habit.sum * fade + gapMs;
  habit.squares = habit.squares * fade + gapMs * gapMs;
}

export const longestSilence = ({ count, sum, squares }: Habit): number =>
  count < KNOWN_AFTER || sum < KNOWN_AFTER_MS ? Number.POSITIVE_INFINITY : Math.max(LEAST_MS, (TIMES * squares) / sum);
