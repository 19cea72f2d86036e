/**
 * One stay of one client on one holder, as far as the records tell: first evidence, last evidence, and how it ended. In: the stay, its
 * neighbours on the holder. Out: its two extents. The server keeps a holder for one client until the lease runs out, and writes
 * down everything that ends it early; so a stay is sure to its expiry or exact release, and only to its last evidence where it
 * ended at an instant that nobody wrote down.
 */
import type { Instant } from '../../../record/instant.ts';
import type { Held, Holder } from '../event.ts';
import { UNTRUSTED } from '../hold.ts';

/** Greatest error of a record's own clock, ms, up to which it proves anything. */
export const MOST_ERROR_MS = 600_000;

export interface Stay {
  /** Session and line; '' for somebody unknown, who can only veto. */
  readonly client: string;
  readonly subscriber: string;
  /** First and last grant or renewal that was seen. */
  from: Instant;
  renewed: Instant;
  /** Until when the last one is good. */
  end: Instant;
  /** The exact instant of a release. */
  over: Instant | undefined;
  /**
   * `deleted`: it ended at an instant that was not written down. `unread`: after its last evidence, records may be missing.
   */
  state: 'open' | 'deleted' | 'unread';
  /** How long the first lease that was seen lasts: an earlier one that was lost may reach back so far, ms. */
  reach: number;
  /** Nothing says that it began at `from`. */
  begun: boolean;
  /** Possible since then whatever the rest says. */
  early: Instant;
  /** It contradicts what was given out before, and only vetoes. */
  doubtful: boolean;
  /** Greatest of its records. */
  errorMs: number;
  /** The list of everything that last named it; -1 when none did. */
  round: number;
  given: boolean;
}

export const NEVER = Number.POSITIVE_INFINITY;

export function newStay(client: string, subscriber: string, at: Instant, until: Instant, errorMs: number): Stay {
  return {
    client,
    subscriber,
    from: at,
    renewed: at,
    end: until,
    over: undefined,
    state: 'open',
    reach: until - at,
    begun: true,
    early: NEVER,
    doubtful: false,
    errorMs,
    round: -1,
    given: false,
  };
}

export const isVeto = (stay: Stay): boolean => stay.client === '';

/** Whether nothing but its own expiry is known to end it. */
export const isRunning = (stay: Stay): boolean =>
  stay.state === 'open' && stay.over === undefined && !stay.doubtful && !isVeto(stay);

/** The first instant at which a record that has not come yet could no longer change it; Infinity as long as it runs. */
export function finalAt(stay: Stay, next: Stay | undefined): Instant {
  if (stay.doubtful || isVeto(stay)) return stay.from;
  return Math.min(stay.over ?? stay.end, next ? next.from : NEVER);
}

/** `before`: the last evidence of whoever was there before; undefined when the log knows of nobody. */
export function heldOf(stay: Stay, before: Instant | undefined, next: Stay | undefined, where: Where): Held {
  const { errorMs } = stay;
  const { possibleFrom, sureTo, possibleTo } = extentsOf(stay, before, next, where.holder.family);
  const proves = !stay.doubtful && !isVeto(stay);
  const sure = errorMs > MOST_ERROR_MS ? UNTRUSTED : { sureFrom: stay.from + errorMs, sureTo: sureTo - errorMs };
  return {
    ...where,
    subscriber: stay.subscriber,
    possibleFrom: Math.max(0, Math.min(possibleFrom, stay.early) - errorMs),
    ...(proves ? sure : { sureFrom: 1_000, sureTo: 0 }),
    possibleTo: possibleTo + errorMs,
  };
}

export interface Where {
  readonly holder: Holder;
  readonly exporter: string;
}

function extentsOf(stay: Stay, before: Instant | undefined, next: Stay | undefined, family: Holder['family']) {
  const { from, renewed, over, end } = stay;
  // The client that declined found somebody else there: who, and since when, the log does not know.
  if (isVeto(stay)) return { possibleFrom: Math.min(before ?? from, from), sureTo: 0, possibleTo: end };
  const possibleFrom = stay.begun && before !== undefined ? from : from - stay.reach;
  if (stay.doubtful) return { possibleFrom, sureTo: 0, possibleTo: end };
  // Whoever declines was given the address and never used it.
  const declined = next !== undefined && isVeto(next) && next.from <= (over ?? end);
  if (over !== undefined && stay.state === 'open' && !declined) return { possibleFrom, sureTo: over, possibleTo: over };
  const last = over ?? end;
  const runsOut = stay.state === 'open' && (!next || (last <= next.from && !isVeto(next)));
  if (runsOut) return { possibleFrom, sureTo: last, possibleTo: last };
  // A client that moves to another server keeps its prefix (rebind), so that two may have one at a time (RFC 8415 §18.3.5).
  const both = family === 6 && stay.state !== 'deleted';
  const limit = next && !both ? next.from + next.errorMs : NEVER;
  return { possibleFrom, sureTo: renewed, possibleTo: Math.max(renewed, Math.min(last, limit)) };
}
