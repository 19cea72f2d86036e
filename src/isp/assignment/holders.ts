/**
 * What the holds around an instant say: one function each, pure. In: every hold whose possible extent meets the window [at - e, at +
 * e], and `at`. Out: the hold of the one line, or a refusal of the closed set. Tolerance is a veto and never a match; nothing is chosen
 * by likelihood or recency.
 */
import type { Identification } from '../../record/assignment.ts';
import type { Instant } from '../../record/instant.ts';
import { type Hold, isUntrusted, UNKNOWN_LINE } from './hold.ts';
import { no } from './refusals.ts';

type Holds = readonly Hold[];
type Maybe = Identification | undefined;

const isSure = (h: Hold, at: Instant) => h.sureFrom <= at && at <= h.sureTo;
const isPossible = (h: Hold, at: Instant) => h.possibleFrom <= at && at <= h.possibleTo;

/**
 * The hold of the only line: proven for all of [from, to], with nobody else's possible extent in it. Proof at the middle alone
 * would not do: a clock that is off by the error puts the finding elsewhere in the window, where a hold that left no record at
 * all (Start and Stop lost) could have been.
 */
export function unique(holds: Holds, from: Instant, to: Instant): Hold | undefined {
  const only = holds[0]?.subscriber;
  if (only === undefined || only === UNKNOWN_LINE) return undefined;
  let whole: Hold | undefined;
  for (const hold of holds) {
    if (hold.subscriber !== only) return undefined;
    if (hold.sureFrom <= from && to <= hold.sureTo) whole = hold;
  }
  return whole ?? (holds.length > 1 ? inPieces(holds, from, to) : undefined);
}

/** Holds of one line that follow each other without a gap: a lease on each day, a second record of the same. */
function inPieces(holds: Holds, from: Instant, to: Instant): Hold | undefined {
  let reached = from;
  for (const hold of holds.toSorted((a, b) => a.sureFrom - b.sureFrom)) {
    if (hold.sureFrom > reached) return undefined;
    reached = Math.max(reached, hold.sureTo);
    if (reached >= to) return hold;
  }
  return undefined;
}

const lines = (holds: Holds): Set<number> => new Set(holds.map(h => h.subscriber));

export const noneGap = (holds: Holds, ever: boolean): Maybe =>
  holds.length === 0 && ever ? no('none_gap', 'nobody held the address at that instant') : undefined;

export const noneUnassigned = (holds: Holds, ever: boolean): Maybe =>
  holds.length === 0 && !ever ? no('none_unassigned', 'nobody ever held the address in our logs') : undefined;

/** Without the records whose clocks disagree the answer would be another. */
export function clockUntrusted(holds: Holds, from: Instant, to: Instant): Maybe {
  const trusted = holds.filter(h => !isUntrusted(h));
  if (trusted.length === holds.length) return undefined;
  return trusted.length === 0 || unique(trusted, from, to)
    ? no('clock_untrusted', 'the clocks in the records that would decide disagree by more than is allowed')
    : undefined;
}

/** Several lines at one instant, though each source by itself names one. */
export function conflictSources(holds: Holds, at: Instant): Maybe {
  const possible = holds.filter(h => isPossible(h, at));
  if (lines(possible).size < 2) return undefined;
  const bySource = Map.groupBy(possible, h => h.source);
  return [...bySource.values()].every(own => lines(own).size === 1)
    ? no('conflict_sources', `our logs name different lines (${[...bySource.keys()].sort().join(', ')})`)
    : undefined;
}

export function ambiguousOverlap(holds: Holds, at: Instant): Maybe {
  const { size } = lines(holds.filter(h => isPossible(h, at)));
  return size > 1 ? no('ambiguous_overlap', `${size} lines could have held the address at that instant`) : undefined;
}

export const ambiguousEdge = (holds: Holds, at: Instant): Maybe =>
  lines(holds).size > 1 ||
  !holds.some(h => isPossible(h, at)) ||
  holds.some(h => h.subscriber !== UNKNOWN_LINE && isSure(h, at))
    ? no('ambiguous_edge', 'the holder changes, or may change, within the error of the clocks')
    : undefined;

export const ambiguousSoftEnd = (holds: Holds): Identification =>
  holds.every(h => h.subscriber === UNKNOWN_LINE)
    ? no('ambiguous_soft_end', 'somebody held the address whom the log does not name')
    : no('ambiguous_soft_end', 'one line may have held the address, but the log does not prove that it still did');

/** Why there is no single line, in the order in which the reasons exclude one another. */
export function whyNobody(holds: Holds, at: Instant, from: Instant, to: Instant, ever: () => boolean): Identification {
  if (holds.length === 0) {
    const known = ever();
    return (noneGap(holds, known) ?? noneUnassigned(holds, known)) as Identification;
  }
  return (
    clockUntrusted(holds, from, to) ??
    conflictSources(holds, at) ??
    ambiguousOverlap(holds, at) ??
    ambiguousEdge(holds, at) ??
    ambiguousSoftEnd(holds)
  );
}
