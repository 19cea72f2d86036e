/**
 * Folds the records of carrier NATs. A record names customer and ports but bears no number, so a begin and an end prove what lies
 * between them only when nothing is missing there: the customer may have lost the ports, another had them, and both records gone.
 * So the folder of sessions below is fed with one session for each stretch without loss. In: events. Out: holds. At a loss all that
 * was open is proven up to the last record before it; what comes after stands for itself, unless the record says since when.
 *
 *   begin   lost   end          sure [begin, loss], [end]; possible between
 *   begin   lost   alive since  sure [begin, alive], as the box itself says that it is still the same
 */
import type { Instant } from '../../../record/instant.ts';
import type { Folder, LogEvent } from '../event.ts';
import { makeSessionFolder } from '../sessions/fold.ts';
import { isTied } from './mapping.ts';

type Record = Extract<LogEvent, { what: 'begin' | 'alive' | 'end' }>;
type Lost = Extract<LogEvent, { what: 'lost' }>;

/** Losses of one exporter that are kept apart; of more the oldest are one. */
const MOST_LOSSES = 5_000;
/** Stretch before the first loss. */
const WHOLE = '';

interface Box {
  /** Ascending, not overlapping. */
  losses: [from: Instant, to: Instant][];
  /** Sessions that are open, with evidence since the last loss. */
  readonly open: Map<string, Record>;
  /** Sessions that a record carried over a loss: the stretch they began in, and the one they were seen in. */
  readonly carried: Map<string, readonly [began: string, seen: string]>;
}

interface Saved {
  readonly inner: unknown;
  readonly boxes: readonly (readonly [
    string,
    Box['losses'],
    [string, Record][],
    [string, readonly [string, string]][],
  ])[];
}

/** The stretch an instant lies in, by the end of the loss before it. Within a loss every instant stands alone. */
export function stretchOf(losses: readonly (readonly [Instant, Instant])[], at: Instant): string {
  let low = 0;
  for (let high = losses.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if ((losses[middle]?.[0] as number) < at) low = middle + 1;
    else high = middle;
  }
  const loss = losses[low - 1];
  if (!loss) return WHOLE;
  return at < loss[1] ? `in ${at}` : `${loss[1]}`;
}

function addLoss(box: Box, from: Instant, to: Instant): void {
  const apart = box.losses.filter(([f, t]) => t < from || to < f);
  const joined = box.losses.filter(([f, t]) => t >= from && to >= f);
  apart.push([Math.min(from, ...joined.map(l => l[0])), Math.max(to, ...joined.map(l => l[1]))]);
  apart.sort((a, b) => a[0] - b[0]);
  if (apart.length > MOST_LOSSES) {
    const [first, second] = apart.splice(0, 2) as [[Instant, Instant], [Instant, Instant]];
    apart.unshift([first[0], second[1]]);
  }
  box.losses = apart;
}

export function makeNatFolder(saved?: unknown): Folder {
  const known = saved as Saved | undefined;
  const inner = makeSessionFolder(known?.inner);
  const boxes = new Map<string, Box>();
  for (const [name, losses, open, carried] of known?.boxes ?? [])
    boxes.set(name, { losses, open: new Map(open), carried: new Map(carried) });

  const boxOf = (name: string): Box => {
    let box = boxes.get(name);
    if (!box) {
      box = { losses: [], open: new Map(), carried: new Map() };
      boxes.set(name, box);
    }
    return box;
  };
  const give = (event: Record, stretch: string) =>
    inner.take(stretch === WHOLE ? event : { ...event, session: `${event.session} after ${stretch}` });

  function lost(event: Lost): void {
    const box = boxOf(event.exporter);
    const { from, at, errorMs } = event;
    if (box.losses.some(([f, t]) => f <= from && at <= t)) return;
    // No end had come: up to here nothing was missing.
    for (const open of box.open.values())
      if (open.at < from) {
        const { since: _, ...plain } = open as Record & { since?: Instant };
        give({ ...plain, what: 'alive', at: from, errorMs: Math.max(errorMs, open.errorMs) }, stretchFor(box, open));
      }
    box.open.clear();
    for (const [session, [, seen]] of box.carried)
      if (seen !== stretchOf(box.losses, from)) box.carried.delete(session);
    addLoss(box, from, at);
  }

  function stretchFor(box: Box, event: Record): string {
    const here = stretchOf(box.losses, event.at);
    const carried = box.carried.get(event.session);
    return carried && carried[1] === here ? carried[0] : here;
  }

  function record(event: Record): void {
    const box = boxOf(event.exporter);
    const { session, what } = event;
    const here = stretchOf(box.losses, event.at);
    const since = 'since' in event ? event.since : undefined;
    const began = since === undefined ? here : stretchOf(box.losses, since);
    if (what === 'begin') box.carried.delete(session);
    else if (began !== here && !began.startsWith('in ')) box.carried.set(session, [began, here]);
    give(event, stretchFor(box, event));
    if (what === 'end') box.open.delete(session);
    else if (!here.startsWith('in ') && (box.open.get(session)?.at ?? Number.NEGATIVE_INFINITY) <= event.at)
      box.open.set(session, event);
  }

  return {
    take(event) {
      if (event.what === 'lost') lost(event);
      else if (event.what === 'reset') boxOf(event.exporter).open.clear();
      const isRecord = event.what === 'begin' || event.what === 'alive' || event.what === 'end';
      if (isRecord && !isTied(event.session)) record(event);
      else inner.take(event);
    },
    closed: () => inner.closed(),
    open: () => inner.open(),
    save: (): Saved => ({
      inner: inner.save(),
      boxes: [...boxes].map(([name, box]) => [name, box.losses, [...box.open], [...box.carried]]),
    }),
  };
}
