/**
 * The stays on one holder, by their first evidence. In: what records say, in any order. Out: the same stays whatever the order,
 * as far as a sound log leaves no choice; where it does, only what is possible grows. A record told twice changes nothing.
 */
import type { Instant } from '../../../record/instant.ts';
import { isRunning, isVeto, NEVER, newStay, type Stay } from './stay.ts';

export interface Slot {
  /** Ascending by `from`; those of one instant as they came. */
  readonly stays: Stay[];
  /** The last evidence of stays that are no longer kept; -Infinity when all are. */
  horizon: Instant;
  /** Whoever was there before is over by then: what follows at this very instant comes from a list, not from the journal. */
  ended: Instant;
}

export const newSlot = (): Slot => ({ stays: [], horizon: -NEVER, ended: -NEVER });

export interface Said {
  readonly client: string;
  readonly subscriber: string;
  readonly at: Instant;
  readonly until: Instant;
  readonly errorMs: number;
  /** From a list of what was held then: what came before it, or after, may not have been read. */
  readonly listed: boolean;
}

/** The last stay that began no later; -1 when none did. */
function placeOf({ stays }: Slot, at: Instant): number {
  let place = stays.length - 1;
  while (place >= 0 && (stays[place] as Stay).from > at) place--;
  return place;
}

/** A lease of the very second of a release came after it: before, the release would tell no instant of its own. */
const mayContinue = (stay: Stay, client: string, at: Instant): boolean =>
  stay.client === client &&
  !stay.given &&
  !stay.doubtful &&
  stay.state === 'open' &&
  (stay.over === undefined ? at <= stay.end : at < stay.over);

/** Gives the stay that the lease belongs to, and whether anything changed. */
export function lease(slot: Slot, said: Said): { stay: Stay; changed: boolean } | undefined {
  const { client, at, until, errorMs } = said;
  if (at <= slot.horizon) return undefined;
  const { stays } = slot;
  const known = stays.findLast(s => s.client === client && s.from <= at && at <= s.renewed);
  if (known) {
    const longer = at === known.renewed && until > known.end && !known.given;
    if (longer) known.end = until;
    return { stay: known, changed: longer };
  }
  const place = placeOf(slot, at);
  const before = stays[place];
  const after = stays[place + 1];
  if (before && !said.listed && mayContinue(before, client, at)) {
    before.renewed = at;
    before.end = until;
    before.errorMs = Math.max(before.errorMs, errorMs);
    joinNext(slot, place);
    return { stay: before, changed: true };
  }
  const leads = after && after.client === client && after.begun && after.from <= until && !after.given;
  if (leads && !after.doubtful && !said.listed) {
    after.reach = until - at;
    after.from = at;
    after.errorMs = Math.max(after.errorMs, errorMs);
    if (before) contradict(slot, place, after);
    return { stay: after, changed: true };
  }
  const stay = newStay(client, said.subscriber, at, until, errorMs);
  if (said.listed || before?.state === 'unread') stay.begun = false;
  stays.splice(place + 1, 0, stay);
  if (before) contradict(slot, place, stay);
  return { stay, changed: true };
}

/** A renewal may close the gap to what was seen of the same client before. */
function joinNext({ stays }: Slot, place: number): void {
  const stay = stays[place] as Stay;
  const after = stays[place + 1];
  if (!after || after.client !== stay.client || !after.begun || after.given || after.doubtful) return;
  if (after.from > stay.end) return;
  const { renewed, end, over, state } = after;
  Object.assign(stay, { renewed, end, over, state, errorMs: Math.max(stay.errorMs, after.errorMs) });
  stays.splice(place + 1, 1);
}

/** Somebody else has evidence within the stay at `place`: of what was taken for one stay, only the ends are proven. */
function contradict({ stays }: Slot, place: number, by: Stay): void {
  const stay = stays[place] as Stay;
  if (isVeto(stay) || stay.doubtful) return;
  if (stay.given) {
    // What was given out as sure up to its expiry cannot be taken back; the doubt is given out beside it.
    const to = stay.over ?? stay.end;
    if (by.from >= to || stay.client === by.client) return;
    by.early = Math.min(by.early, by.from < stay.renewed ? stay.from : stay.renewed);
    if (by.from < stay.renewed) Object.assign(by, { doubtful: true, end: Math.max(by.end, stay.renewed) });
    return;
  }
  if (by.from >= stay.renewed || stay.client === by.client) return;
  const later: Stay = { ...stay, from: stay.renewed, early: Math.min(stay.early, by.from), reach: 0 };
  Object.assign(stay, { renewed: stay.from, over: undefined, state: 'open' });
  stays.splice(place + 2, 0, later);
}

/** The client gave the holder back at `at`; at the instant of its last renewal: at some instant that was not written down. */
export function release(slot: Slot, said: Said): { stay: Stay; changed: boolean } | undefined {
  const { client, at } = said;
  if (at <= slot.horizon) return undefined;
  const { stays } = slot;
  if (client === '') return releaseSomebody(slot, at);
  if (stays.some(s => s.client === client && s.over === at)) return undefined;
  const place = stays.findLastIndex(s => s.client === client && s.from <= at);
  const stay = stays[place];
  if (!stay) {
    // It was there, since nobody knows when, and left at this instant or later.
    const found = lease(slot, { ...said, until: at });
    if (found) Object.assign(found.stay, { state: 'deleted', end: NEVER, reach: NEVER });
    return found;
  }
  if (stay.given || stay.doubtful) return undefined;
  if (at > stay.renewed) {
    if (at > stay.end || at >= (stay.over ?? NEVER)) return undefined;
    stay.over = at;
  } else if (at === stay.renewed) {
    if (stay.state === 'deleted' || stay.over !== undefined) return undefined;
    stay.state = 'deleted';
  } else {
    const later: Stay = { ...stay, from: stay.renewed, early: Math.min(stay.early, at), reach: 0 };
    Object.assign(stay, { renewed: at, over: undefined, state: 'deleted' });
    stays.splice(place + 1, 0, later);
  }
  return { stay, changed: true };
}

/** Whose lease went is not said: it may have been that of whoever was there. */
function releaseSomebody(slot: Slot, at: Instant): { stay: Stay; changed: boolean } | undefined {
  const stay = slot.stays[placeOf(slot, at)];
  if (!stay || !isRunning(stay) || stay.given || at > stay.end) return undefined;
  stay.state = 'deleted';
  return { stay, changed: true };
}

/** Somebody unknown is on the holder from `at`, and who knows since when. */
export function decline(slot: Slot, said: Said): { stay: Stay; changed: boolean } | undefined {
  const { at, until } = said;
  if (at <= slot.horizon) return undefined;
  const known = slot.stays.find(s => isVeto(s) && s.from === at && s.end === until);
  if (known) return undefined;
  const stay = newStay('', '', at, until, said.errorMs);
  const place = placeOf(slot, at);
  slot.stays.splice(place + 1, 0, stay);
  if (place >= 0) contradict(slot, place, stay);
  return { stay, changed: true };
}

/** Whoever is there left at some instant no later than `at`, unless that is known better: all was read up to `read`. */
export function endBy(slot: Slot, at: Instant, read: Instant): Stay | undefined {
  const stay = slot.stays[placeOf(slot, at)];
  if (!stay || stay.renewed >= at || !isRunning(stay) || stay.given || stay.end <= read) return undefined;
  stay.state = 'unread';
  stay.end = Math.min(stay.end, at);
  return stay;
}
