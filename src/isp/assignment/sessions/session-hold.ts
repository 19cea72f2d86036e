/**
 * One hold of one session, as far as the records seen tell. In: begin, alive and end records. Out: its two extents. A record
 * proves presence at its own instant; everything between the first proof and the last is `sure`, everything wider `possible`.
 * Records whose clocks disagree by more than `MOST_ERROR_MS` prove nothing, but still stretch what is possible.
 */
import type { Instant } from '../../../record/instant.ts';
import type { Held, Holder } from '../event.ts';
import { UNTRUSTED } from '../hold.ts';

/** Greatest error of a record's own clock, ms, up to which it proves anything. A parser that distrusts a record gives more. */
export const MOST_ERROR_MS = 600_000;

const NEVER = Number.POSITIVE_INFINITY;

export interface SessionHold {
  /** Exporter, session, subscriber and holder: whatever differs in one of them is another hold. */
  readonly key: string;
  readonly holder: Holder;
  readonly exporter: string;
  readonly subscriber: string;
  /** Earliest and latest evidence, by the records' own instants, and whether the earliest is a begin. */
  from: Instant;
  last: Instant;
  began: boolean;
  /** The same with the clocks' errors taken off; sureFrom is Infinity when no record can be believed. */
  sureFrom: Instant;
  sureTo: Instant;
  /** The earliest begin that a record gives; undefined when none says. */
  since: Instant | undefined;
  /** Somebody else's evidence before `from`, which says that this hold cannot have begun earlier. */
  floor: Instant | undefined;
  /** The exact end, and how far it may be stretched at least by the clock's error or by records that contradict it. */
  end: Instant | undefined;
  endReach: Instant;
  /** Said of this hold alone: it ended no later than that. */
  endedBy: Instant | undefined;
  /** It ended at some instant after `last` and no later than this. */
  softEnd: Instant;
  /** The first proof after `last` that another session has the holder. */
  cap: Instant;
  /** When it may be given out as closed, by its exporter's clock; Infinity as long as it is open. */
  due: Instant;
  given: boolean;
}

export function newHold(key: string, holder: Holder, exporter: string, subscriber: string): SessionHold {
  return {
    key,
    holder,
    exporter,
    subscriber,
    from: NEVER,
    last: -NEVER,
    began: false,
    sureFrom: NEVER,
    sureTo: -NEVER,
    since: undefined,
    floor: undefined,
    end: undefined,
    endReach: -NEVER,
    endedBy: undefined,
    softEnd: NEVER,
    cap: NEVER,
    due: NEVER,
    given: false,
  };
}

/** Presence at `at`. */
export function prove(hold: SessionHold, at: Instant, errorMs: number): void {
  if (at < hold.from) hold.from = at;
  if (at > hold.last) hold.last = at;
  if (errorMs > MOST_ERROR_MS) {
    if (!hold.began) stretch(hold, at - errorMs);
    return;
  }
  if (at + errorMs < hold.sureFrom) hold.sureFrom = at + errorMs;
  if (at - errorMs > hold.sureTo) hold.sureTo = at - errorMs;
}

/** It may have begun as early as that. */
export function stretch(hold: SessionHold, since: Instant): void {
  if (hold.since === undefined || since < hold.since) hold.since = since;
}

/** An exact end. Of two ends the earlier one proves; what lies between them is a doubt and no second hold. */
export function endAt(hold: SessionHold, at: Instant, errorMs: number): void {
  hold.endReach = Math.max(hold.endReach, at + errorMs, hold.last);
  if (hold.end === undefined || at < hold.end) hold.end = at;
  hold.last = hold.end;
  if (hold.sureTo > hold.end) hold.sureTo = hold.end;
}

/** 0, that is for ever, when nothing says since when. */
export const possibleFrom = (hold: SessionHold): Instant => Math.min(hold.since ?? hold.floor ?? 0, hold.from);

export const possibleTo = (hold: SessionHold): Instant =>
  Math.max(hold.end === undefined ? Math.min(hold.softEnd, hold.cap) : hold.last, hold.last, hold.endReach);

export function heldOf(hold: SessionHold): Held {
  return {
    holder: hold.holder,
    subscriber: hold.subscriber,
    exporter: hold.exporter,
    possibleFrom: possibleFrom(hold),
    ...(hold.sureFrom === NEVER ? UNTRUSTED : { sureFrom: hold.sureFrom, sureTo: hold.sureTo }),
    possibleTo: possibleTo(hold),
  };
}
