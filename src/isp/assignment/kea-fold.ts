/**
 * From the events of one address, in order, to who held it when. The server keeps an address for one client until the
 * lease ends, and writes a row for everything that ends it early; so a lease is sure from grant to expiry or exact
 * release, and only as far as its last renewal where it ended at an instant the log does not say.
 */
import type { Extents } from './gathering.ts';
import type { KeaEvent } from './kea-row.ts';

export interface Held extends Extents {
  /** '' when somebody unknown was on the address. */
  readonly subscriber: string;
}

interface Open {
  readonly subscriber: string;
  readonly possibleFrom: number;
  readonly from: number;
  /** Last grant or renewal. */
  renewed: number;
  end: number;
  /** Deleted at an instant that was not written down. */
  deleted: boolean;
}

/** `events` of one address sorted by (at, order in the journal). Extents in ms. */
export function foldLeases(events: readonly KeaEvent[]): Held[] {
  const held: Held[] = [];
  let open: Open | undefined;
  const close = (sureTo: number, possibleTo: number) => {
    if (!open) return;
    const { subscriber, possibleFrom, from } = open;
    held.push({
      subscriber,
      possibleFrom: possibleFrom * 1000,
      sureFrom: from * 1000,
      sureTo: sureTo * 1000,
      possibleTo: possibleTo * 1000,
    });
    open = undefined;
  };
  /** Ends the open lease because of something that happened at `at`. */
  const cut = (at: number) => {
    if (!open) return;
    if (!open.deleted && open.end <= at) close(open.end, open.end);
    else close(open.renewed, Math.min(open.end, Math.max(at, open.renewed)));
  };
  for (const [i, event] of events.entries()) {
    if (event.what === 'lease') {
      const renews: boolean = !!open && !open.deleted && open.subscriber === event.subscriber && event.at <= open.end;
      if (open && renews) {
        open.renewed = event.at;
        open.end = event.expire;
        continue;
      }
      cut(event.at);
      // A compacted journal keeps the last renewal only: somebody, surely this client, may have held it before.
      const before = i === 0 ? Math.max(0, event.at - (event.expire - event.at)) : event.at;
      open = {
        subscriber: event.subscriber,
        possibleFrom: before,
        from: event.at,
        renewed: event.at,
        end: event.expire,
        deleted: false,
      };
    } else if (event.what === 'declined') {
      // The client found somebody else on the address: who, and since when, the log does not know.
      const since = open ? open.renewed : event.at;
      if (open) close(open.renewed, Math.min(open.end, Math.max(event.at, open.renewed)));
      held.push({
        subscriber: '',
        possibleFrom: since * 1000,
        sureFrom: 1000,
        sureTo: 0,
        possibleTo: event.expire * 1000,
      });
    } else if (open) {
      const exact = event.subscriber === open.subscriber && event.at > open.renewed;
      if (exact && !open.deleted) close(Math.min(event.at, open.end), Math.min(event.at, open.end));
      else open.deleted = true;
    }
  }
  if (open) {
    if (open.deleted) close(open.renewed, open.end);
    else close(open.end, open.end);
  }
  return held;
}
