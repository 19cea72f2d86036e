/**
 * What to do about an attempt this machine could not make (no descriptor, port, buffer, route): try again, a little
 * later each time. It is never held against the device, and never lost: an index that fails while others leave ends as
 * `unsent`; when nothing at all leaves, the sweep stops and says so.
 */
/** ms without a single departure, while attempts fail, after which the sweep stops. */
const GIVE_UP = 10_000;
const MOST_TRIES = 8;
const FIRST_WAIT = 10;
const LONGEST_WAIT = 1_000;

export type Remedy =
  | { readonly type: 'again'; readonly at: number }
  | { readonly type: 'unsent' }
  | { readonly type: 'stop' };

export interface Retries {
  /** Something left this machine. */
  departed(index: number, now: number): void;
  failed(index: number, now: number): Remedy;
  readonly count: number;
}

export function makeRetries(): Retries {
  const failing = new Map<number, { tries: number; readonly since: number }>();
  let lastDeparture = Number.NEGATIVE_INFINITY;
  let failingSince = Number.POSITIVE_INFINITY;
  let count = 0;
  return {
    get count() {
      return count;
    },
    departed(index, now) {
      if (failing.size > 0) failing.delete(index);
      lastDeparture = now;
      failingSince = Number.POSITIVE_INFINITY;
    },
    failed(index, now) {
      count++;
      failingSince = Math.min(failingSince, now);
      if (now - failingSince > GIVE_UP) return { type: 'stop' };
      const entry = failing.get(index) ?? { tries: 0, since: now };
      failing.set(index, entry);
      entry.tries++;
      if (entry.tries >= MOST_TRIES && lastDeparture > entry.since) {
        failing.delete(index);
        return { type: 'unsent' };
      }
      return { type: 'again', at: now + Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** entry.tries) };
    },
  };
}
