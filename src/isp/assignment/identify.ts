/**
 * Whose line it was. In: the index and one (address, port, instant) with its clock error. Out: a verdict; only `unique`
 * names a subscriber. Every interval that could have covered the instant is considered; tolerance is a veto and never
 * a match; nothing is ever chosen by likelihood or recency.
 */
import { parseIpv4 } from '../../record/address.ts';
import type { Identification, IdentificationVerdict } from '../../record/assignment.ts';
import { type Instant, isoOf } from '../../record/instant.ts';
import type { AssignmentIndex, Touching } from './index.ts';
import { isShared, type Pool } from './pools.ts';
import type { SegmentInfo } from './segment.ts';

export interface Question {
  readonly address: string;
  readonly port: number;
  readonly at: Instant;
  readonly clockErrorMs: number;
}

/** Log instants are whole seconds. */
const GRANULARITY = 1_000;

const no = (verdict: Exclude<IdentificationVerdict, 'unique'>, why: string): Identification => ({ verdict, why });
const covers = (s: SegmentInfo, from: Instant, to: Instant) => s.first <= from && to <= s.through;
const holds = (from: Instant, to: Instant, at: Instant) => from <= at && at <= to;

export function identify(index: AssignmentIndex, question: Question): Identification {
  const { port, at, clockErrorMs } = question;
  const address = parseIpv4(question.address);
  if (address === undefined) return no('malformed', 'the address is no IPv4 address');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) return no('malformed', 'the port is no port number');
  if (!Number.isFinite(at) || !(clockErrorMs >= 0))
    return no('malformed', 'the instant or its clock error is no number');
  const pool = index.pools.of(address);
  if (!pool) return no('not_mine', 'the address is in none of our pools');
  if (pool.infrastructure) return no('infrastructure', 'the address belongs to our own equipment');
  const refused = refuseShared(pool, port);
  if (refused) return refused;
  const error = clockErrorMs + pool.logClockErrorMs + GRANULARITY;
  const from = at - error;
  const to = at + error;
  const logs = index.segments.filter(segment => segment.format === pool.log);
  const complete = logs.filter(segment => covers(segment, from, to));
  if (complete.length === 0) return outside(logs, from, to);
  const touching = index.touching(address, port, from, to).filter(t => {
    // An older part of the same log did not know yet what a part that reaches this instant knows.
    return complete.includes(t.segment) || !complete.some(segment => segment.source === t.segment.source);
  });
  return decide(index, address, port, at, touching, complete);
}

function refuseShared(pool: Pool, port: number): Identification | undefined {
  if (isShared(pool)) {
    const name = pool.pool === 'cgn' ? 'CGN' : 'MAP-E';
    if (port === 0) return no('shared_no_port', `the address is shared (${name}) and the finding names no port`);
    if (port < pool.portsFrom)
      return no(
        'shared_port_impossible',
        `${name} never gives port ${port} of this pool to a customer (first ${pool.portsFrom})`,
      );
    if (pool.log === 'none') return no('log_gap', `the ${name} log of this pool cannot be read yet`);
  }
  if (pool.log === 'none') return no('log_gap', 'the log of this pool cannot be read yet');
  return undefined;
}

function outside(logs: readonly SegmentInfo[], from: Instant, to: Instant): Identification {
  if (logs.length === 0) return no('log_pending', 'no log of this pool has been imported yet');
  const through = Math.max(...logs.map(segment => segment.through));
  if (to > through) return no('log_pending', `our logs reach to ${isoOf(through)}; the finding is later`);
  if (from < Math.min(...logs.map(segment => segment.first)))
    return no('log_gap', 'the finding is older than the logs we hold');
  return no('log_gap', 'our logs have a gap at that instant');
}

function decide(
  index: AssignmentIndex,
  address: number,
  port: number,
  at: Instant,
  touching: readonly Touching[],
  complete: readonly SegmentInfo[],
): Identification {
  if (touching.length === 0)
    return index.everHeld(address, port)
      ? no('none_gap', 'nobody held the address at that instant')
      : no('none_unassigned', 'nobody ever held the address in our logs');
  const sure = touching.filter(t => complete.includes(t.segment) && holds(t.sureFrom, t.sureTo, at));
  const holders = new Set(sure.map(t => t.subscriber));
  const possible = touching.filter(t => holds(t.possibleFrom, t.possibleTo, at));
  const everybody = new Set(touching.map(t => t.subscriber));
  if (holders.size === 1 && everybody.size === 1) {
    const [subscriber] = holders as Set<string>;
    return {
      verdict: 'unique',
      subscriber: subscriber as string,
      why: 'one line held the address, and no other could have',
    };
  }
  const atOnce = new Set(possible.map(t => t.subscriber));
  if (atOnce.size > 1) {
    const sources = [...new Set(possible.map(t => t.segment.source))];
    const each = sources.map(s => new Set(possible.filter(t => t.segment.source === s).map(t => t.subscriber)));
    return each.every(names => names.size === 1)
      ? no('conflict_sources', `our logs name different lines (${sources.join(', ')})`)
      : no('ambiguous_overlap', `${atOnce.size} lines could have held the address at that instant`);
  }
  if (everybody.size > 1 || possible.length === 0)
    return no('ambiguous_edge', 'the holder changes within the error of the clocks');
  return no('ambiguous_soft_end', 'one line may have held the address, but the log does not prove that it still did');
}
