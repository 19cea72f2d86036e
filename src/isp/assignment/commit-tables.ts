/**
 * Sorts what was gathered into windows, and the open holds apart. In: gathered holds with the numbers of the index, and the open
 * ones of before. Out: tables. Of a list, a row with an end takes the place of the same row that had none.
 */
import { join } from 'node:path';
import { type Bucket, EXPORTER, FROM, type Gathering, KEY, NUMBER, SUBSCRIBER, TO } from './gathering.ts';
import type { SegmentInfo } from './manifest.ts';
import { readSegment } from './segment.ts';
import { regather, type Table, tablesOf } from './table.ts';
import type { Gathered } from './taking.ts';
import { FOREVER, OPEN, windowOf } from './window.ts';

export interface InWindows {
  readonly closed: Table[];
  /** Undefined: those of before stay as they are. */
  readonly open: Table[] | undefined;
  /** Names for the numbers of boxes in both. */
  readonly exporters: readonly string[];
}

export interface Gatherings {
  readonly closed: Gathered;
  /** Undefined for a list. */
  readonly open: Gathered | undefined;
  readonly exporters: readonly string[];
}

export const commitTables = (
  dir: string,
  { closed, open, exporters }: Gatherings,
  openBefore: readonly SegmentInfo[],
): InWindows => (open ? foldedInWindows(closed, open, exporters) : listedInWindows(dir, closed, openBefore, exporters));

const cell = (bucket: Bucket, row: number, number: number): number => bucket.cells[row * bucket.width + number]!;

function windowsOf(bucket: Bucket, windowOfRow: (row: number) => number): Uint16Array {
  const window = new Uint16Array(bucket.size);
  for (let row = 0; row < window.length; row++) window[row] = windowOfRow(row);
  return window;
}

const both = (gathered: Gathered): Gathering[] => [gathered.four, gathered.six];

/** Of a folder: what is final, and what is not whatever its end. */
function foldedInWindows(closed: Gathered, open: Gathered, exporters: readonly string[]): InWindows {
  return {
    closed: both(closed).flatMap(g => tablesOf(g, bucket => windowsOf(bucket, endWindow(bucket)))),
    open: both(open).flatMap(g => tablesOf(g, bucket => windowsOf(bucket, () => OPEN))),
    exporters,
  };
}

/** A hold that is final though nobody knows its end lies where it was last proven. */
function endWindow(bucket: Bucket): (row: number) => number {
  const { softRow, softTo } = bucket;
  const soft = new Map<number, number>();
  for (let n = 0; n < softRow.size; n++)
    if (cell(bucket, softRow.values[n]!, TO) === FOREVER) soft.set(softRow.values[n]!, softTo.values[n]!);
  return row => {
    const to = cell(bucket, row, TO);
    if (to !== FOREVER) return windowOf(to);
    const proven = soft.get(row);
    return windowOf(Math.max(cell(bucket, row, FROM), proven === undefined || proven === FOREVER ? 0 : proven));
  };
}

/** The window of rows that are dropped: no hold ends so late. */
const DROPPED = OPEN - 1;

/** Of a list: what has no end is open. */
function listedInWindows(
  dir: string,
  closed: Gathered,
  openBefore: readonly SegmentInfo[],
  exporters: readonly string[],
): InWindows {
  const boxes = [...exporters];
  const boxOf = (name: string) => {
    const known = boxes.indexOf(name);
    return known < 0 ? boxes.push(name) - 1 : known;
  };
  let changed = both(closed).some(g => g.buckets.some(bucket => bucket.open));
  for (const info of openBefore) {
    const numbers = info.exporters.map(boxOf);
    for (const table of readSegment(join(dir, info.file), OPEN, info.seal))
      regather(table, table.family === 4 ? closed.four : closed.six, n => numbers[n] ?? 0);
  }
  const tables = both(closed).flatMap(g =>
    tablesOf(g, bucket => {
      const window = windowsOf(bucket, row => windowOf(cell(bucket, row, TO)));
      if (dropEnded(bucket, window)) changed = true;
      return window;
    }),
  );
  const ended = tables.filter(t => t.window < DROPPED);
  return { closed: ended, open: changed ? tables.filter(t => t.window === OPEN) : undefined, exporters: boxes };
}

/** Whether an open row had a twin with an end, and went. */
function dropEnded(bucket: Bucket, window: Uint16Array): boolean {
  if (!bucket.open) return false;
  const open = new Map<string, number[]>();
  const starts = new Set<number>();
  const { cells, width } = bucket;
  const textOf = (row: number) =>
    [
      ...cells.subarray(row * width + KEY, (row + 1) * width),
      ...[FROM, EXPORTER].map(number => cell(bucket, row, number)),
      cell(bucket, row, SUBSCRIBER) & NUMBER,
    ].join();
  for (let row = 0; row < window.length; row++)
    if (window[row] === OPEN) {
      const same = open.get(textOf(row));
      if (same) same.push(row);
      else open.set(textOf(row), [row]);
      starts.add(cell(bucket, row, FROM));
    }
  let dropped = false;
  for (let row = 0; row < window.length; row++) {
    if (window[row] === OPEN || !starts.has(cell(bucket, row, FROM))) continue;
    for (const twin of open.get(textOf(row)) ?? []) {
      window[twin] = DROPPED;
      dropped = true;
    }
  }
  return dropped;
}
