/**
 * The holds of all sessions. In: records, best in the order of their instants; a late one is fitted in where nothing it says
 * can be lost that would refuse an answer. Out: `touched` is called with every hold whose extents changed. Two sessions cannot
 * have one holder at a time, so that the first proof of one bounds an end that was never logged of another, and no more than that.
 */
import type { Instant } from '../../../record/instant.ts';
import type { Holder, LogEvent } from '../event.ts';
import { endAt, newHold, possibleFrom, possibleTo, prove, type SessionHold, stretch } from './session-hold.ts';
import { makeSpots } from './spots.ts';

/** Boxes count session times by whole seconds, and some restart the count late; instants closer than this agree. */
export const ROUNDING_MS = 60_000;
/** A Start that is sent again is dated anew by its delay, in whole seconds. */
export const RETRANSMIT_MS = 2_000;
/** A record this much later than a Stop is a straggler of the same session. */
export const STRAGGLER_MS = 120_000;

const NEVER = Number.POSITIVE_INFINITY;

export type SessionEvent = Extract<LogEvent, { what: 'begin' | 'alive' | 'end' | 'ended-by' }>;

export interface SessionHolds {
  apply(event: SessionEvent): void;
  /** Everything this exporter had open ended by then. */
  reset(exporter: string, at: Instant, errorMs: number): void;
  /** Puts a saved hold back. */
  put(hold: SessionHold): void;
  putReset(exporter: string, at: Instant): void;
  resets(exporter: string): readonly Instant[];
  /** Marks a hold as given out; from now on records within its extents say nothing new. */
  give(hold: SessionHold): void;
  /** Drops a hold that was given out from memory. */
  forget(hold: SessionHold): void;
  all(): Iterable<SessionHold>;
  /** Fixes the floor that the neighbours give, where the records themselves say nothing of the begin. */
  ground(hold: SessionHold): SessionHold;
}

const holderKey = (h: Holder): string =>
  h.family === 4 ? `${h.address}:${h.portFrom}-${h.portTo}` : `${h.prefix.toString(36)}/${h.length}`;

const MOST_RESETS = 1_000;

const isSameBegin = (hold: SessionHold, at: Instant): boolean =>
  hold.began && at - hold.from <= RETRANSMIT_MS && (hold.end === undefined || at <= hold.end);

/** Whether evidence at `at` can belong to a hold whose records so far are all later. */
const leadsTo = (at: Instant, after: SessionHold | undefined): after is SessionHold =>
  after !== undefined && !after.began && !after.given && (after.since === undefined || after.since <= at + ROUNDING_MS);

function beginAt(hold: SessionHold, at: Instant, errorMs: number): void {
  const said = hold.since;
  prove(hold, at, errorMs);
  hold.began = true;
  hold.since = said !== undefined && said < at - ROUNDING_MS ? said : at - errorMs;
}

/** Another that is known to have ended before `hold`: two sessions cannot have one holder at a time. */
const floorOver = (hold: SessionHold, other: SessionHold): Instant | undefined =>
  other.end !== undefined && other.end < hold.from && other.sureFrom !== NEVER && other.key !== hold.key
    ? Math.max(hold.floor ?? -NEVER, other.sureTo)
    : hold.floor;

