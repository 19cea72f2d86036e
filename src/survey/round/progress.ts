/**
 * One open shard: which indices are handed out, which have ended and how. Answers come out of order; the ledger wants a
 * cursor below which all is done. In: ends of indices, in any order. Out: the next index to draw, and the ledger's line.
 */
import type { LedgerHit, ShardLine, ShardState } from './ledger.ts';
import { FATES, type Fate, noTally, type Tally } from './tally.ts';

export interface ShardProgress {
  readonly shard: number;
  /** The next index to try, or -1 when all are handed out. */
  draw(): number;
  /** Each drawn index ends exactly once. */
  end(index: number, fate: Fate): void;
  /** The next index that was never drawn before. */
  readonly position: number;
  readonly drawn: boolean;
  readonly done: boolean;
  /** The line that is true when nothing more than what has ended is known: what a crash now may rely on. */
  line(hits: readonly LedgerHit[], reserved: number): ShardLine;
  /** The line when nothing is in flight: everything ended counts, whatever its order; the rest is `left`. */
  restLine(hits: readonly LedgerHit[]): ShardLine;
}

/** `to` is the index after the shard's last. Memory: one byte an index. */
export function openShard(state: ShardState, to: number): ShardProgress {
  const { shard, cursor: base } = state;
  /** Indices below `base` that an earlier run left; they are drawn first and ended one by one. */
  const left = new Set(state.left);
  const again = [...left];
  const ended = new Uint8Array(to - base);
  const tally = { ...noTally(), ...state.tally };
  const beyond = noTally();
  let next = base;
  let cursor = base;

  const settled = (): Tally => ({ ...tally });
  return {
    shard,
    draw: () => again.pop() ?? (next < to ? next++ : -1),
    get position() {
      return next;
    },
    get drawn() {
      return again.length === 0 && next >= to;
    },
    get done() {
      return left.size === 0 && cursor === to;
    },
    end(index, fate) {
      if (index < base) {
        if (!left.delete(index)) throw new RangeError(`index ${index} of shard ${shard} ended twice`);
        tally[fate]++;
        return;
      }
      if (!(index < next) || ended[index - base] !== 0)
        throw new RangeError(`index ${index} of shard ${shard} ended twice`);
      ended[index - base] = 1 + FATES.indexOf(fate);
      beyond[fate]++;
      for (; cursor < next && ended[cursor - base] !== 0; cursor++) {
        const of = FATES[(ended[cursor - base] as number) - 1] as Fate;
        tally[of]++;
        beyond[of]--;
      }
    },
    line: (hits, reserved) => ({
      shard,
      cursor,
      reserved: Math.max(cursor, reserved),
      left: [...left],
      tally: settled(),
      hits,
      rest: false,
    }),
    restLine(hits) {
      const open = [...left];
      for (let i = cursor; i < next; i++) if (ended[i - base] === 0) open.push(i);
      const all = settled() as Record<Fate, number>;
      for (const fate of FATES) all[fate] += beyond[fate];
      return { shard, cursor: next, reserved: next, left: open, tally: all, hits, rest: true };
    },
  };
}
