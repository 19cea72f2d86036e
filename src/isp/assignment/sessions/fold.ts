/**
 * Folds the records of sessions (RADIUS accounting, carrier NAT) to holds. In: events of one source in any order. Out: holds
 * with two extents. Records of one exporter wait `LATENESS_MS` of its own log time and are then applied in the order of their
 * instants, so that within this bound neither order nor repetition matters. Later ones are fitted in. A hold is given out once
 * nothing within the bound can change it, and remembered for a while so that repetitions are seen to be that.
 *
 *   begin ... alive ... end    sure = possible = [begin, end]
 *   lost Start                 possible from `since`, sure from the first record seen
 *   lost Stop                  sure up to the last record, possible up to the first proof of another session on the holder
 *   reset, ended-by            sure up to the last record, possible up to then
 *   record after the end       within `STRAGGLER_MS` it stretches what is possible, later it is another hold
 *   begin again, no end seen   another hold, which bounds the first
 */
import type { Instant } from '../../../record/instant.ts';
import type { Folder, Held, LogEvent } from '../event.ts';
import { makeQueue } from './queue.ts';
import { eventOf, holdOf, type Plain, plainEvent, plainHold } from './saved.ts';
import { heldOf, type SessionHold } from './session-hold.ts';
import { makeSessionHolds, type SessionEvent, STRAGGLER_MS } from './session-holds.ts';

/** Of one exporter, records that come this much later than a younger one are still put in order, ms. */
export const LATENESS_MS = 120_000;
/** So many holds are remembered after they were given out; a saved state has those of the last hour only. */
export const MOST_REMEMBERED = 100_000;
export const REMEMBER_MS = 3_600_000;
/** A hold whose Stop was lost may still speak up after another took its place; it is given out after that long. */
export const LINGER_MS = 86_400_000;

const NEVER = Number.POSITIVE_INFINITY;

type Ordered = SessionEvent | Extract<LogEvent, { what: 'reset' }>;

interface Exporter {
  latest: Instant;
  /** Not applied yet from `head` on, ascending. */
  readonly waiting: Ordered[];
  head: number;
  readonly due: ReturnType<typeof makeQueue<SessionHold>>;
}

interface Saved {
  readonly exporters: readonly {
    readonly name: string;
    readonly latest: Instant;
    readonly resets: readonly Instant[];
    readonly waiting: readonly Plain[];
  }[];
  readonly holds: readonly Plain[];
}

const RANKS: Readonly<Record<Ordered['what'], number>> = { reset: 0, begin: 1, alive: 2, 'ended-by': 3, end: 4 };
const sinceOf = (e: Ordered) => ('since' in e && e.since !== undefined ? e.since : NEVER);
/** A total order on all that matters, so that equal instants leave no choice. */
const inOrder = (a: Ordered, b: Ordered): number =>
  a.at - b.at ||
  RANKS[a.what] - RANKS[b.what] ||
  a.errorMs - b.errorMs ||
  (sinceOf(a) < sinceOf(b) ? -1 : sinceOf(a) > sinceOf(b) ? 1 : 0);

function insert({ waiting, head }: Exporter, event: Ordered): void {
  let low = head;
  for (let high = waiting.length; low < high; ) {
    // Most records come in order.
    const middle = high === waiting.length ? high - 1 : (low + high) >>> 1;
    if (inOrder(waiting[middle] as Ordered, event) > 0) high = middle;
    else low = middle + 1;
  }
  if (low === waiting.length) waiting.push(event);
  else waiting.splice(low, 0, event);
}

function dueOf(hold: SessionHold): Instant {
  if (hold.end !== undefined) return Math.max(hold.end, hold.endReach) + STRAGGLER_MS;
  return Math.min(hold.softEnd, hold.cap + LINGER_MS);
}

