/**
 * What the records of sessions prove, by brute force over all of them at once: the meaning that `fold` computes as a stream. For
 * tests: it keeps everything and compares every hold with every other.
 */
import type { Instant } from '../../../record/instant.ts';
import type { Held, Holder, LogEvent } from '../event.ts';
import { UNTRUSTED } from '../hold.ts';
import { MOST_ERROR_MS } from './session-hold.ts';
import { RETRANSMIT_MS, ROUNDING_MS, type SessionEvent, STRAGGLER_MS } from './session-holds.ts';

const NEVER = Number.POSITIVE_INFINITY;
type Record = SessionEvent & { readonly since?: Instant };

interface Piece {
  readonly records: Record[];
  readonly stragglers: Record[];
  readonly began: boolean;
  readonly key: string;
}

const RANK = { begin: 1, alive: 2, 'ended-by': 3, end: 4 } as const;

const sinceOf = (r: Record) => r.since ?? Number.MAX_SAFE_INTEGER;
const inOrder = (a: Record, b: Record) =>
  a.at - b.at || RANK[a.what] - RANK[b.what] || a.errorMs - b.errorMs || sinceOf(a) - sinceOf(b);

const last = (p: Piece) => Math.max(...p.records.map(r => r.at));
const first = (p: Piece) => Math.min(...p.records.map(r => r.at));
const believed = (p: Piece) => p.records.filter(r => r.errorMs <= MOST_ERROR_MS);
const sureFrom = (p: Piece) => Math.min(...believed(p).map(r => r.at + r.errorMs));
const sureTo = (p: Piece) => Math.max(...believed(p).map(r => r.at - r.errorMs));
const ended = (p: Piece) => p.records.find(r => r.what === 'end');

const overlap = (a: Holder, b: Holder): boolean =>
  a.family === 4 && b.family === 4
    ? a.address === b.address && a.portFrom <= b.portTo && b.portFrom <= a.portTo
    : a.family === 6 && b.family === 6 && a.prefix === b.prefix && a.length === b.length;

/** The records of one key, ascending, cut where a new hold must have begun. */
function cut(key: string, records: readonly Record[], resets: readonly Instant[]): Piece[] {
  const pieces: Piece[] = [];
  for (const r of records) {
    const now = pieces.at(-1);
    const resetBetween = now && resets.some(at => at > last(now) && at < r.at);
    const end = now && ended(now);
    if (!now) pieces.push({ key, records: [r], stragglers: [], began: r.what === 'begin' });
    else if (r.what === 'begin') {
      const again = now.began && r.at - first(now) <= RETRANSMIT_MS && !end;
      if (again) now.records.push(r);
      else pieces.push({ key, records: [r], stragglers: [], began: true });
    } else if (end) {
      const straggles = r.at <= end.at + STRAGGLER_MS && (r.since === undefined || r.since <= end.at) && !resetBetween;
      if (straggles) now.stragglers.push(r);
      else pieces.push({ key, records: [r], stragglers: [], began: false });
    } else if (resetBetween || (r.since !== undefined && r.since > last(now) + ROUNDING_MS))
      pieces.push({ key, records: [r], stragglers: [], began: false });
    else now.records.push(r);
  }
  return pieces;
}

export function oracleHolds(events: readonly LogEvent[]): Held[] {
  const groups = new Map<string, Record[]>();
  for (const e of events) {
    if (e.what !== 'begin' && e.what !== 'alive' && e.what !== 'end') continue;
    const holder = e.holder.family === 4 ? e.holder : { ...e.holder, prefix: `${e.holder.prefix}` };
    const key = JSON.stringify([e.exporter, e.session, e.subscriber, holder]);
    groups.set(key, [...(groups.get(key) ?? []), e]);
  }
  const resetsOf = (exporter: string) =>
    events.filter(e => e.what === 'reset' && e.exporter === exporter).map(e => e.at + e.errorMs);
  const pieces = [...groups].flatMap(([key, records]) => {
    const order = [...records].sort(inOrder);
    return cut(key, order, resetsOf((records[0] as Record).exporter));
  });
  return pieces.map(p => {
    const [head] = p.records as [Record];
    const others = pieces.filter(
      o => o !== p && overlap((o.records[0] as Record).holder, head.holder) && believed(o).length > 0,
    );
    const end = ended(p);
    const soft = resetsOf(head.exporter).filter(at => at > last(p));
    const caps = others
      .filter(o => last(p) < sureFrom(o) || (last(p) === sureFrom(o) && first(p) < first(o)))
      .map(sureFrom);
    const possibleTo = end
      ? Math.max(
          end.at + end.errorMs,
          ...p.stragglers.filter(r => r.what === 'end' || r.at > end.at).map(r => r.at + r.errorMs),
        )
      : Math.max(last(p), Math.min(NEVER, ...soft, ...caps));
    const floors = others.filter(o => o.key !== p.key && (ended(o)?.at ?? NEVER) < first(p)).map(sureTo);
    const said = p.records.flatMap(r => {
      if (r.what === 'begin') return [r.at - r.errorMs];
      const doubt = r.errorMs > MOST_ERROR_MS && !p.began ? [r.at - r.errorMs] : [];
      const since =
        r.since !== undefined && (!p.began || r.since < first(p) - ROUNDING_MS) ? [r.since - r.errorMs] : [];
      return [...doubt, ...since];
    });
    const from = said.length > 0 ? Math.min(...said) : floors.length > 0 ? Math.max(...floors) : 0;
    return {
      holder: head.holder,
      subscriber: head.subscriber,
      exporter: head.exporter,
      possibleFrom: Math.min(first(p), from),
      ...(believed(p).length === 0
        ? UNTRUSTED
        : { sureFrom: sureFrom(p), sureTo: Math.min(sureTo(p), end?.at ?? NEVER) }),
      possibleTo,
    };
  });
}
