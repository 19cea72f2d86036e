/**
 * The shards a sender works on. It asks for the next one before the last is drawn, so that a few silent addresses at the
 * end of one do not hold up the next. In: grants from the main thread, ends of indices. Out: indices to try, ledger lines.
 */
import type { LedgerHit, ShardLine } from '../round/ledger.ts';
import { openShard, type ShardProgress } from '../round/progress.ts';
import type { ShardPlan } from '../round/shards.ts';
import type { Fate } from '../round/tally.ts';
import type { Link } from './link.ts';

const MOST_OPEN = 4;
/** Asks for the next shard when this few indices are left to draw. */
const AHEAD = 2048;

export interface OpenShards {
  /** Takes what the main thread granted. */
  poll(): void;
  /** An index to try, or -1 when there is none now. */
  draw(): number;
  end(index: number, fate: Fate): void;
  found(hit: LedgerHit): void;
  /** Every index of every shard has ended, and no more shards will come. */
  readonly finished: boolean;
  /** A shard ended since the last lines: it should be written soon. */
  readonly closed: boolean;
  /** A grant is outstanding and there is nothing to draw until it comes. */
  readonly starved: boolean;
  /** Lines of what changed since they were last asked for; `rest` when nothing is in flight and nothing more is drawn. */
  lines(rest: boolean): ShardLine[];
}

interface Open {
  readonly progress: ShardProgress;
  readonly to: number;
  /** Never-twice: granted, and asked for. Every line carries what was asked, because it follows the asking. */
  reserved: number;
  claimed: number;
  hits: LedgerHit[];
  changed: boolean;
}

/** `reserve` as in WorkerInput. */
export function openShards(plan: ShardPlan, link: Link, reserve: number): OpenShards {
  const open = new Map<number, Open>();
  const ready: Open[] = [];
  let current: Open | undefined;
  let asked = false;
  let reserving = false;
  let last = false;
  let closed = false;

  const of = (index: number): Open => open.get(Math.floor(index / plan.shardSize)) as Open;

  function askAhead(): void {
    if (asked || last || ready.length > 0 || open.size >= MOST_OPEN) return;
    if (current && current.to - current.progress.position > AHEAD) return;
    asked = true;
    link.askShard();
  }

  /** Never-twice: indices beyond the reserved ones wait until the ledger has them. */
  function mayDraw(shard: Open): boolean {
    const { position } = shard.progress;
    if (reserve === 0 || position < shard.reserved || position === shard.to) return true;
    if (!reserving) {
      reserving = true;
      shard.claimed = Math.min(shard.to, position + reserve);
      link.askReserve(shard.progress.line(shard.hits.splice(0), shard.claimed));
    }
    return false;
  }

  return {
    poll() {
      for (let granted = link.take(); granted !== undefined; granted = link.take()) {
        if (granted.type === 'reserved') {
          reserving = false;
          (open.get(granted.shard) as Open).reserved = granted.upTo;
          continue;
        }
        asked = false;
        if (granted.type === 'none') {
          last = true;
          continue;
        }
        const { state, to } = granted;
        const shard: Open = {
          progress: openShard(state, to),
          to,
          reserved: state.cursor,
          claimed: state.cursor,
          hits: [],
          changed: true,
        };
        open.set(state.shard, shard);
        ready.push(shard);
      }
      askAhead();
    },
    draw() {
      for (;;) {
        current ??= ready.shift();
        if (current === undefined || !mayDraw(current)) return -1;
        const index = current.progress.draw();
        if (index >= 0) return index;
        current = undefined;
      }
    },
    end(index, fate) {
      const shard = of(index);
      shard.progress.end(index, fate);
      shard.changed = true;
      closed ||= shard.progress.done;
    },
    found(hit) {
      of(hit[0]).hits.push(hit);
    },
    get finished() {
      if (!last || ready.length > 0) return false;
      for (const shard of open.values()) if (!shard.progress.done) return false;
      return true;
    },
    get closed() {
      return closed;
    },
    get starved() {
      return asked || reserving;
    },
    lines(rest) {
      closed = false;
      const lines: ShardLine[] = [];
      for (const [number, shard] of open) {
        if (!shard.changed && !rest) continue;
        const hits = shard.hits.splice(0);
        lines.push(rest ? shard.progress.restLine(hits) : shard.progress.line(hits, shard.claimed));
        shard.changed = false;
        if (shard.progress.done) open.delete(number);
      }
      return lines;
    },
  };
}