export function makeSessionFolder(saved?: unknown): Folder {
  const exporters = new Map<string, Exporter>();
  const given: SessionHold[] = [];
  let oldest = 0;

  const exporterOf = (name: string): Exporter => {
    let exporter = exporters.get(name);
    if (!exporter) {
      exporter = { latest: -NEVER, waiting: [], head: 0, due: makeQueue() };
      exporters.set(name, exporter);
    }
    return exporter;
  };
  const holds = makeSessionHolds(hold => {
    const due = dueOf(hold);
    if (due === hold.due || hold.given) return;
    hold.due = due;
    if (due !== NEVER) exporterOf(hold.exporter).due.push(due, hold);
  });

  function apply(event: Ordered): void {
    if (event.what === 'reset') holds.reset(event.exporter, event.at, event.errorMs);
    else holds.apply(event);
  }

  function advance(exporter: Exporter): void {
    const { waiting } = exporter;
    const limit = exporter.latest - LATENESS_MS;
    while (exporter.head < waiting.length && (waiting[exporter.head] as Ordered).at <= limit)
      apply(waiting[exporter.head++] as Ordered);
    if (exporter.head < 1_000 || exporter.head * 2 < waiting.length) return;
    waiting.splice(0, exporter.head);
    exporter.head = 0;
  }

  function forgetSome(): void {
    while (given.length - oldest > MOST_REMEMBERED) holds.forget(given[oldest++] as SessionHold);
    if (oldest < MOST_REMEMBERED / 10) return;
    given.splice(0, oldest);
    oldest = 0;
  }

  const isRecent = (hold: SessionHold): boolean =>
    !hold.given || hold.due + REMEMBER_MS > exporterOf(hold.exporter).latest - LATENESS_MS;

  const folder: Folder = {
    take(event) {
      if (event.what === 'lease' || event.what === 'release' || event.what === 'held') return;
      const exporter = exporterOf(event.exporter);
      // A clock that is off by hours does not hurry the others.
      if (event.at - event.errorMs > exporter.latest) exporter.latest = event.at - event.errorMs;
      if (event.what === 'heard' || event.what === 'lost') return;
      if (event.at > exporter.latest - LATENESS_MS) return insert(exporter, event);
      advance(exporter);
      apply(event);
    },
    closed() {
      const out: Held[] = [];
      for (const exporter of exporters.values()) {
        advance(exporter);
        const limit = exporter.latest - LATENESS_MS;
        for (let next = exporter.due.popUpTo(limit); next; next = exporter.due.popUpTo(limit)) {
          const hold = next.item;
          if (hold.given || hold.due !== next.rank) continue;
          out.push(heldOf(holds.ground(hold)));
          holds.give(hold);
          given.push(hold);
        }
      }
      forgetSome();
      return out;
    },
    open() {
      const ahead = makeSessionHolds(() => undefined);
      for (const hold of holds.all()) ahead.put(hold.given ? hold : { ...hold });
      const waiting: Ordered[] = [];
      for (const [name, exporter] of exporters) {
        for (const at of holds.resets(name)) ahead.putReset(name, at);
        for (const event of exporter.waiting.slice(exporter.head)) waiting.push(event);
      }
      waiting.sort(inOrder);
      for (const event of waiting)
        if (event.what === 'reset') ahead.reset(event.exporter, event.at, event.errorMs);
        else ahead.apply(event);
      const out: Held[] = [];
      for (const hold of ahead.all()) if (!hold.given) out.push(heldOf(ahead.ground(hold)));
      return out;
    },
    save(): Saved {
      return {
        exporters: [...exporters].map(([name, e]) => ({
          ...{ name, latest: e.latest, resets: holds.resets(name) },
          waiting: e.waiting.slice(e.head).map(plainEvent),
        })),
        holds: [...holds.all()].filter(isRecent).map(plainHold),
      };
    },
  };

  if (saved !== undefined) {
    const { exporters: all, holds: kept } = saved as Saved;
    for (const { name, latest, resets, waiting } of all) {
      const exporter = exporterOf(name);
      exporter.latest = latest;
      for (const at of resets) holds.putReset(name, at);
      for (const event of waiting) exporter.waiting.push(eventOf(event) as Ordered);
    }
    for (const plain of kept) {
      const hold = holdOf(plain);
      holds.put(hold);
      if (hold.given) given.push(hold);
      else if (hold.due !== NEVER) exporterOf(hold.exporter).due.push(hold.due, hold);
    }
    given.sort((a, b) => a.due - b.due);
  }
  return folder;
}
