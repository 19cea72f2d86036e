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

/** Around an instant: `at` plus and minus all doubt; `logs` is the logs' part of it, ms. */
export interface Window {
  readonly at: Instant;
  readonly from: Instant;
  readonly to: Instant;
  readonly logs: number;
}

/**
 * The hold of the only line that can have been there. It must be proven for the whole window: proof at the middle alone would not
 * do, since a clock that is off puts the finding elsewhere in the window, where a hold that left no record at all (Start and Stop
 * lost) could have been. And nobody else may be possible in it.
 */
export function unique(holds: Holds, window: Window): Hold | undefined {
  const only = holds[0]?.subscriber;
  if (holds.every(h => h.subscriber === only)) {
    if (only === UNKNOWN_LINE) return undefined;
    return holds.find(h => isProven(h, window)) ?? inPieces(holds, window);
  }
  return holds.find(
    h =>
      h.subscriber !== UNKNOWN_LINE &&
      isProven(h, window) &&
      holds.every(other => other.subscriber === h.subscriber || isApart(other, h, window.logs)),
  );
}

const isProven = (h: Hold, { from, to }: Window) => h.sureFrom <= from && to <= h.sureTo;

/**
 * Two lines cannot hold one address at a time. So where a Start or Stop was lost, what is possible of `other` goes no further than
 * the proof of `hold`, as long as what is proven of the two is apart, give or take the clocks; where that overlaps, the records
 * cannot both be right.
 */
function isApart(other: Hold, hold: Hold, logs: number): boolean {
  if (other.subscriber === UNKNOWN_LINE) return false;
  const { possibleFrom, sureFrom, sureTo, possibleTo } = other;
  // Records too doubtful to prove a stretch lie somewhere between sureTo and sureFrom. Without records nothing is known of it.
  if (Math.min(sureFrom, sureTo) < possibleFrom || Math.max(sureFrom, sureTo) > possibleTo) return false;
  return sureTo - logs < hold.sureFrom + logs || hold.sureTo - logs < sureFrom + logs;
}

/** Holds of one line that overlap by more than the clocks of the logs can make up: between them was no room for anybody. */
function inPieces(holds: Holds, { from, to, logs }: Window): Hold | undefined {
  if (holds.length < 2) return undefined;
  let reached = from + 2 * logs;
  for (const hold of holds.toSorted((a, b) => a.sureFrom - b.sureFrom)) {
    if (hold.sureFrom > reached - 2 * logs) return undefined;
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
export function clockUntrusted(holds: Holds, window: Window): Maybe {
  const trusted = holds.filter(h => !isUntrusted(h));
  if (trusted.length === holds.length) return undefined;
  return trusted.length === 0 || unique(trusted, window)
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
export function whyNobody(holds: Holds, window: Window, ever: () => boolean): Identification {
  const { at } = window;
  if (holds.length === 0) {
    const known = ever();
    return (noneGap(holds, known) ?? noneUnassigned(holds, known)) as Identification;
  }
  return (
    clockUntrusted(holds, window) ??
    conflictSources(holds, at) ??
    ambiguousOverlap(holds, at) ??
    ambiguousEdge(holds, at) ??
    ambiguousSoftEnd(holds)
  );
}
