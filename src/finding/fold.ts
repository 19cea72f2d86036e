/**
 * Folds one finished round into the cases. In: the cases so far, the round's findings and observations in any order and
 * any number of copies. Out: the cases after it, and what changed. Pure.
 *
 * For each line, kind and port only two instants of a round matter: the last finding, and the last conversation that
 * completed and found the kind absent. The later of the two is what the round says.
 *
 *   finding is later, case open          confirmed
 *   finding is later, no case open       new, or returned when an earlier case had been closed as fixed
 *   clear answer is later, case open     fixed
 *   neither, but the port conversed      nothing: it spoke, and said nothing about this weakness
 *   neither, and no conversation         gone, and at the second such round closed as not-seen, which is not "fixed"
 *
 * Fold each round once, in the unit of work that marks it done: counting rounds is the one step that is not idempotent.
 */
import type { Case, CaseChange } from '../record/case.ts';
import type { Instant } from '../record/instant.ts';
import type { Observation, SealedFinding } from '../record/observation.ts';
import { evidenceOf, keyOf, serviceOf, type Weakness } from './evidence.ts';
import { caseFrom } from './open.ts';

export interface FoldedRound {
  readonly id: string;
  /** When the round ended: the instant at which an unseen case closes. */
  readonly at: Instant;
  /** Whether the round looked where this case is. Not looking is not "not seen". Everywhere, unless said. */
  readonly looked?: (one: Case) => boolean;
}

export interface Change {
  readonly caseId: string;
  readonly change: CaseChange;
}

export interface Folded {
  readonly cases: Case[];
  readonly changes: Change[];
}

/** Rounds without a conversation, since it was last seen, after which a case closes. */
export const ROUNDS_UNSEEN = 2;

export function foldRound(
  cases: readonly Case[],
  findings: readonly SealedFinding[],
  observations: readonly Observation[],
  round: FoldedRound,
): Folded {
  const evidence = evidenceOf(findings, observations, round.id);
  const after = new Map<string, Case>();
  const changes: Change[] = [];
  const put = (one: Case, change?: CaseChange) => {
    after.set(one.id, one);
    if (change) changes.push({ caseId: one.id, change });
  };

  const history = new Map<string, Case[]>();
  for (const one of cases) {
    const key = keyOf(one.lineKey, one.kind, one.port);
    history.set(key, [...(history.get(key) ?? []), one]);
    after.set(one.id, one);
  }

  for (const [key, seen] of evidence.weaknesses) {
    const earlier = history.get(key) ?? [];
    const open = earlier.find(one => one.state === 'open');
    if (open) foldOpen(open, seen, put);
    else if (seen.finding) foldNew(earlier, seen.finding, seen.first, seen.clearedAt, round, put);
  }

  for (const one of cases) {
    if (one.state !== 'open' || evidence.weaknesses.get(keyOf(one.lineKey, one.kind, one.port))?.finding) continue;
    if (after.get(one.id)?.state !== 'open' || evidence.conversed.has(serviceOf(one.lineKey, one.port))) continue;
    if (round.looked && !round.looked(one)) continue;
    const roundsUnseen = one.roundsUnseen + 1;
    if (roundsUnseen < ROUNDS_UNSEEN) put({ ...one, roundsUnseen }, 'gone');
    else put({ ...one, roundsUnseen, state: 'not-seen', closedAt: round.at }, 'not-seen');
  }
  const byId = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return {
    cases: [...after.values()].sort((a, b) => byId(a.id, b.id)),
    changes: changes.sort((a, b) => byId(a.caseId, b.caseId)),
  };
}

type Put = (one: Case, change?: CaseChange) => void;

function foldOpen(open: Case, seen: Weakness, put: Put): void {
  const { finding, clearedAt } = seen;
  const lastSeen = Math.max(open.lastSeen, finding?.at ?? open.lastSeen);
  const now: Case = finding
    ? {
        ...open,
        lastSeen,
        findingId: finding.id,
        vendor: finding.vendor ?? open.vendor,
        model: finding.model ?? open.model,
        roundsUnseen: 0,
      }
    : open;
  // A tie is no proof that the weakness went away.
  if (clearedAt !== undefined && clearedAt > lastSeen) put({ ...now, state: 'fixed', closedAt: clearedAt }, 'fixed');
  else if (finding && finding.id !== open.findingId) put(now, 'confirmed');
}

function foldNew(
  earlier: readonly Case[],
  finding: SealedFinding,
  firstSeen: Instant,
  clearedAt: Instant | undefined,
  round: FoldedRound,
  put: Put,
): void {
  // What a closed case has already outlived (a re-check found it fixed after this finding was made) opens nothing.
  if (earlier.some(one => one.findingId === finding.id || (one.closedAt ?? 0) >= finding.at)) return;
  const opened = caseFrom(finding, firstSeen, round.id, earlier.some(wasFixed));
  if (earlier.some(one => one.id === opened.id)) return;
  if (clearedAt !== undefined && clearedAt > finding.at)
    put({ ...opened, state: 'fixed', closedAt: clearedAt }, 'fixed');
  else put(opened, opened.returned ? 'returned' : 'new');
}

const wasFixed = (one: Case) => one.state === 'fixed';