export function makeSessionHolds(touched: (hold: SessionHold) => void): SessionHolds {
  const byKey = new Map<string, SessionHold[]>();
  const spots = makeSpots<SessionHold>();
  const resetsOf = new Map<string, Instant[]>();
  const openAt = new Map<string, Set<SessionHold>>();
  const none: readonly Instant[] = [];

  const resets = (exporter: string) => resetsOf.get(exporter) ?? none;
  /** The first reset after `from`; Infinity when there is none. */
  const resetAfter = (exporter: string, from: Instant): Instant => {
    const all = resets(exporter);
    let low = 0;
    for (let high = all.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (all[middle]! > from) high = middle;
      else low = middle + 1;
    }
    return all[low] ?? NEVER;
  };

  /** Whether `other` proves that `hold` had ended by `other.sureFrom`. */
  const bounds = (hold: SessionHold, other: SessionHold) =>
    hold.last < other.sureFrom || (hold.last === other.sureFrom && hold.from < other.from);
  const capBy = (hold: SessionHold, other: SessionHold): boolean => {
    if (hold === other || other.sureFrom >= hold.cap || !bounds(hold, other)) return false;
    hold.cap = other.sureFrom;
    return true;
  };

  /** After evidence was added; `furtherBack` when the hold is new, or begins earlier than was known. */
  function settle(hold: SessionHold, furtherBack: boolean): void {
    const soft = resetAfter(hold.exporter, hold.last);
    hold.softEnd = hold.endedBy !== undefined && hold.endedBy >= hold.last ? Math.min(soft, hold.endedBy) : soft;
    const outlived = hold.last >= hold.cap;
    if (outlived) hold.cap = NEVER;
    if (furtherBack || outlived)
      for (const other of spots.overlapping(hold.holder)) {
        capBy(hold, other);
        if (furtherBack && !other.given && capBy(other, hold)) touched(other);
      }
    touched(hold);
  }

  function put(hold: SessionHold): void {
    const same = byKey.get(hold.key);
    if (same) same.push(hold);
    else byKey.set(hold.key, [hold]);
    spots.add(hold);
    if (hold.given) return;
    const open = openAt.get(hold.exporter);
    if (open) open.add(hold);
    else openAt.set(hold.exporter, new Set([hold]));
  }

  function open(event: SessionEvent, key: string): SessionHold {
    const hold = newHold(key, event.holder, event.exporter, event.subscriber);
    put(hold);
    return hold;
  }

  function begin(event: SessionEvent, key: string, before?: SessionHold, after?: SessionHold): void {
    const { at, errorMs } = event;
    if (before && isSameBegin(before, at)) {
      prove(before, at, errorMs);
      settle(before, false);
      return;
    }
    if (before && !before.given && before.last > at) {
      // It began anew in the middle of what looked like one: only the first evidence is left to the older hold.
      const younger = open(event, key);
      const { last, end, endReach, sureFrom } = before;
      Object.assign(younger, { last, end, endReach, sureTo: before.sureTo >= at ? before.sureTo : -NEVER });
      const proven = sureFrom <= at;
      Object.assign(before, {
        last: proven ? sureFrom : before.from,
        sureFrom: proven ? sureFrom : NEVER,
        sureTo: proven ? Math.min(sureFrom, before.sureTo) : -NEVER,
        end: undefined,
        // What it said in between is not known any more; it may have been there until now.
        endReach: at,
        cap: NEVER,
      });
      beginAt(younger, at, errorMs);
      settle(before, true);
      settle(younger, true);
      return;
    }
    const joins = leadsTo(at, after) && resetAfter(event.exporter, at) >= after.from;
    const hold = joins ? after : open(event, key);
    beginAt(hold, at, errorMs);
    settle(hold, true);
  }

  function present(
    event: SessionEvent & { since?: Instant },
    key: string,
    before?: SessionHold,
    after?: SessionHold,
  ): void {
    const { at, errorMs, since, what } = event;
    const straggles =
      before?.end !== undefined &&
      at <= before.end + STRAGGLER_MS &&
      (since === undefined || since <= before.end) &&
      resetAfter(event.exporter, before.end) >= at;
    if (before?.end !== undefined && straggles) {
      if (what === 'end') endAt(before, at, errorMs);
      else if (at > before.end) before.endReach = Math.max(before.endReach, at + errorMs);
      settle(before, false);
      return;
    }
    const goesOn =
      before !== undefined &&
      before.end === undefined &&
      (since === undefined || since <= before.last + ROUNDING_MS) &&
      Math.min(resetAfter(event.exporter, before.last), before.softEnd) >= at;
    const joins = !goesOn && what === 'alive' && leadsTo(at, after) && resetAfter(event.exporter, at) >= after.from;
    const hold = goesOn ? before : joins ? after : open(event, key);
    const known = hold.sureFrom;
    prove(hold, at, errorMs);
    if (since !== undefined && (!hold.began || since < hold.from - ROUNDING_MS)) stretch(hold, since - errorMs);
    if (what === 'end') endAt(hold, at, errorMs);
    settle(hold, !goesOn || hold.sureFrom < known);
  }

  function endedBy(event: SessionEvent, key: string, before?: SessionHold): void {
    const { at, errorMs } = event;
    if (before) {
      if (before.end === undefined && before.last <= at) {
        before.endedBy = Math.min(before.endedBy ?? NEVER, at + errorMs);
        settle(before, false);
      }
      return;
    }
    // Nobody saw it alive: it can veto until then, and prove nothing.
    const hold = open(event, key);
    Object.assign(hold, { from: at - 1, last: at - 1, endedBy: at + errorMs });
    settle(hold, false);
  }

  return {
    apply(event) {
      const { at, what } = event;
      const key = `${event.exporter}\0${event.session}\0${event.subscriber}\0${holderKey(event.holder)}`;
      let before: SessionHold | undefined;
      let after: SessionHold | undefined;
      for (const hold of byKey.get(key) ?? []) {
        // What it says is within what was said already, of the same line: at most it would prove more.
        if (hold.given && possibleFrom(hold) <= at && at <= possibleTo(hold)) return;
        if (hold.from <= at ? hold.from >= (before?.from ?? -NEVER) : false) before = hold;
        else if (hold.from > at && hold.from < (after?.from ?? NEVER)) after = hold;
      }
      if (before?.given) before = undefined;
      if (what === 'begin') begin(event, key, before, after);
      else if (what === 'ended-by') endedBy(event, key, before);
      else present(event, key, before, after);
    },
    reset(exporter, at, errorMs) {
      const all = resetsOf.get(exporter) ?? [];
      const when = at + errorMs;
      if (all.includes(when)) return;
      all.push(when);
      all.sort((a, b) => a - b);
      if (all.length > MOST_RESETS) all.shift();
      resetsOf.set(exporter, all);
      for (const hold of openAt.get(exporter) ?? [])
        if (hold.end === undefined && hold.last < when && when < hold.softEnd) settle(hold, false);
    },
    put,
    putReset(exporter, at) {
      resetsOf.set(exporter, [...resets(exporter), at]);
    },
    resets,
    give(hold) {
      hold.given = true;
      openAt.get(hold.exporter)?.delete(hold);
    },
    forget(hold) {
      spots.remove(hold);
      const same = byKey.get(hold.key) ?? [];
      if (same.length <= 1) byKey.delete(hold.key);
      else same.splice(same.indexOf(hold), 1);
      for (const other of spots.overlapping(hold.holder)) other.floor = floorOver(other, hold);
    },
    *all() {
      for (const holds of byKey.values()) yield* holds;
    },
    ground(hold) {
      if (hold.since === undefined)
        for (const other of spots.overlapping(hold.holder)) hold.floor = floorOver(hold, other);
      return hold;
    },
  };
}
