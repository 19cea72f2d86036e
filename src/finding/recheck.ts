/**
 * Folds the result of a re-check into its case. In: the case, what one authorised probe said, when. Out: the case after
 * it, and what changed, if anything. Only `fixed` closes; "no answer" is not "fixed".
 */
import type { Case, CaseChange } from '../record/case.ts';
import type { Instant } from '../record/instant.ts';
import type { RecheckResult } from '../record/recheck.ts';

export interface Rechecked {
  readonly case: Case;
  readonly change?: CaseChange;
}

export function recheckFold(one: Case, result: RecheckResult, at: Instant): Rechecked {
  // A closed case stays as it is; an answer older than the last finding says nothing about now.
  if (one.state !== 'open' || at <= one.lastSeen) return { case: one };
  if (result === 'fixed') return { case: { ...one, state: 'fixed', closedAt: at }, change: 'fixed' };
  if (result === 'still-open') return { case: { ...one, lastSeen: at, roundsUnseen: 0 }, change: 'confirmed' };
  return { case: one };
}
