/**
 * Folds the records of address servers (DHCPv4, DHCPv6) to holds. In: events of one source in any order. Out: holds with two
 * extents. Instants are the server's own, so nothing waits for its turn: a record is fitted in where it belongs.
 *
 *   lease ... lease of one client   one hold, sure from the first to the expiry of the last
 *   release                         ends it exactly; at the instant of the last renewal, at some later instant nobody knows
 *   lease of another client         if the first was good for longer: sure to its last renewal, possible up to the new one
 *   first lease on a holder         possible for one lease length before: an older record may have been dropped
 *   held, subscriber ''             declined: somebody unknown is there, since the last evidence of whoever was
 *
 * Servers drop history, and then a renewal proves nothing about the time since the one before (journal.ts). Parsers say so:
 *   heard                           the journal was read to its end
 *   reset, errorMs > 0              a journal begins at `at`. A journal that was dropped unread would have covered `errorMs`
 *   ended-by, lease at one instant  an entry of a list of what is held
 *   reset, errorMs 0                the end of such a list, which reaches to `at`
 */
import type { Instant } from '../../../record/instant.ts';
import type { Folder, Held, Holder, LogEvent } from '../event.ts';
import { makeQueue } from '../sessions/queue.ts';
import { endOfList, type Journal, newJournal, startOfFile } from './journal.ts';
import { exportersOf, type Saved, savedOf } from './saved.ts';
import { decline, endBy, lease, newSlot, release, type Said, type Slot } from './slot.ts';
import { finalAt, heldOf, isRunning, NEVER, type Stay } from './stay.ts';

/** A hold is given out this long after the instant that settles it: records of one server are never later, ms. */
export const LATENESS_MS = 120_000;
/**
 * Stays that ended no longer ago are remembered after they were given out, and the last on each holder in any case. A record that
 * is older than all that is remembered is taken for one that was told before.
 */
export const REMEMBER_MS = 86_400_000;
/** Above so many holders, those on which nobody has been for `IDLE_MS` are forgotten. */
export const MOST_HOLDERS = 1_000_000;
export const IDLE_MS = 30 * 86_400_000;

export interface Place {
  readonly holder: Holder;
  readonly slot: Slot;
}

export interface Exporter {
  readonly name: string;
  readonly journal: Journal;
  readonly places: Map<number | string, Place>;
  /** Holders that were forgotten had no evidence later than this. */
  forgotten: Instant;
}

type OfHolder = Extract<LogEvent, { what: 'lease' | 'release' | 'held' | 'ended-by' }>;

const keyOf = (h: Holder): number | string => {
  if (h.family === 6) return `${h.prefix.toString(36)}/${h.length}`;
  return h.portFrom === 0 && h.portTo === 65_535 ? h.address : `${h.address}:${h.portFrom}-${h.portTo}`;
};

/** NUL is in no name: the parsers refuse it. */
const clientOf = (session: string, subscriber: string) =>
  session === subscriber || session === '' ? subscriber : `${session}\0${subscriber}`;

