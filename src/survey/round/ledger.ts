/**
 * How far a sweep is, so that it survives a crash: an append-only file of one JSON line a shard and second. In: lines,
 * each saying that of its shard every index below `cursor` is done except those in `left`. Out, after any crash: where
 * each shard goes on, with counts that fit exactly what is done.
 *
 * At-least-once (the default): what was sent after the last line is sent again, at most a second's worth. Never-twice:
 * indices are reserved in the file before they are sent; after a crash the reserved ones count as `assumed` sent.
 *
 * Hits are kept as index and instant. Without the round's key an index is nobody's address; with it, a resumed sweep
 * can tell again what it had found, so that a consumer that lost it in the same crash gets it.
 */
import { closeSync, existsSync, fdatasyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { fileFault } from '../../record/fault.ts';
import type { Instant } from '../../record/instant.ts';
import { headText, type LedgerHead, lineText, readLedger } from './ledger-lines.ts';
import { type ShardPlan, shardBounds } from './shards.ts';
import { noTally, type Tally } from './tally.ts';

export type LedgerPolicy = 'at-least-once' | 'never-twice';
/** Index and calendar instant. */
export type LedgerHit = readonly [index: number, at: Instant];

export interface ShardLine {
  readonly shard: number;
  /** Every index of the shard below is done, except those in `left`. */
  readonly cursor: number;
  /** Never-twice: every index below may have been sent. At least `cursor`. */
  readonly reserved: number;
  readonly left: readonly number[];
  /** Of what is done. */
  readonly tally: Tally;
  /** Found since the shard's last line. */
  readonly hits: readonly LedgerHit[];
  /** Nothing is in flight: `left` is exact even under never-twice. */
  readonly rest: boolean;
}

/** Where a shard goes on. `hits` are those an earlier run found. */
export type ShardState = ShardLine;

export interface Ledger {
  /** True when the file held work of an earlier run. */
  readonly resumed: boolean;
  state(shard: number): ShardState;
  done(shard: number): boolean;
  /** On disk when it returns; Fault when it cannot be, and then sending must stop. */
  write(lines: readonly ShardLine[]): void;
  close(): void;
}

/** Opens, or makes, the ledger of one round; without a file it lives in memory (a dry run, which proves nothing done). */
export function openLedger(
  file: string | undefined,
  space: string,
  plan: ShardPlan,
  policy: LedgerPolicy = 'at-least-once',
): Ledger {
  const head: LedgerHead = { ledger: 'notice-sweep/1', space, total: plan.total, shardSize: plan.shardSize };
  const states = new Map<number, ShardState>();
  const resumed = file !== undefined && existsSync(file);
  if (resumed)
    for (const line of readLedger(file, head)) {
      const before = states.get(line.shard);
      states.set(line.shard, { ...later(before, line), hits: [...(before?.hits ?? []), ...line.hits] });
    }
  for (const [shard, state] of states) states.set(shard, afterCrash(state, policy));
  const fd =
    file === undefined ? undefined : begin(file, [headText(head), ...[...states.values()].map(lineText)].join(''));

  return {
    resumed: states.size > 0,
    state: shard => states.get(shard) ?? untouched(shardBounds(plan, shard).from, shard),
    done(shard) {
      const state = states.get(shard);
      return state !== undefined && state.left.length === 0 && state.cursor === shardBounds(plan, shard).to;
    },
    write(lines) {
      // Hits were handed on; only the file has to remember them.
      for (const line of lines) states.set(line.shard, { ...later(states.get(line.shard), line), hits: [] });
      if (fd === undefined || lines.length === 0) return;
      append(fd, file as string, lines.map(lineText).join(''));
    },
    close() {
      if (fd !== undefined) closeSync(fd);
    },
  };
}

const untouched = (from: number, shard: number): ShardState => ({
  shard,
  cursor: from,
  reserved: from,
  left: [],
  tally: noTally(),
  hits: [],
  rest: true,
});

/** A line may have been made before an earlier one was granted: what was reserved stays so until the shard rests. */
const later = (before: ShardState | undefined, line: ShardLine): ShardState =>
  line.rest ? line : { ...line, reserved: Math.max(line.reserved, before?.reserved ?? 0) };

/** What a last line means once the process that wrote it is gone. */
function afterCrash(state: ShardState, policy: LedgerPolicy): ShardState {
  if (policy === 'never-twice') {
    if (state.rest) return state;
    const assumed = state.reserved - state.cursor + state.left.length;
    return {
      ...state,
      cursor: state.reserved,
      left: [],
      rest: true,
      tally: { ...state.tally, assumed: state.tally.assumed + assumed },
    };
  }
  // What is not counted as done will be tried, and found, again.
  const open = new Set(state.left);
  return {
    ...state,
    reserved: state.cursor,
    rest: true,
    hits: state.hits.filter(([i]) => i < state.cursor && !open.has(i)),
  };
}

/** A new file beside, renamed over the old: a torn last line and a long history both end here, at no moment is there none. */
function begin(file: string, text: string): number {
  try {
    const part = `${file}.part`;
    const fd = openSync(part, 'w', 0o600);
    writeAll(fd, text);
    fdatasyncSync(fd);
    renameSync(part, file);
    return fd;
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
}

function append(fd: number, file: string, text: string): void {
  try {
    writeAll(fd, text);
    fdatasyncSync(fd);
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
}

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}
