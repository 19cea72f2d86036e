/**
 * The clock that the pacer of a batching sender is asked with. It runs at most as fast as the monotonic one, so that a
 * law kept by it (in any window, sends ≤ rate × window + burst) is kept by the wall as well:
 *
 * - A batch is taken at one instant and leaves a little later. Up to `jitter` ms of that is what the pacer keeps back of
 *   its bursts; for the rest the clock stands still, so no packet leaves later than `jitter` after it was taken.
 * - Who comes later than something was due has at most CREDIT ms to catch up: a suspended machine comes back without a burst.
 * - An alarm slows the clock, and with it every rate at once.
 */
import type { MandateLimits } from '../../../record/mandate.ts';

/** ms one may be late and still catch up. */
export const CREDIT = 5;

export interface PaceClock {
  /** Reads the clock at a monotonic instant. `due`: the pace instant before which nothing could leave. */
  at(now: number, due: number): number;
  /** What was taken at the last reading has left by `now`. */
  left(now: number): void;
  /** Nothing may leave: time passes that nobody will have to catch up with. */
  rest(now: number): void;
  /** Monotonic ms from `now` until a pace instant. */
  until(due: number, now: number): number;
  /** 1 is the mandate's pace; never above. */
  factor: number;
}

/**
 * How late a packet may leave, for these rates (ms): so little that every bucket keeps half of what it has above one
 * packet, or, where the burst is one packet, that the pace loses at most a twentieth.
 */
export function jitterFor({ total, perIsp, per24 }: MandateLimits): number {
  const most = [total, perIsp, per24].map(
    ({ perSecond, burst }) => Math.max((burst - 1) / 2, 0.05) * (1000 / perSecond),
  );
  return Math.min(CREDIT, ...most);
}

/** `start` is a monotonic instant, at which both clocks agree. */
export function makePaceClock(start: number, jitter: number): PaceClock {
  let pace = start;
  let seen = start;
  let factor = 1;
  return {
    at(now, due) {
      const next = pace + Math.max(0, now - seen) * factor;
      seen = Math.max(seen, now);
      pace = Math.min(next, Math.max(pace, due) + CREDIT);
      return pace;
    },
    left(now) {
      pace += Math.min(jitter, Math.max(0, now - seen) * factor);
      seen = Math.max(seen, now);
    },
    rest(now) {
      seen = Math.max(seen, now);
    },
    until: (due, now) => (due - pace) / factor - (now - seen),
    get factor() {
      return factor;
    },
    set factor(wanted) {
      factor = wanted > 0 && wanted <= 1 ? wanted : factor;
    },
  };
}
