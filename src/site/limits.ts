/** How often one visitor may look up codes, ask for re-checks, write to the desk. Kept in memory, gone with the process. */
import { MINUTE, SECOND } from '../record/instant.ts';
import { makeVisitorLimit, type VisitorLimit } from './visitor-limit.ts';

export interface SiteLimits {
  /** Guessing a code takes millions of tries; one network gets 20, then two a minute. */
  readonly lookUp: VisitorLimit;
  readonly recheck: VisitorLimit;
  readonly inquiry: VisitorLimit;
}

export const makeLimits = (monotonic: () => number): SiteLimits => ({
  lookUp: makeVisitorLimit({ burst: 20, everyMs: 30 * SECOND, monotonic }),
  recheck: makeVisitorLimit({ burst: 5, everyMs: 2 * MINUTE, monotonic }),
  inquiry: makeVisitorLimit({ burst: 5, everyMs: 10 * MINUTE, monotonic }),
});
