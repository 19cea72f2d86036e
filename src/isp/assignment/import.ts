/**
 * Imports log files into a folder of segments. In: files of one log, oldest first. Out: what was used and what was not, by
 * file and line. Nothing is half indexed: the segment counts only once it is whole. The same bytes again change nothing.
 */
import { createHash } from 'node:crypto';
import { Fault } from '../../record/fault.ts';
import { type Instant, isoOf } from '../../record/instant.ts';
import { makeBuilder } from './builder.ts';
import { readCsv } from './csv.ts';
import { readKea } from './kea.ts';
import type { Rejected } from './reading.ts';
import { type SegmentInfo, writeSegment } from './segment.ts';

export const IMPORT_FORMATS = ['kea', 'csv'] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

export interface ImportOptions {
  readonly format: ImportFormat;
  readonly files: readonly string[];
  readonly dir: string;
  /**
   * The instant up to which the files are complete, ms. Without it the log is trusted up to the last instant it names;
   * whoever asks about later is told to wait for a newer log.
   */
  readonly through?: Instant;
  /** Which log this is, when an ISP has several of one format. */
  readonly source?: string;
}

export interface ImportReport {
  readonly segment: SegmentInfo;
  readonly used: number;
  readonly intervals: number;
  readonly rejectedCount: number;
  readonly rejected: readonly Rejected[];
}

/** Faults: input (unreadable, wrong header, nothing usable), no-space. Bad records are in the report, the rest is used. */
export async function importAssignments(options: ImportOptions): Promise<ImportReport> {
  const { format, files, dir } = options;
  if (files.length === 0) throw new Fault('usage', 'no file is named', 'name the log files, oldest first');
  const source = options.source ?? format;
  const hash = createHash('sha256').update(`${format}\n${source}\n${options.through ?? ''}\n`);
  const builder = makeBuilder();
  const read = format === 'kea' ? readKea : readCsv;
  const reading = await read(files, builder, chunk => hash.update(chunk));
  if (reading.used === 0)
    throw new Fault('input', `none of ${reading.rejectedCount} records can be used`, 'check the format of the files', {
      where: reading.rejected[0]?.where ?? (files[0] as string),
    });
  const through = options.through ?? reading.last;
  if (through < reading.first)
    throw new Fault('input', `the log begins after ${isoOf(through)}, when it is said to end`, 'correct --through', {
      where: files[0] as string,
    });
  const { columns, subscribers } = builder.finish();
  const digest = hash.digest('hex').slice(0, 32);
  const info = { digest, source, format, first: reading.first, through, rejected: reading.rejectedCount };
  // A newer list of lines replaces an older one it contains. A journal does not: compaction forgets what it once said.
  const segment = writeSegment(
    dir,
    info,
    columns,
    subscribers,
    older => format === 'csv' && older.source === source && older.first >= info.first && older.through <= info.through,
  );
  const { used, rejectedCount, rejected } = reading;
  return { segment, used, intervals: columns.rows, rejectedCount, rejected };
}
