/** What reading a log gives besides its intervals: how far it reaches, and which records could not be used and why. */
import type { Instant } from '../../record/instant.ts';

export interface Rejected {
  /** `file:line`. */
  readonly where: string;
  readonly why: string;
}

export interface Reading {
  /** Records that were used. */
  used: number;
  rejectedCount: number;
  /** The first thousand. */
  readonly rejected: Rejected[];
  first: Instant;
  /** The last instant the log itself speaks of. */
  last: Instant;
}

const NAMED = 1_000;

export const makeReading = (): Reading => ({
  used: 0,
  rejectedCount: 0,
  rejected: [],
  first: Number.POSITIVE_INFINITY,
  last: Number.NEGATIVE_INFINITY,
});

export function reject(reading: Reading, file: string, line: number, why: string): void {
  reading.rejectedCount++;
  if (reading.rejected.length < NAMED) reading.rejected.push({ where: `${file}:${line}`, why });
}

export function reach(reading: Reading, at: Instant): void {
  if (at < reading.first) reading.first = at;
  if (at > reading.last && at !== Number.POSITIVE_INFINITY) reading.last = at;
}
