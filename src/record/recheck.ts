/** A re-check: one probe of a case's recorded target, asked for by its owner from the same line. */
import type { Instant } from './instant.ts';

export const RECHECK_STATES = ['asked', 'running', 'done', 'refused'] as const;
export type RecheckState = (typeof RECHECK_STATES)[number];

/** "No answer" is not "fixed". */
export const RECHECK_RESULTS = [
  'fixed',
  'still-open',
  'no-answer',
  'address-changed',
  'not-allowed',
  'too-often',
] as const;
export type RecheckResult = (typeof RECHECK_RESULTS)[number];

export interface Recheck {
  readonly id: string;
  readonly caseId: string;
  readonly askedAt: Instant;
  readonly state: RecheckState;
  readonly result: RecheckResult | null;
  readonly decidedAt: Instant | null;
}
