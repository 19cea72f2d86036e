/** What the resolver needs of the logs: holds with their two extents, and how far the logs are complete. */
import type { Instant } from '../../record/instant.ts';
import type { Behind } from './chain.ts';
import type { Coverage } from './coverage.ts';
import type { Pools } from './pools.ts';

/** Somebody held it; ms UTC, Infinity for an open end. An empty sure extent has sureFrom > sureTo. */
export interface Hold {
  readonly source: string;
  readonly exporter: string;
  /** Agent-local number of the line; 0 when somebody unknown was there, which can only veto. */
  readonly subscriber: number;
  readonly possibleFrom: Instant;
  readonly sureFrom: Instant;
  readonly sureTo: Instant;
  readonly possibleTo: Instant;
  /** Bits of a delegated IPv6 prefix; absent for IPv4. */
  readonly length?: number | undefined;
}

export const UNKNOWN_LINE = 0;

/** The sure extent that a folder gives a hold whose records' own clocks disagree beyond what is allowed: never sure. */
export const UNTRUSTED = { sureFrom: Number.POSITIVE_INFINITY, sureTo: 0 } as const;
export const isUntrusted = (hold: Hold): boolean => hold.sureFrom === Number.POSITIVE_INFINITY;

export interface LogSource {
  readonly name: string;
  readonly format: string;
  readonly exporters: readonly { readonly exporter: string; readonly first: Instant; readonly through: Instant }[];
}

/** An index of assignments (index.ts), as far as a verdict depends on it. */
export interface Logs {
  readonly pools: Pools;
  readonly sources: readonly LogSource[];
  /** Every hold of (address, port) whose possible extent meets [from, to], of all sources. */
  touching(address: number, port: number, from: Instant, to: Instant): readonly Hold[];
  /** Likewise of every delegated prefix that holds the address. */
  touching6(address: bigint, from: Instant, to: Instant): readonly Hold[];
  everHeld(address: number, port: number): boolean;
  everHeld6(address: bigint): boolean;
  covers(source: string, from: Instant, to: Instant, exporter?: string): Coverage;
  /** Where a number leads that stands for an address and not for a line. */
  behindOf(subscriber: number): Behind | undefined;
}
