/** What `runSweep` is asked and what it says: options, progress, result. */
import type { GateTables, Refusal } from '../../mandate/authority.ts';
import type { ReplyClass, SweepCount } from '../../record/observation.ts';
import type { LedgerPolicy } from '../round/ledger.ts';
import type { SpaceRange } from '../round/space.ts';
import type { Tally } from '../round/tally.ts';
import type { Driver } from './driver.ts';
import type { ListTables } from './list/list-gate.ts';
import type { FoundHit } from './messages.ts';
import type { Canary, CanaryCount } from './packet/canaries.ts';
import type { SweepLaw } from './packet/self-auditor.ts';

/** `mmsg` and `xdp` send raw frames and need CAP_NET_RAW; `auto` takes `mmsg` or `connect` and says why. */
export type SweepDriver = 'auto' | 'mmsg' | 'xdp' | 'connect' | 'dry';

export interface SweepProgress {
  readonly total: number;
  readonly done: number;
  readonly sent: number;
  readonly excluded: number;
  readonly answered: number;
  /** Pairs ended per second, lately. */
  readonly perSecond: number;
  /** Skipped in a later pass, because they had answered. */
  readonly known?: number;
  /** From 1. */
  readonly pass?: number;
  /** Raw sweeps: replies that the kernel lost so far in this pass. */
  readonly drops?: number;
}

/** An answer of any class, as a raw sweep sees it. */
export interface FoundReply extends FoundHit {
  readonly class: ReplyClass;
  /** Of an ICMP message: type × 256 + code. */
  readonly code?: number;
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
  /** Raw sweeps: answers of every class; a SYN-ACK is told to `onHit` as well. */
  readonly onReply?: (reply: FoundReply) => void | Promise<void>;
  /** Raw sweeps: what the self-audit holds frames against (`lawOf` the paper). Without it no raw frame leaves. */
  readonly law?: SweepLaw;
  /** Raw sweeps: where frames leave and from which address and port; by default what the routing table says. */
  readonly interface?: string;
  readonly source?: string;
  readonly sourcePort?: number;
  /** Raw sweeps: past the queueing discipline, faster, and unseen by the host's own taps and filters. Off by default. */
  readonly bypass?: boolean;
  /** Raw sweeps: addresses of the operator's own that are known to be up, asked once with every shard. */
  readonly canaries?: readonly Canary[];
  /** Raw sweeps: how often the round is walked (1), and the pause before each further pass, which skips what answered. */
  readonly passes?: number;
  readonly passGapMs?: number;
  /** At most five a second. */
  readonly onProgress?: (progress: SweepProgress) => void;
  /** Once a shard is done and in the ledger; again for it on a resume. */
  readonly onShard?: (count: Omit<SweepCount, 'round'>, pass: number) => void | Promise<void>;
  /** Awaited before the first connect of a shard (the audit); from an index to the one before `toIndex`. Not in a dry run. */
  readonly beforeShard?: (shard: number, fromIndex: number, toIndex: number, pass: number) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

export interface SweepResult {
  readonly total: number;
  /** sent + excluded + known = total when `done`; of all passes together. */
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
  readonly driver: Driver['name'] | 'mmsg' | 'xdp';
  /** Why the driver is the fallback; empty when it is not. */
  readonly note: string;
  /** Why `auto` took this engine; empty when it was asked for. */
  readonly why: string;
  /** Skipped in later passes, because they had answered; 0 with one pass. */
  readonly known: number;
  /** Raw sweeps: what was seen in this run besides hits. */
  readonly raw?: RawCounts;
}

export interface RawCounts {
  readonly rst: number;
  readonly icmp: number;
  /** Of the ICMP messages: that the way is closed on purpose. */
  readonly prohibited: number;
  /** Asked and answered; recall is their ratio. */
  readonly canaries: CanaryCount;
  /** Replies lost by the kernel before they were read. */
  readonly kernelDrops: number;
  /** Replies that were not ours: a wrong cookie, or from outside the mandate. */
  readonly badCookie: number;
  readonly outOfScope: number;
  readonly duplicates: number;
  /** Frames copied and judged by the self-audit. */
  readonly judged: number;
  /** Why the pace was lowered, each once. */
  readonly alarms: readonly string[];
  readonly interface: string;
  readonly source: string;
  readonly sourcePort: number;
}
