/**
 * Imports log files into an index. In: files of one log, oldest first. Out: what was used and what was not, by file and line. All of
 * it counts at once when everything is read, or nothing. A file read before goes on where it was left; the same bytes again
 * change nothing.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { Fault } from '../../record/fault.ts';
import { type Instant, isoOf } from '../../record/instant.ts';
import { compact } from './compact.ts';
import { type SourceInfo, sourceInfo } from './coverage.ts';
import { FORMATS } from './formats.ts';
import type { Heard } from './hearing.ts';
import type { LogFile } from './log-file.ts';
import { type Manifest, type ReadFile, readManifest } from './manifest.ts';
import type { SourceOptions } from './source-options.ts';
import type { Rejected } from './taking.ts';
import { declared, rememberFiles, type Working, workOn } from './working.ts';

export const IMPORT_FORMATS: readonly string[] = Object.keys(FORMATS);

export interface ImportOptions extends SourceOptions {
  readonly files: readonly string[];
  /**
   * The instant up to which the files are complete, ms. Without it the log is trusted up to the last instant it names, and a
   * last line without an end waits.
   */
  readonly through?: Instant;
  /** These files are all that the source says: what it said before is dropped with the same commit. */
  readonly anew?: boolean;
  /** Told the bad records, the first thousand, when nothing else was there: then there is no report. */
  readonly unusable?: (rejected: readonly Rejected[]) => void;
}

export interface ImportReport {
  /** As it is now. */
  readonly source: SourceInfo;
  /** Records used, and by how many holds the index grew. */
  readonly used: number;
  readonly intervals: number;
  /** Files of which nothing was new. */
  readonly known: number;
  /** Last lines that wait for their end. */
  readonly waiting: number;
  readonly rejectedCount: number;
  /** The first thousand. */
  readonly rejected: readonly Rejected[];
}

/** Faults: input (unreadable, wrong header, nothing usable), usage, locked, no-space. Bad records are in the report, the rest is used. */
export async function importAssignments(options: ImportOptions): Promise<ImportReport> {
  const { files } = options;
  if (files.length === 0) throw new Fault('usage', 'no file is named', 'name the log files, oldest first');
  const working = workOn(options, options.anew);
  try {
    return await importInto(working, options);
  } finally {
    working.close();
  }
}

const rowsOf = (manifest: Manifest, source: string): number =>
  manifest.segments.reduce((sum, s) => sum + (s.source === source ? s.rows : 0), 0);

async function importInto(
  working: Working,
  { files, through, anew = false, unusable }: ImportOptions,
): Promise<ImportReport> {
  const { before, dir, source } = working;
  const taking = working.taking();
  const records: ReadFile[] = [];
  const gone = new Set<ReadFile>();
  let known = 0;
  let waiting = 0;
  for (const file of files) {
    const opened = working.open(file, before?.files ?? [], taking);
    try {
      await readToEnd(opened, through !== undefined);
      const record = opened.record();
      if (opened.known) gone.add(opened.known);
      if (opened.known?.offset === record.offset) known++;
      if (opened.waiting > 0) waiting++;
      records.push(record);
    } finally {
      opened.close();
    }
  }
  if (taking.used === 0 && gone.size === 0) {
    const { rejected, rejectedCount } = taking;
    unusable?.(rejected);
    const what = rejectedCount === 0 ? 'holds no record' : `none of ${rejectedCount} records can be used`;
    throw new Fault('input', what, 'check the format of the files', {
      where: rejected[0]?.where ?? (files[0] as string),
    });
  }
  const heard = declared(taking.hearing.save(), through);
  checkThrough(heard, through, files[0] as string);
  const had = anew ? 0 : rowsOf(readManifest(dir), source);
  const unchanged = known === files.length && JSON.stringify(heard) === JSON.stringify(before?.heard);
  if (!unchanged) {
    const kept = rememberFiles(before?.files ?? [], records, gone);
    working.commit(taking, { heard, files: kept, replace: anew });
    compact(dir);
  }
  const after = readManifest(dir);
  const record = after.sources.find(s => s.name === source);
  if (!record) throw new RangeError('the source was not committed');
  const rows = rowsOf(after, source);
  const { used, rejectedCount, rejected } = taking;
  const info = sourceInfo({ ...record, rows });
  return { source: info, used, intervals: rows - had, known, waiting, rejectedCount, rejected };
}

function checkThrough(heard: Heard, through: Instant | undefined, where: string): void {
  if (
    through !== undefined &&
    through < sourceInfo({ name: '', format: '', rows: 0, rejected: 0, files: [], heard }).first
  )
    throw new Fault('input', `the log begins after ${isoOf(through)}, when it is said to end`, 'correct --through', {
      where,
    });
}

/** Pieces between which others get a turn. */
const PIECES = 64;

async function readToEnd(file: LogFile, final: boolean): Promise<void> {
  for (let n = 1; file.step(); n++) if (n % PIECES === 0) await turn();
  file.end(final);
}
