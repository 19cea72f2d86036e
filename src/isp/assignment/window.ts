/**
 * Holds lie on disk by the sixteen days in which they ended, so that forgetting is unlinking (docs/decisions/0010). In: an instant
 * in whole seconds UTC. Out: the number of its window; a hold that has not ended lies in a window of its own.
 */
import { DAY, type Instant } from '../../record/instant.ts';

export const WINDOW_DAYS = 16;
const WINDOW = WINDOW_DAYS * 86_400;

/** Whole seconds; as an end, not ended. */
export const FOREVER = 0xffffffff;
/** The window of what has not ended: replaced at every commit, never forgotten by age. */
export const OPEN = 0xffff;

/** Counted from 1970-01-01. */
export const windowOf = (seconds: number): number => (seconds === FOREVER ? OPEN : Math.floor(seconds / WINDOW));

/** The first instant of a window, ms UTC. */
export const windowStart = (window: number): Instant => window * WINDOW_DAYS * DAY;
