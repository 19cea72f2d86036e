/**
 * From what happened to the closed verdict, and from the verdict to what may leave the prober. Pure. A doubt is never a
 * weakness: only an accepted pair whose decoy was clearly refused is WEAK.
 */

import type { Refusal } from '../../mandate/authority.ts';
import type { FindingKind } from '../../record/glossary.ts';
import type { FirmwareState, Outcome, Reported, Verdict } from '../../record/observation.ts';

/** What one answer to the decoy says, and whether it has the shape of the accepted answer. */
export function verdictOfDecoy(outcome: Outcome, sameShape: boolean): Verdict {
  if (outcome === 'ACCEPT') return 'ACCEPTS_ANYTHING';
  // The pair opened it; that the account is locked now is no proof either way, and the device is left alone.
  if (outcome === 'LOCKOUT' || outcome === 'THROTTLED') return 'WEAK_UNCONFIRMED';
  return outcome === 'REJECT' && !sameShape ? 'WEAK' : 'INCONCLUSIVE';
}

const OF_REFUSAL: Partial<Record<Refusal | 'send-grammar', Verdict>> = {
  excluded: 'EXCLUDED',
  stopped: 'INCONCLUSIVE',
  'send-grammar': 'INCONCLUSIVE',
};
export const verdictOfRefusal = (refusal: Refusal | 'send-grammar' | undefined): Verdict =>
  (refusal === undefined ? 'INCONCLUSIVE' : OF_REFUSAL[refusal]) ?? 'OUT_OF_MANDATE';

/** What a conversation without a credential decides by itself; undefined where a login was seen and more may follow. */
export function verdictOfIdentify(outcome: Outcome): Verdict | undefined {
  switch (outcome) {
    case 'LOGIN_PROMPT':
    case 'OPEN_SESSION':
      return undefined;
    case 'OPEN_PAGE':
    case 'NOT_A_LOGIN':
    case 'NOT_PROTOCOL':
      return 'NOT_A_LOGIN';
    case 'LOCKOUT':
    case 'THROTTLED':
      return 'LOCKED_COOLING';
    default:
      return 'INCONCLUSIVE';
  }
}

const REPORTED_AS: Readonly<Record<Verdict, Reported>> = {
  CLEAR: 'clear',
  WEAK: 'positive',
  WEAK_UNCONFIRMED: 'inconclusive',
  NO_AUTH: 'positive',
  LOCKED_COOLING: 'locked',
  ACCEPTS_ANYTHING: 'inconclusive',
  SUSPECT_DECEPTION: 'inconclusive',
  NOT_A_LOGIN: 'not-a-login',
  INCONCLUSIVE: 'inconclusive',
  EXCLUDED: 'excluded',
  OUT_OF_MANDATE: 'out-of-mandate',
};

/** Nothing a deceiver or an excluded device said about itself is believed either. */
const SILENT: ReadonlySet<Verdict> = new Set<Verdict>([
  'ACCEPTS_ANYTHING',
  'SUSPECT_DECEPTION',
  'EXCLUDED',
  'OUT_OF_MANDATE',
]);

export interface Concluded {
  readonly reported: Reported;
  /** Weaknesses found. */
  readonly kinds: readonly FindingKind[];
  /** Weaknesses looked for to the end and absent. */
  readonly clears: readonly FindingKind[];
}

export interface ConcludeFrom {
  readonly verdict: Verdict;
  readonly firmwareState: FirmwareState | null;
  /** A login stood in the way. */
  readonly prompt: boolean;
  /** Tries that were clearly refused. */
  readonly refusals: number;
  /** Every pair of the catalogue that fits was tried and clearly refused. */
  readonly complete: boolean;
}

export function conclude({ verdict, firmwareState, prompt, refusals, complete }: ConcludeFrom): Concluded {
  if (SILENT.has(verdict)) return { reported: REPORTED_AS[verdict], kinds: [], clears: [] };
  const kinds: FindingKind[] = [];
  if (verdict === 'WEAK') kinds.push('guessable');
  if (verdict === 'NO_AUTH') kinds.push('no-login');
  if (firmwareState === 'vulnerable') kinds.push('firmware');
  const clears: FindingKind[] = [];
  if (verdict === 'CLEAR' && complete) clears.push('guessable');
  if (prompt && (verdict === 'WEAK' || (verdict === 'CLEAR' && refusals > 0))) clears.push('no-login');
  if (firmwareState === 'fixed') clears.push('firmware');
  return { reported: kinds.length > 0 ? 'positive' : REPORTED_AS[verdict], kinds, clears };
}