export function makeLeaseFolder(saved?: unknown, mostHolders = MOST_HOLDERS): Folder {
  const exporters = new Map<string, Exporter>();
  const due = makeQueue<{ exporter: Exporter; place: Place; stay: Stay }>();
  /** When a stay is to be looked at next. */
  const queued = new WeakMap<Stay, Instant>();
  let limit = mostHolders;

  const exporterOf = (name: string): Exporter => {
    let exporter = exporters.get(name);
    if (!exporter) {
      exporter = { name, journal: newJournal(), places: new Map(), forgotten: -NEVER };
      exporters.set(name, exporter);
    }
    return exporter;
  };

  function enqueue(exporter: Exporter, place: Place): void {
    const { stays } = place.slot;
    for (const [i, stay] of stays.entries()) {
      if (stay.given) continue;
      const at = finalAt(stay, stays[i + 1]);
      // A later end is found when the earlier one is reached.
      if (at === NEVER || (queued.get(stay) ?? NEVER) <= at) continue;
      queued.set(stay, at);
      due.push(at, { exporter, place, stay });
    }
  }

  function apply(exporter: Exporter, place: Place, event: OfHolder): void {
    const { slot } = place;
    const { journal } = exporter;
    const { at, errorMs, subscriber } = event;
    if (event.what === 'ended-by') {
      slot.ended = at;
      endBy(slot, at, journal.latest);
      enqueue(exporter, place);
      return;
    }
    const until = event.what === 'lease' ? event.until : event.what === 'held' ? (event.to ?? NEVER) : at;
    const from = event.what === 'held' ? event.from : at;
    const inList = event.what === 'lease' && slot.ended === at;
    const listed = inList || (event.what === 'lease' && journal.doubtful && at >= journal.first);
    if (listed && !inList) endBy(slot, at, journal.latest);
    const client = clientOf(event.session, subscriber);
    const said: Said = { client, subscriber, at: from, until, errorMs, listed };
    const declined = event.what === 'held' && subscriber === '';
    const found = event.what === 'release' ? release(slot, said) : declined ? decline(slot, said) : lease(slot, said);
    if (found && event.what === 'held') found.stay.reach = 0;
    if (inList) {
      slot.ended = -NEVER;
      journal.listed++;
      journal.listReach = Math.max(journal.listReach, at);
    }
    if (inList && found) restate(found.stay, at, journal.round);
    // Some servers write a release with the instant of an older record.
    if (!listed && event.what !== 'release') {
      journal.first = Math.min(journal.first, at);
      journal.latest = Math.max(journal.latest, at - errorMs);
    }
    if (!listed) journal.ended = false;
    if (found?.changed) enqueue(exporter, place);
  }

  function put(event: OfHolder): void {
    const exporter = exporterOf(event.exporter);
    const key = keyOf(event.holder);
    let place = exporter.places.get(key);
    if (!place) {
      if (event.at <= exporter.forgotten) return;
      place = { holder: event.holder, slot: newSlot() };
      exporter.places.set(key, place);
    }
    apply(exporter, place, event);
  }

  /** What is open may have ended in records that were not read; `except` those that a list named. */
  function interrupt({ places, journal }: Exporter, except: number): void {
    for (const { slot } of places.values())
      for (const stay of slot.stays)
        if (isRunning(stay) && !stay.given && stay.end > journal.latest && stay.round !== except) stay.state = 'unread';
  }

  const held = ({ holder, slot }: Place, exporter: string, i: number): Held => {
    const { stays, horizon } = slot;
    const before = i > 0 ? stays[i - 1]?.renewed : horizon === -NEVER ? undefined : horizon;
    return heldOf(stays[i] as Stay, before, stays[i + 1], { holder, exporter });
  };

  function forgetGiven(slot: Slot, latest: Instant): void {
    const { stays } = slot;
    let old = 0;
    while (stays[old]?.given && stays[old + 1]?.given && lastOf(stays[old] as Stay) < latest - REMEMBER_MS) old++;
    for (const stay of stays.splice(0, old)) slot.horizon = Math.max(slot.horizon, stay.renewed);
  }

  function forgetIdle(): void {
    let size = 0;
    for (const exporter of exporters.values()) {
      const before = exporter.journal.latest - IDLE_MS;
      for (const [key, { slot }] of exporter.places) {
        const last = slot.stays.at(-1);
        if (last && !(last.given && lastOf(last) < before)) continue;
        if (slot.stays.some(s => !s.given)) continue;
        exporter.forgotten = Math.max(exporter.forgotten, slot.horizon, last?.renewed ?? -NEVER);
        exporter.places.delete(key);
      }
      size += exporter.places.size;
    }
    limit = Math.max(mostHolders, size * 2);
  }

  const size = () => [...exporters.values()].reduce((sum, e) => sum + e.places.size, 0);
  const latest = () => Math.max(...[...exporters.values()].map(e => e.journal.latest));

  if (saved !== undefined)
    for (const one of exportersOf(saved as Saved, keyOf)) {
      exporters.set(one.name, one);
      for (const place of one.places.values()) enqueue(one, place);
    }

  return {
    take(event) {
      if (event.what === 'lease' || event.what === 'release' || event.what === 'held' || event.what === 'ended-by')
        return put(event);
      const exporter = exporterOf(event.exporter);
      const { journal } = exporter;
      if (event.what === 'heard') journal.ended = true;
      else if (event.what === 'lost') interrupt(exporter, -2);
      else if (event.what === 'reset') {
        const { at, errorMs } = event;
        const broken = errorMs === 0 ? endOfList(journal, at) : startOfFile(journal, at, errorMs);
        if (broken) interrupt(exporter, broken.except);
      }
    },
    closed() {
      const out: Held[] = [];
      const settled = latest() - LATENESS_MS;
      const later: Parameters<typeof due.push>[] = [];
      for (let next = due.popUpTo(settled); next; next = due.popUpTo(settled)) {
        const { exporter, place, stay } = next.item;
        if (stay.given || queued.get(stay) !== next.rank) continue;
        const i = place.slot.stays.indexOf(stay);
        if (i < 0) continue;
        const at = finalAt(stay, place.slot.stays[i + 1]);
        if (at > exporter.journal.latest - LATENESS_MS) {
          // Of another exporter, or good for longer than it was.
          queued.set(stay, at);
          if (at !== NEVER) later.push([at, next.item]);
          continue;
        }
        out.push(held(place, exporter.name, i));
        stay.given = true;
        forgetGiven(place.slot, exporter.journal.latest);
      }
      for (const [at, item] of later) due.push(at, item);
      if (size() > limit) forgetIdle();
      return out;
    },
    open() {
      const out: Held[] = [];
      for (const { name, places } of exporters.values())
        for (const place of places.values())
          for (const [i, stay] of place.slot.stays.entries()) if (!stay.given) out.push(held(place, name, i));
      return out;
    },
    save: () => savedOf(exporters.values()),
  };
}

const lastOf = (stay: Stay): Instant => Math.max(stay.renewed, stay.over ?? stay.end);

/** A list that names it as it is known proves that nothing was missed. */
function restate(stay: Stay, at: Instant, round: number): void {
  if (stay.given || stay.renewed !== at) return;
  stay.round = round;
  if (stay.state === 'unread') stay.state = 'open';
}
