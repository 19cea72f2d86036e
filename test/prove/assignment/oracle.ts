/**
 * The oracle: what records prove, by brute force over every pair of them. In: the events that arrived and by how much clocks may be
 * off. Out: stretches of true time in which no history that fits the records has anybody else on a slot. It knows no folder and
 * no index, and assumes that any number of records may be missing:
 *
 * - Two records of one session prove everything between them, unless a third says that it ended or began anew in between.
 * - A lease proves everything until it runs out, is given back, or somebody else's lease shows that it ended at an unknown
 *   instant; then only up to its last renewal.
 */
import type { LogEvent } from '../../../src/isp/assignment/event.ts';

export interface Proof {
  readonly line: string;
  /** True time, ms. */
  readonly from: number;
  readonly to: number;
}

type OfSession = Extract<LogEvent, { what: 'begin' | 'alive' | 'end' | 'ended-by' }>;
type OfLease = Extract<LogEvent, { what: 'lease' | 'release' }>;

/** Rounding to whole seconds, either way. */
export const GRAIN = 1_000;
/** A record that admits more proves nothing. */
const MOST_ERROR = 600_000;

const keyOf = (e: OfSession | OfLease): string => {
  const { holder } = e;
  const place =
    holder.family === 4 ? `${holder.address}:${holder.portFrom}-${holder.portTo}` : `${holder.prefix}/${holder.length}`;
  return `${place} ${e.exporter} ${e.session} ${e.subscriber}`;
};

/** `bound`: greatest offset of a clock that no record admits. By place. */
export function provenBySessions(events: readonly LogEvent[], bound: number): Map<string, Proof[]> {
  const groups = Map.groupBy(
    events.filter(e => e.what === 'begin' || e.what === 'alive' || e.what === 'end' || e.what === 'ended-by'),
    keyOf,
  );
  const resets = events.filter(e => e.what === 'reset');
  const losses = events.filter(e => e.what === 'lost');
  const out = new Map<string, Proof[]>();
  for (const [key, all] of groups) {
    const place = key.slice(0, key.indexOf(' '));
    const proofs = out.get(place) ?? [];
    out.set(place, proofs);
    for (const a of all)
      for (const b of all) {
        if (a.at > b.at || a.what === 'end' || a.what === 'ended-by' || b.what === 'begin' || b.what === 'ended-by')
          continue;
        if (a.errorMs > MOST_ERROR || b.errorMs > MOST_ERROR) continue;
        if ('since' in b && b.since !== undefined && b.since > a.at + 2 * GRAIN) continue;
        const parts = all.some(c => a.at < c.at && c.at < b.at && c.what !== 'alive');
        // A clock that was set at a reboot may put the reboot before or after what it parts.
        const [after, before] = [a.at - 2 * bound, b.at + 2 * bound];
        const fell = resets.some(
          r => r.exporter === a.exporter && after < r.at + r.errorMs && r.at - r.errorMs < before,
        );
        // A box that says what is lost has said all else: a pair holds unless a loss lies between, or the later one says since when.
        const since = 'since' in b && b.since !== undefined;
        const gone = !since && losses.some(l => l.exporter === a.exporter && l.from < before && after < l.at);
        if (parts || fell || gone) continue;
        proofs.push({
          line: a.subscriber,
          from: a.at + a.errorMs + bound + GRAIN,
          to: b.at - b.errorMs - bound - GRAIN,
        });
      }
  }
  for (const [place, proofs] of out) out.set(place, widest(proofs));
  return out;
}

/** Without those that lie within another of the same line: they add nothing. */
function widest(proofs: readonly Proof[]): Proof[] {
  const reached = new Map<string, number>();
  return proofs
    .filter(p => p.from <= p.to)
    .sort((a, b) => a.from - b.from || b.to - a.to)
    .filter(p => {
      const isNew = p.to > (reached.get(p.line) ?? 0);
      if (isNew) reached.set(p.line, p.to);
      return isNew;
    });
}

export function provenByLeases(events: readonly LogEvent[], bound: number): Map<string, Proof[]> {
  const leases = events.filter(e => e.what === 'lease' || e.what === 'release');
  const place = (e: OfLease) => keyOf(e).slice(0, keyOf(e).indexOf(' '));
  const out = new Map<string, Proof[]>();
  for (const [slot, all] of Map.groupBy(leases, place))
    out.set(
      slot,
      all.flatMap(lease => (lease.what === 'lease' ? [provenByLease(lease, all, bound)] : [])),
    );
  return out;
}

function provenByLease(lease: Extract<OfLease, { what: 'lease' }>, all: readonly OfLease[], bound: number): Proof {
  const isOwn = (e: OfLease) => e.session === lease.session && e.subscriber === lease.subscriber;
  // Given back and given away in one second: the one comes before the other.
  const here = all.indexOf(lease);
  const later = all.filter(
    (e, i) => (e.at > lease.at || (e.at === lease.at && i > here)) && (isOwn(e) || e.what === 'lease'),
  );
  later.sort((a, b) => a.at - b.at || Number(isOwn(b)) - Number(isOwn(a)));
  let last = lease;
  let to = lease.until;
  for (const e of later) {
    if (e.at >= last.until) break;
    if (isOwn(e) && e.what === 'lease') {
      last = e;
      to = e.until;
      continue;
    }
    to = isOwn(e) ? e.at : last.at;
    break;
  }
  return { line: lease.subscriber, from: lease.at + bound + GRAIN, to: to - bound - GRAIN };
}

/** The one line that held it all through [from, to] in every history; undefined when there is none. */
export function decide(proofs: readonly Proof[], from: number, to: number): string | undefined {
  let line: string | undefined;
  for (const p of proofs) {
    if (p.from > to || p.to < from || p.from > p.to) continue;
    if (line !== undefined && p.line !== line) return undefined;
    line = p.line;
  }
  if (line === undefined) return undefined;
  let reached = from;
  for (let moved = true; moved && reached < to; ) {
    moved = false;
    for (const p of proofs)
      if (p.line === line && p.from <= reached && p.to > reached) {
        reached = p.to;
        moved = true;
      }
  }
  return reached >= to ? line : undefined;
}
