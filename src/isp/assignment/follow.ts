/**
 * Follows a log file as it grows, through rotation. In: files of one log, oldest first, of which the last is still written. Out: the
 * index, a step at a time; each step is whole. A last line without an end waits. A file that is renamed, or copied and emptied, is
 * read to its end first; where that cannot be, what was in it counts as lost.
 */
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../record/fault.ts';
import type { Clocks } from '../../record/instant.ts';
import { compact } from './compact.ts';
import type { LogFile } from './log-file.ts';
import type { ReadFile } from './manifest.ts';
import { beginsSo, rotatedFrom } from './rotated.ts';
import type { SourceOptions } from './source-options.ts';
import type { Rejected, Taking } from './taking.ts';
import { rememberFiles, type Working, workOn } from './working.ts';

export interface FollowOptions extends SourceOptions {
  readonly files: readonly string[];
  readonly clocks: Pick<Clocks, 'monotonic'>;
  /** Ends the following; what was read is committed. */
  readonly signal: AbortSignal;
  readonly pollMs?: number;
  /** Called after each commit. */
  readonly told?: (step: Followed) => void;
}

/** Since the following began. */
export interface Followed {
  readonly used: number;
  readonly commits: number;
  readonly rotations: number;
  readonly rejectedCount: number;
  /** The first thousand. */
  readonly rejected: readonly Rejected[];
}

const POLL_MS = 500;
/** Looks without anything new before a file whose name was given to another is at its end. */
const SETTLED = 3;
/** A commit may take a twentieth of the time. */
const SHARE = 20;
const PIECES = 64;

/** Faults as of an import. */
export async function followAssignments(options: FollowOptions): Promise<Followed> {
  const { files, signal, pollMs = POLL_MS } = options;
  const file = files.at(-1);
  if (file === undefined) throw new Fault('usage', 'no file is named', 'name the log files, oldest first');
  const working = workOn(options);
  try {
    const following = follow(working, options);
    for (const earlier of files.slice(0, -1)) await following.readWhole(earlier);
    following.begin(file);
    while (!signal.aborted) {
      await following.step();
      await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    }
    return await following.finish();
  } finally {
    working.close();
  }
}

function follow(working: Working, { clocks, told, pollMs = POLL_MS }: FollowOptions) {
  const taking: Taking = working.taking();
  // What is written from now on is trusted as far as it speaks.
  taking.hearing.declare(undefined);
  let records: readonly ReadFile[] = working.before?.files ?? [];
  let file = '';
  let current: LogFile | undefined;
  /** Looks since the file lost its name, without anything new in it. */
  let quiet = 0;
  let dirty = false;
  let commits = 0;
  let rotations = 0;
  let committedAt = clocks.monotonic();
  let tookMs = 0;

  const so = (): Followed => {
    const { used, rejectedCount, rejected } = taking;
    return { used, commits, rotations, rejectedCount, rejected };
  };

  const noted = new WeakMap<LogFile, ReadFile>();
  /** What was read of `log` counts from the next commit on. */
  const note = (log: LogFile) => {
    const record = log.record();
    if (record.offset === 0) return;
    const gone = [log.known, noted.get(log)].filter(r => r !== undefined);
    records = rememberFiles(records, [record], new Set(gone));
    noted.set(log, record);
  };

  function commit(): void {
    if (!dirty) return;
    const started = clocks.monotonic();
    if (current) note(current);
    working.commit(taking, { heard: taking.hearing.save(), files: records, replace: false });
    compact(working.dir);
    dirty = false;
    commits++;
    committedAt = clocks.monotonic();
    tookMs = committedAt - started;
    told?.(so());
  }

  async function readOn(log: LogFile): Promise<boolean> {
    let any = false;
    for (let n = 1; log.step(); n++) {
      any = true;
      dirty = true;
      if (n % PIECES === 0) await new Promise(setImmediate);
    }
    return any;
  }

  /** A line that its file ends within will never be whole. */
  function close(log: LogFile): void {
    log.end(false);
    if (log.waiting > 0) taking.refuse(log.record().lines + 1, 'the file ended within this line');
    note(log);
    log.close();
  }

  async function readWhole(name: string): Promise<void> {
    const log = working.open(name, records, taking);
    await readOn(log);
    close(log);
  }

  /** Reads on in what became of a file; when nothing did, what came after `record` is lost. */
  async function readRest(record: ReadFile): Promise<void> {
    const moved = rotatedFrom(file, record);
    if (moved === undefined) taking.hearing.broken();
    else await readWhole(moved);
  }

  const inodeOf = (name: string): number | undefined => {
    try {
      return statSync(name).ino;
    } catch {
      return undefined;
    }
  };

  async function rotate(): Promise<void> {
    if (!current) return;
    close(current);
    current = undefined;
    dirty = true;
    rotations++;
    commit();
  }

  /** Undefined while the name is given to nothing. */
  function openAgain(): LogFile | undefined {
    if (inodeOf(file) === undefined) return undefined;
    try {
      return working.open(file, records, taking);
    } catch (thrown) {
      if (inodeOf(file) === undefined) return undefined;
      throw thrown;
    }
  }

  async function look(): Promise<void> {
    if (!current) {
      current = openAgain();
      if (!current) return;
      quiet = 0;
    }
    if (current.size() < current.position) {
      const record = current.record();
      current.close();
      current = undefined;
      await readRest(record);
      rotations++;
      return;
    }
    const any = await readOn(current);
    const lostItsName = inodeOf(file) !== current.inode;
    quiet = lostItsName && !any ? quiet + 1 : 0;
    if (quiet >= SETTLED) await rotate();
  }

  return {
    readWhole,
    begin(name: string): void {
      file = name;
      if (inodeOf(name) === undefined)
        throw new Fault('input', 'cannot be read (ENOENT)', 'name a file that exists', { where: name });
    },
    async step(): Promise<void> {
      if (commits === 0 && !current) await beforeFirst();
      await look();
      // A commit that is slow because much is open is made less often.
      if (clocks.monotonic() - committedAt >= Math.max(pollMs, tookMs * SHARE)) commit();
    },
    async finish(): Promise<Followed> {
      commit();
      current?.close();
      return so();
    },
  };

  /** While nobody followed, the name may have been given to another file. */
  async function beforeFirst(): Promise<void> {
    const record = records.findLast(r => r.file === file);
    if (record && !beginsSo(file, record)) await readRest(record);
  }
}
