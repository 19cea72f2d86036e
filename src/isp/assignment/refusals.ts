/**
 * Reasons to answer nothing before any hold is looked at: one function each, pure. In: the question, its pool, how far the logs
 * reach. Out: a refusal of the closed set (record/assignment.ts), or undefined when there is no such reason.
 */
import type { Identification, IdentificationVerdict } from '../../record/assignment.ts';
import { type Instant, isoOf } from '../../record/instant.ts';
import type { Pool } from './pool.ts';
import { isShared } from './pool.ts';
import type { Pools } from './pools.ts';
import type { Covered } from './serving.ts';

export interface Question {
  /** IPv4 or IPv6 text. */
  readonly address: string;
  readonly port: number;
  readonly at: Instant;
  readonly clockErrorMs: number;
  /** When it is asked; without it nothing is too old to be answered. */
  readonly askedAt?: Instant | undefined;
  /** Until when the bundle may be acted upon. */
  readonly expires?: Instant | undefined;
}

export type Refusal = Exclude<IdentificationVerdict, 'unique'>;
type Maybe = Identification | undefined;

export const no = (verdict: Refusal, why: string): Identification => ({ verdict, why });

export function malformed({ port, at, clockErrorMs }: Question): Maybe {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) return no('malformed', 'the port is no port number');
  if (!Number.isFinite(at) || !(clockErrorMs >= 0 && clockErrorMs < Number.POSITIVE_INFINITY))
    return no('malformed', 'the instant or its clock error is no number');
  return undefined;
}

export function expired({ at, askedAt, expires }: Question, pool?: Pool): Maybe {
  if (askedAt === undefined) return undefined;
  if (expires !== undefined && askedAt > expires)
    return no('expired', `the bundle could be acted upon until ${isoOf(expires)}`);
  if (pool && askedAt - at > pool.answerWithinMs)
    return no('expired', 'the finding is older than this pool answers for');
  return undefined;
}

/** Set by whoever read the revocation, never by a look-up. */
export const revoked = (): Identification => no('revoked', 'the centre has revoked the finding');

export const notMine = (pool: Pool | undefined): Maybe =>
  pool ? undefined : no('not_mine', 'the address was in none of our pools at that instant');

export const infrastructure = (pool: Pool): Maybe =>
  pool.infrastructure ? no('infrastructure', 'the address belongs to our own equipment') : undefined;

const sharing = (pool: Pool) => (pool.pool === 'cgn' ? 'CGN' : 'MAP-E');

export const sharedNoPort = (pool: Pool, port: number): Maybe =>
  port === 0 && isShared(pool)
    ? no('shared_no_port', `the address is shared (${sharing(pool)}) and the finding names no port`)
    : undefined;

export const sharedPortImpossible = (pool: Pool, port: number): Maybe =>
  port < pool.portsFrom && isShared(pool)
    ? no(
        'shared_port_impossible',
        `${sharing(pool)} never gives port ${port} of this pool to a customer (first ${pool.portsFrom})`,
      )
    : undefined;

export function unreadable(pool: Pool): Maybe {
  if (pool.log !== 'none') return undefined;
  return no('log_gap', `the ${isShared(pool) ? `${sharing(pool)} ` : ''}log of this pool cannot be read yet`);
}

/** The pool itself, or how it is handed out, begins or ends within the error of the clocks. */
export function poolEdge(pools: Pools, look: (at: Instant) => Pool | undefined, from: Instant, to: Instant): Maybe {
  const changes = pools.changes(from, to);
  if (changes.length === 0) return undefined;
  const first = look(from);
  return changes.every(at => look(at) === first)
    ? undefined
    : no('ambiguous_edge', 'how the pool is handed out changes within the error of the clocks');
}

export function logGap({ cover, exporter }: Covered): Maybe {
  return cover === 'gap' ? no('log_gap', `the log of ${exporter} has a gap at that instant`) : undefined;
}

export function logPending({ cover, exporter }: Covered): Maybe {
  return cover === 'pending' ? no('log_pending', `the log of ${exporter} does not reach that instant yet`) : undefined;
}

export function staleLog({ cover, exporter }: Covered): Maybe {
  return cover === 'before'
    ? no('stale_log', `the finding is older than what we still hold of the log of ${exporter}`)
    : undefined;
}
