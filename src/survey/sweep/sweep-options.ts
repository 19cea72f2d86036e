/** What `runSweep` is asked and what it says: options, progress, result. */
import type { GateTables, Refusal } from '../../mandate/authority.ts';
import type { SweepCount } from '../../record/observation.ts';
import type { LedgerPolicy } from '../round/ledger.ts';
import type { SpaceRange } from '../round/space.ts';
import type { Tally } from '../round/tally.ts';
import type { Driver } from './driver.ts';
import type { ListTables } from './list/list-gate.ts';
import type { FoundHit } from './messages.ts';

export type SweepDriver = 'auto' | 'connect' | 'dry';

export interface SweepProgress {
  readonly total: number;
  readonly done: number;
  readonly sent: number;
  readonly excluded: number;
  readonly answered: number;
  /** Pairs ended per second, lately. */
  readonly perSecond: number;
}

export interface SweepOptions {
  readonly gateTables: GateTables;
  /** Sorted, disjoint, inclusive. */
  readonly ranges: readonly SpaceRange[];
  readonly ports: readonly number[];
  /** A list of addresses instead of ranges, which are empty then; always by connects. Its gates count, not `gateTables`. */
  readonly list?: ListTables | undefined;
  /** 32 bytes that decide the order; the same for every resume of a round. */
  readonly key: Uint8Array;
  /** Pairs in one shard. */
  readonly shardSize: number;
  /** Not read or written by a dry run, which does nothing that could be resumed. */
  readonly ledgerFile: string;
  readonly driver: SweepDriver;
  /** What the sender adds to its own wall clock to have the calendar. */
  readonly calendarOffsetMs: number;
  readonly concurrency?: number;
  readonly policy?: LedgerPolicy;
  /** Only these shards of the round, as leased; all by default. */
  readonly shards?: readonly number[];
  readonly onHit: (hit: FoundHit) => void | Promise<void>;
  /** At most five a second. */
  readonly onProgress?: (progress: SweepProgress) => void;
  /** Once a shard is done and in the ledger; again for it on a resume. */
  readonly onShard?: (count: Omit<SweepCount, 'round'>) => void | Promise<void>;
  /** Awaited before the first connect of a shard (the audit); from an index to the one before `toIndex`. Not in a dry run. */
  readonly beforeShard?: (shard: number, fromIndex: number, toIndex: number) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

export interface SweepResult {
  readonly total: number;
  /** sent + excluded = total when `done`. */
  readonly sent: number;
  readonly excluded: number;
  readonly answered: number;
  readonly tally: Tally;
  readonly done: boolean;
  /** Why it is not done: the gate closed, or the signal asked. */
  readonly stopped?: Refusal | 'asked';
  /** Connects of this run; a resume after a crash may repeat some. */
  readonly packets: number;
  /** Attempts of this run that this machine could not make at once. */
  readonly faults: number;
  readonly resumed: boolean;
  readonly driver: Driver['name'];
  /** Why the driver is the fallback; empty when it is not. */
  readonly note: string;
}
