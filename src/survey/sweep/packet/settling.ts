/**
 * When a shard's progress may be written down as done: when the replies to what left had time to come and were handed on.
 * A crash before that sends those indices again (at-least-once), so it loses no reply. In: how far the sender is, replies
 * by index, the instant. Out: ledger lines that are due.
 *
 * The progress reported at an instant is kept as a snapshot until its time has come. A reply counts for the earliest
 * snapshot that holds its index; one that comes late, for an index already written, corrects the next line.
 */
import type { LedgerHit, ShardLine, ShardState } from '../../round/ledger.ts';
import { noTally, type Tally } from '../../round/tally.ts';
import type { RunLine } from './send-messages.ts';

export type ReplyFate = 'answered' | 'refused' | 'unreachable';

interface Snapshot {
  readonly due: number;
  readonly line: RunLine;
  readonly left: ReadonlySet<number>;
  readonly replies: Record<ReplyFate, number>;
  readonly hits: LedgerHit[];
}

export interface Settling {
  /** The sender is this far; replies to it come until `due`. */
  progress(line: RunLine, due: number): void;
  reply(index: number, fate: ReplyFate, hit?: LedgerHit): void;
  /** The line to be written at `now`, when there is anything new to say. */
  line(now: number, reserved: number): ShardLine | undefined;
  /** The line when the sender has ended and every reply was waited for. */
  restLine(): ShardLine;
  /** Indices whose reply nobody waits for any more: all of the shard's are written. */
  readonly done: boolean;
  /** The line that may be written at any time: what was written last, with a reservation. */
  current(reserved: number): ShardLine;
  /** When the next snapshot is due; Infinity for none. */
  nextDue(): number;
}

/** `keepHits`: hits are written at once, whether or not their index is done (never-twice, which asks nobody again). */
export function makeSettling(state: ShardState, to: number, keepHits: boolean): Settling {
  const { shard } = state;
  const base: Tally = state.tally;
  const startLeft = new Set(state.left);
  let waiting: Snapshot[] = [];
  /** What is written. */
  let cursor = state.cursor;
  let left: ReadonlySet<number> = startLeft;
  let counts = { sent: 0, excluded: 0, known: 0 };
  const replies: Record<ReplyFate, number> = { answered: 0, refused: 0, unreachable: 0 };
  /** Replies that are ahead of every snapshot: the sender has not yet said that it sent them. */
  let early: { readonly index: number; readonly fate: ReplyFate; readonly hit: LedgerHit | undefined }[] = [];
  const hits: LedgerHit[] = [];
  let changed = false;
  const covers = (upTo: number, open: ReadonlySet<number>, index: number): boolean => index < upTo && !open.has(index);

  function place(index: number, fate: ReplyFate, hit: LedgerHit | undefined): boolean {
    if (covers(cursor, left, index)) {
      replies[fate]++;
      if (hit) hits.push(hit);
      changed = true;
      return true;
    }
    for (const snapshot of waiting)
      if (covers(snapshot.line.cursor, snapshot.left, index)) {
        snapshot.replies[fate]++;
        if (hit) snapshot.hits.push(hit);
        return true;
      }
    return false;
  }

  function tally(): Tally {
    const all = noTally();
    for (const fate of Object.keys(all) as (keyof Tally)[]) all[fate] = base[fate];
    all.excluded += counts.excluded;
    all.known += counts.known;
    let answered = 0;
    for (const fate of ['answered', 'refused', 'unreachable'] as const) {
      all[fate] += replies[fate];
      answered += replies[fate];
    }
    // A reply to what an earlier run counted as silent takes from that.
    all.silent = Math.max(0, all.silent + counts.sent - answered);
    return all;
  }

  const make = (reserved: number, withHits: readonly LedgerHit[], rest: boolean): ShardLine => ({
    shard,
    cursor,
    reserved: Math.max(cursor, reserved),
    left: [...left],
    tally: tally(),
    hits: withHits,
    rest,
  });

  function settle(now: number): void {
    for (let next = waiting[0]; next !== undefined && next.due <= now; next = waiting[0]) {
      waiting = waiting.slice(1);
      ({ cursor } = next.line);
      ({ left } = next);
      counts = next.line;
      for (const fate of ['answered', 'refused', 'unreachable'] as const) replies[fate] += next.replies[fate];
      // One by one: where every address answers there are more than a call may have arguments.
      for (const hit of next.hits) hits.push(hit);
      changed = true;
    }
  }

  return {
    progress(line, due) {
      waiting.push({
        due,
        line,
        left: new Set(line.left),
        replies: { answered: 0, refused: 0, unreachable: 0 },
        hits: [],
      });
      const again = early;
      early = [];
      for (const one of again) if (!place(one.index, one.fate, one.hit)) early.push(one);
    },
    reply(index, fate, hit) {
      if (keepHits && hit) {
        hits.push(hit);
        changed = true;
      }
      const own = keepHits ? undefined : hit;
      if (!place(index, fate, own)) early.push({ index, fate, hit: own });
    },
    line(now, reserved) {
      settle(now);
      if (!changed) return undefined;
      changed = false;
      return make(reserved, hits.splice(0), false);
    },
    restLine() {
      settle(Number.POSITIVE_INFINITY);
      changed = false;
      return make(cursor, hits.splice(0), true);
    },
    get done() {
      return cursor === to && left.size === 0;
    },
    current: reserved => make(reserved, [], false),
    nextDue: () => waiting[0]?.due ?? Number.POSITIVE_INFINITY,
  };
}
