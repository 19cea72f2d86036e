/**
 * What the records of one holder prove, by going through all of them in order: the meaning that `fold` computes as a stream. For
 * tests: it keeps everything. In: lease, release and held events of one holder, sorted by instant, those of one instant as they
 * were written.
 */
import type { Instant } from '../../../record/instant.ts';
import type { Held, LogEvent } from '../event.ts';

type OfLease = Extract<LogEvent, { what: 'lease' | 'release' | 'held' }>;

interface Open {
  readonly subscriber: string;
  readonly possibleFrom: Instant;
  readonly from: Instant;
  /** Last grant or renewal. */
  renewed: Instant;
  end: Instant;
  /** Deleted at an instant that was not written down. */
  deleted: boolean;
}

export function oracleHolds(events: readonly OfLease[]): Held[] {
  const held: Held[] = [];
  let open: Open | undefined;
  const first = events[0];
  if (!first) return held;
  const where = { holder: first.holder, exporter: first.exporter };
  const close = (sureTo: Instant, possibleTo: Instant) => {
    if (!open) return;
    const { subscriber, possibleFrom, from } = open;
    held.push({ ...where, subscriber, possibleFrom, sureFrom: from, sureTo, possibleTo });
    open = undefined;
  };
  /** Ends the open lease because of something that happened at `at`. */
  const cut = (at: Instant) => {
    if (!open) return;
    if (!open.deleted && open.end <= at) close(open.end, open.end);
    else close(open.renewed, Math.min(open.end, Math.max(at, open.renewed)));
  };
  let last: Instant | undefined;
  for (const event of events) {
    const { at, subscriber } = event;
    if (event.what === 'lease') {
      const renews: boolean = !!open && !open.deleted && open.subscriber === subscriber && at <= open.end;
      if (open && renews) {
        open.renewed = at;
        open.end = event.until;
      } else {
        cut(at);
        // A compacted journal keeps the last renewal only: somebody, surely this client, may have held it before.
        const possibleFrom = last === undefined ? Math.max(0, at - (event.until - at)) : at;
        open = { subscriber, possibleFrom, from: at, renewed: at, end: event.until, deleted: false };
      }
      last = at;
    } else if (event.what === 'held') {
      // The client found somebody else on the address: who, and since when, the log does not know.
      const since = last ?? at;
      if (open) close(open.renewed, Math.max(open.renewed, Math.min(open.end, at)));
      held.push({
        ...where,
        subscriber: '',
        possibleFrom: since,
        sureFrom: 1_000,
        sureTo: 0,
        possibleTo: event.to ?? 0,
      });
      last = at;
    } else if (open && subscriber === '' && at <= open.end) {
      open.deleted = true;
    } else if (open && open.subscriber === subscriber) {
      if (at > open.end || open.deleted) continue;
      if (at > open.renewed) close(at, at);
      else open.deleted = true;
    }
  }
  if (open) {
    if (open.deleted) close(open.renewed, open.end);
    else close(open.end, open.end);
  }
  return held;
}
