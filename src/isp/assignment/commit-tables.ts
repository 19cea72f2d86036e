/**
 * Sorts what was gathered into windows, and the open holds apart. In: gathered holds with the numbers of the index, and the open
 * ones of before. Out: tables. Of a list, a row with an end takes the place of the same row that had none.
 */
import { join } from 'node:path';
import { type Gathering, NUMBER } from './gathering.ts';
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

function windowsOf(gathering: Gathering, windowOfRow: (row: number) => number): Uint16Array {
  const window = new Uint16Array(gathering.size);
  for (let row = 0; row < window.length; row++) window[row] = windowOfRow(row);
  return window;
}

const both = (gathered: Gathered): Gathering[] => [gathered.four, gathered.six];

/** Of a folder: what is final, and what is not whatever its end. */
function foldedInWindows(closed: Gathered, open: Gathered, exporters: readonly string[]): InWindows {
  return {
    closed: both(closed).flatMap(g => tablesOf(g, windowsOf(g, endWindow(g)))),
    open: both(open).flatMap(g =>
      tablesOf(
        g,
        windowsOf(g, () => OPEN),
      ),
    ),
    exporters,
  };
}

/** A hold that is final though nobody knows its end lies where it was last proven. */
function endWindow(g: Gathering): (row: number) => number {
  const soft = new Map<number, number>();
  for (let n = 0; n < g.softRow.size; n++)
    if (g.to[g.softRow.values[n]!] === FOREVER) soft.set(g.softRow.values[n]!, g.softTo.values[n]!);
  return row => {
    const to = g.to[row]!;
    if (to !== FOREVER) return windowOf(to);
    const proven = soft.get(row);
    return windowOf(Math.max(g.from[row]!, proven === undefined || proven === FOREVER ? 0 : proven));
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
  const told = both(closed).map(g => g.size);
  for (const info of openBefore) {
    const numbers = info.exporters.map(boxOf);
    for (const table of readSegment(join(dir, info.file), OPEN, info.seal))
      regather(table, table.family === 4 ? closed.four : closed.six, n => numbers[n] ?? 0);
  }
  let changed = false;
  const tables = both(closed).flatMap((g, n) => {
    const window = windowsOf(g, row => windowOf(g.to[row]!));
    for (let row = 0; row < (told[n] as number) && !changed; row++) changed = window[row] === OPEN;
    if (dropEnded(g, window)) changed = true;
    return tablesOf(g, window);
  });
  const ended = tables.filter(t => t.window < DROPPED);
  return { closed: ended, open: changed ? tables.filter(t => t.window === OPEN) : undefined, exporters: boxes };
}

/** Whether an open row had a twin with an end, and went. */
function dropEnded(g: Gathering, window: Uint16Array): boolean {
  const open = new Map<string, number[]>();
  const starts = new Set<number>();
  const textOf = (row: number) =>
    `${g.keys.map(key => key[row]).join()} ${g.from[row]} ${g.exporter[row]} ${g.subscriber[row]! & NUMBER}`;
  for (let row = 0; row < window.length; row++)
    if (window[row] === OPEN) {
      const text = textOf(row);
      const same = open.get(text);
      if (same) same.push(row);
      else open.set(text, [row]);
      starts.add(g.from[row]!);
    }
  if (open.size === 0) return false;
  let dropped = false;
  for (let row = 0; row < window.length; row++) {
    if (window[row] === OPEN || !starts.has(g.from[row]!)) continue;
    const text = textOf(row);
    for (const twin of open.get(text) ?? []) {
      window[twin] = DROPPED;
      dropped = true;
    }
    open.delete(text);
  }
  return dropped;
}
