/** One pool of addresses: who may be found behind it, and by which log. */
import type { Prefix } from '../../record/address.ts';
import type { PoolKind } from '../../record/glossary.ts';
import type { Leads, Valid } from './chain.ts';

/** Names of log formats; `pd` is any log of delegated prefixes. */
export const POOL_LOGS = [
  'csv',
  'kea',
  'kea6',
  'kea-log',
  'dhcpd',
  'radius-detail',
  'radacct',
  'cgn-cisco',
  'cgn-juniper',
  'cgn-a10',
  'ipfix',
  'nfacct',
  'pd',
  'none',
] as const;
export type PoolLog = (typeof POOL_LOGS)[number];

export interface Pool extends Valid {
  readonly prefix: Prefix;
  readonly pool: PoolKind;
  readonly log: PoolLog;
  /** The one source of logs that speaks for this pool; without it every source of the format does. */
  readonly source?: string | undefined;
  /** The boxes that can serve this pool; without it every box that the sources have heard of. */
  readonly exporters?: readonly string[] | undefined;
  /** Addresses of the ISP's own equipment: never a customer's. */
  readonly infrastructure: boolean;
  /** The lowest port the sharing scheme ever gives a customer; 0 where the line has the whole address. */
  readonly portsFrom: number;
  /** How far the clock of the log may be off, ms. */
  readonly logClockErrorMs: number;
  /** '' outside; the name of an inside network (a VRF), whose addresses no finding can name. */
  readonly realm: string;
  /** Rules that lead from this pool to another place (MAP, deterministic NAT); absent where its log names who held it. */
  readonly leads?: Leads | undefined;
  /** The realm that a rule leads into. */
  readonly inside: string;
  /** A finding older than this is not answered any more, ms. */
  readonly answerWithinMs: number;
}

/** MAP-E with PSID offset 4 leaves ports 0-4095 unassigned (RFC 7597 §5.1, A = 0); carrier NATs leave the system ports. */
export const LOWEST_PORT: Readonly<Record<PoolKind, number>> = {
  dedicated: 0,
  dynamic: 0,
  cgn: 1_024,
  'map-e': 4_096,
  reseller: 0,
};

export const isShared = (pool: Pool): boolean => pool.pool === 'cgn' || pool.pool === 'map-e';
