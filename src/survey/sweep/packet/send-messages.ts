/**
 * What passes between the thread that sends frames and the thread that keeps the books. Words go through a port in order;
 * what must be seen at once (stop, heartbeat, pace) is a shared number.
 */
import type { MessagePort } from 'node:worker_threads';
import type { GateTables } from '../../../mandate/authority.ts';
import type { SpaceRange } from '../../round/space.ts';
import { CONTROL, type Ending } from '../messages.ts';
import type { AuditRing } from './audit-ring.ts';
import type { Route } from './route.ts';

/** The first are those of messages.ts, so that the same pulse reads them. */
export const SEND_CONTROL = {
  ...CONTROL,
  /** How fast, in parts of PACE_WHOLE of what the mandate allows. */
  pace: 4,
} as const;
export const PACE_WHOLE = 65_536;

export interface SendInput {
  readonly gateTables: GateTables;
  readonly ranges: readonly SpaceRange[];
  readonly ports: readonly number[];
  /** The pass's own. */
  readonly key: Uint8Array;
  readonly cookieKey: Uint8Array;
  readonly shardSize: number;
  readonly driver: 'mmsg' | 'xdp' | 'dry';
  /** Absent in a dry run. */
  readonly route: Route | undefined;
  readonly sourcePort: number;
  readonly bypass: boolean;
  readonly calendarOffsetMs: number;
  /** Never-twice: how many indices are reserved at a time; 0 for at-least-once. */
  readonly reserve: number;
  /** Elements of the canaries. */
  readonly canaries: readonly number[];
  /** A later pass: what answered, by element. */
  readonly answered: SharedArrayBuffer | undefined;
  /** Where frames are copied for the self-audit. Absent in a dry run, and then only. */
  readonly audit: AuditRing | undefined;
  /** Int32Array over shared memory, one number for each of SEND_CONTROL. */
  readonly control: Int32Array;
  readonly port: MessagePort;
}

/** How one shard stands: everything below `cursor` is done, but for what is in `left`. Counts since it was granted. */
export interface RunLine {
  readonly shard: number;
  readonly cursor: number;
  readonly left: readonly number[];
  readonly sent: number;
  readonly excluded: number;
  /** Skipped, because it had answered in an earlier pass. */
  readonly known: number;
}

export interface SendReport {
  readonly lines: readonly RunLine[];
  /** Since this sender began; canaries apart. */
  readonly sent: number;
  readonly excluded: number;
  readonly known: number;
  /** Frames this machine could not send when they were submitted; each was submitted again. */
  readonly faults: number;
  readonly canaries: readonly number[];
  readonly perSecond: number;
}

export type FromPacketSender =
  | { readonly type: 'started'; readonly driver: 'mmsg' | 'xdp' | 'dry'; readonly note: string }
  /** Wants the next shard of a group. */
  | { readonly type: 'ask'; readonly group: number }
  /** Wants indices below `upTo` reserved in the ledger. */
  | { readonly type: 'reserve'; readonly shard: number; readonly upTo: number }
  | { readonly type: 'report'; readonly report: SendReport }
  | { readonly type: 'end'; readonly ending: Ending };

export type ToPacketSender =
  | {
      readonly type: 'shard';
      readonly group: number;
      readonly shard: number;
      /** The index to go on at, the one after the last, and those below the first that are not done. */
      readonly cursor: number;
      readonly to: number;
      readonly left: readonly number[];
    }
  | { readonly type: 'none'; readonly group: number }
  | { readonly type: 'reserved'; readonly shard: number; readonly upTo: number };

/** The sender's end of the messages; see makeLink. */
export interface SendLink {
  readonly stopping: boolean;
  paused(now: number): boolean;
  take(): ToPacketSender | undefined;
  post(message: Exclude<FromPacketSender, { type: 'report' | 'end' }>): void;
  report(report: SendReport): void;
  /** In (0, 1]. */
  readonly pace: number;
  idle(ms: number): void;
}
