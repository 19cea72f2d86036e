/**
 * The shards a packet sender works on, by rate group. In: grants from the main thread. Out: stretches of indices to try,
 * and lines that say how far each shard is. A stateless sender needs no memory for an index that left: only what was
 * drawn and could not leave yet (its /24's bucket is empty, the kernel's queue full) is remembered, as `deferred`.
 */
import { type ShardPlan, shardOf } from '../../round/shards.ts';
import type { RunLine, SendLink } from './send-messages.ts';

/** Asks for the next shard when this few indices are left to draw. */
const AHEAD = 16_384;

/** One open shard. Plain numbers that the sender's loop counts up itself. */
export interface Run {
  readonly shard: number;
  readonly group: number;
  readonly from: number;
  readonly to: number;
  /** The next index that was never drawn. */
  next: number;
  /** Below `from`, left by an earlier run, to be drawn first. */
  readonly again: number[];
  /** Drawn, and neither sent nor excluded yet. */
  readonly deferred: Set<number>;
  /** Never-twice: indices below may be drawn. */
  reserved: number;
  sent: number;
  excluded: number;
  known: number;
  /** Canaries that have left with it. */
  canaries: number;
  /** What it had counted at its last line. */
  told: number;
}

export interface Runs {
  /** Takes what the main thread granted, and asks ahead. */
  poll(): void;
  /** The shard of a group from which something can be drawn now. */
  current(group: number): Run | undefined;
  of(index: number): Run;
  /** Every index of every shard has ended, and no more shards will come. */
  readonly finished: boolean;
  /** Something is asked for and has not come. */
  readonly starved: boolean;
  /** A shard ended since the last lines. */
  readonly closed: boolean;
  /** Lines of what changed; of everything when `all`. */
  lines(all: boolean): RunLine[];
  /** Of all shards so far. */
  counts(): { readonly sent: number; readonly excluded: number; readonly known: number };
}

const isDone = (run: Run): boolean => run.next === run.to && run.again.length === 0 && run.deferred.size === 0;

/** `reserve` as in SendInput. */
export function makeRuns(plan: ShardPlan, groups: number, link: SendLink, reserve: number): Runs {
  const open = new Map<number, Run>();
  const queues = Array.from({ length: groups }, (): Run[] => []);
  const asked = new Array<boolean>(groups).fill(false);
  const last = new Array<boolean>(groups).fill(false);
  const claimed = new Map<number, number>();
  /** Of the shards that are no longer open. */
  const gone = { sent: 0, excluded: 0, known: 0 };
  const add = (to: typeof gone, run: Run): void => {
    to.sent += run.sent;
    to.excluded += run.excluded;
    to.known += run.known;
  };

  function askAhead(): void {
    for (let group = 0; group < groups; group++) {
      if (asked[group] || last[group]) continue;
      const queue = queues[group] as Run[];
      const only = queue[0];
      if (queue.length > 1 || (only && only.to - only.next > AHEAD)) continue;
      asked[group] = true;
      link.post({ type: 'ask', group });
    }
  }

  function mayDraw(run: Run): boolean {
    if (run.again.length > 0) return true;
    if (run.next === run.to) return false;
    if (reserve === 0) return true;
    // Half of it ahead, so that the wait for the disk is not felt.
    if (!claimed.has(run.shard) && run.reserved < run.to && run.reserved - run.next <= reserve / 2) {
      const upTo = Math.min(run.to, Math.max(run.reserved, run.next) + reserve);
      claimed.set(run.shard, upTo);
      link.post({ type: 'reserve', shard: run.shard, upTo });
    }
    return run.next < run.reserved;
  }

  return {
    poll() {
      for (let word = link.take(); word !== undefined; word = link.take()) {
        if (word.type === 'reserved') {
          claimed.delete(word.shard);
          const run = open.get(word.shard);
          if (run) run.reserved = word.upTo;
          continue;
        }
        asked[word.group] = false;
        if (word.type === 'none') {
          last[word.group] = true;
          continue;
        }
        const { shard, group, cursor, to, left } = word;
        const run: Run = {
          shard,
          group,
          from: cursor,
          to,
          next: cursor,
          again: [...left],
          deferred: new Set(),
          reserved: reserve === 0 ? to : cursor,
          sent: 0,
          excluded: 0,
          known: 0,
          canaries: 0,
          told: -1,
        };
        open.set(shard, run);
        (queues[group] as Run[]).push(run);
      }
      askAhead();
    },
    current(group) {
      const queue = queues[group] as Run[];
      for (;;) {
        const run = queue[0];
        if (run === undefined) return undefined;
        if (mayDraw(run)) return run;
        if (run.again.length > 0 || run.next < run.to) return undefined;
        queue.shift();
      }
    },
    of: index => open.get(shardOf(plan, index)) as Run,
    get finished() {
      if (last.includes(false)) return false;
      for (const run of open.values()) if (!isDone(run)) return false;
      return true;
    },
    get starved() {
      return claimed.size > 0 || asked.includes(true);
    },
    get closed() {
      for (const run of open.values()) if (isDone(run)) return true;
      return false;
    },
    lines(all) {
      const lines: RunLine[] = [];
      for (const run of open.values()) {
        const { shard, next, again, deferred, sent, excluded, known } = run;
        const counted = sent + excluded + known;
        if (!all && counted === run.told) continue;
        run.told = counted;
        lines.push({ shard, cursor: next, left: [...again, ...deferred], sent, excluded, known });
        if (!isDone(run)) continue;
        open.delete(shard);
        add(gone, run);
      }
      return lines;
    },
    counts() {
      const sum = { ...gone };
      for (const run of open.values()) add(sum, run);
      return sum;
    },
  };
}
