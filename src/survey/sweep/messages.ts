/**
 * What passes between the thread that sends and the thread that keeps the books. Words go through a port in order; what
 * must be seen at once (stop, heartbeat) is a shared number. Books come first: a shard is granted after its audit entry.
 */
import type { MessagePort } from 'node:worker_threads';
import type { GateTables, Refusal } from '../../mandate/authority.ts';
import type { Hit } from '../../record/observation.ts';
import type { ShardLine, ShardState } from '../round/ledger.ts';
import type { ShardPlan } from '../round/shards.ts';
import type { SpaceRange } from '../round/space.ts';
import type { Tally } from '../round/tally.ts';
import type { Driver } from './driver.ts';
import type { ListTables } from './list/list-gate.ts';

export interface FoundHit extends Hit {
  readonly isp: string;
}

export interface WorkerInput {
  readonly gateTables: GateTables;
  readonly ranges: readonly SpaceRange[];
  readonly ports: readonly number[];
  /** Instead of ranges. */
  readonly list?: ListTables | undefined;
  readonly key: Uint8Array;
  readonly plan: ShardPlan;
  readonly driver: 'auto' | 'connect' | 'dry';
  readonly concurrency: number;
  readonly calendarOffsetMs: number;
  /** Never-twice: how many indices are reserved at a time; 0 for at-least-once. */
  readonly reserve: number;
  /** Int32Array over shared memory, one number for each of CONTROL. */
  readonly control: Int32Array;
  readonly port: MessagePort;
}

export const CONTROL = {
  /** Not 0: end, with the books right. */
  stop: 0,
  /** Rises while the main thread lives. */
  beat: 1,
  /** Reports the main thread has worked through. */
  read: 2,
  /** Changes, with a notification, when the sender should look at its port. */
  wake: 3,
} as const;

export type Ending =
  | { readonly type: 'done' }
  | { readonly type: 'asked' }
  | { readonly type: 'refused'; readonly refusal: Refusal }
  | { readonly type: 'fault'; readonly what: string; readonly remedy: string };

export interface Report {
  readonly hits: readonly FoundHit[];
  readonly lines: readonly ShardLine[];
  /** Since this sender began, in whatever order indices ended. */
  readonly tally: Tally;
  readonly packets: number;
  /** Attempts this machine could not make, each tried again. */
  readonly faults: number;
  readonly perSecond: number;
}

export type FromSender =
  | { readonly type: 'started'; readonly driver: Driver['name']; readonly note: string }
  /** Wants the next shard. */
  | { readonly type: 'ask' }
  /** Wants `line.reserved` in the ledger. */
  | { readonly type: 'reserve'; readonly line: ShardLine }
  | { readonly type: 'report'; readonly report: Report }
  | { readonly type: 'end'; readonly ending: Ending };

export type ToSender =
  | { readonly type: 'shard'; readonly state: ShardState; readonly to: number }
  | { readonly type: 'none' }
  | { readonly type: 'reserved'; readonly shard: number; readonly upTo: number };
