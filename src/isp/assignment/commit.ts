/**
 * Puts what was read into the index, all of it or nothing: closed holds as one file a window, the open ones in place of those
 * before, the folder's state, how far the files were read, who was heard. In: the reading. Out: the new manifest.
 */

import { writeNames } from './commit-names.ts';
import { commitTables } from './commit-tables.ts';
import { NUMBER, SUBSCRIBER } from './gathering.ts';
import type { Heard } from './hearing.ts';
import type { Interning } from './interning.ts';
import {
  changeIndex,
  type Kept,
  type Manifest,
  type ReadFile,
  readKept,
  type SegmentInfo,
  type Writing,
} from './manifest.ts';
import { sectionsOf } from './names.ts';
import { segmentBytes } from './segment.ts';
import { sealState } from './state.ts';
import { rowsIn, type Table } from './table.ts';
import type { Gathered } from './taking.ts';
import { OPEN, windowStart } from './window.ts';

export interface Commit {
  readonly source: string;
  readonly format: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly closed: Gathered;
  /** Undefined for lists of holds: there the open ones are those without an end. */
  readonly open: Gathered | undefined;
  readonly exporters: readonly string[];
  readonly heard: Heard;
  readonly files: readonly ReadFile[];
  readonly used: number;
  readonly rejected: number;
  /** Of the folder. */
  readonly state: unknown;
  /** Everything this source said before is dropped. */
  readonly replace: boolean;
}

/** What a process that imports keeps from one commit to the next. */
export interface Importer {
  readonly dir: string;
  readonly secret: Buffer;
  readonly interning: Interning;
  /** Raw public key that names are sealed to. */
  readonly sealedTo: string;
  /** Files of names that `interning` has learnt. */
  readonly learnt: Set<string>;
}

export function learn({ dir, interning, learnt }: Importer, manifest: Manifest): void {
  for (const info of manifest.names) {
    if (learnt.has(info.file)) continue;
    interning.learn(sectionsOf(readKept(dir, info)), info.window === OPEN ? undefined : info.window);
    learnt.add(info.file);
  }
}

/** From the numbers of this process to those of the index; marks stay. */
function settle({ four, six }: Gathered, numbers: Uint32Array, size: number): void {
  // Of a new index they are the same.
  if (numbers.subarray(0, size).every((number, local) => number === local)) return;
  for (const { cells, width, size } of [...four.buckets, ...six.buckets])
    for (let row = 0; row < size; row++) {
      const marked = cells[row * width + SUBSCRIBER]!;
      cells[row * width + SUBSCRIBER] = ((marked & ~NUMBER) | numbers[marked & NUMBER]!) >>> 0;
    }
}

/** One file a window. */
function writeTables(
  writing: Writing,
  source: string,
  tables: readonly Table[],
  exporters: readonly string[],
): SegmentInfo[] {
  return [...Map.groupBy(tables, t => t.window)].map(([window, parts]) => {
    const { parts: bytes, seal } = segmentBytes(parts);
    return { ...writing.keep('seg', bytes, seal), source, window, ...rowsIn(parts), exporters };
  });
}

/** Throws Fault(no-space) when the index cannot be written, Fault(locked) when another process holds it for minutes. */
export function commit(importer: Importer, read: Commit): Manifest {
  const { source, format, options, files, used, rejected } = read;
  return changeIndex(importer.dir, writing => {
    const { manifest } = writing;
    const { interning, sealedTo } = importer;
    learn(importer, manifest);
    const numbers = interning.settle(manifest.numbers);
    for (const gathered of [read.closed, read.open])
      if (gathered) settle(gathered, interning.numbers, interning.size + 1);
    const before = manifest.sources.find(s => s.name === source);
    const own = read.replace ? [] : manifest.segments.filter(s => s.source === source);
    const openBefore = own.filter(s => s.window === OPEN);
    const tables = commitTables(importer.dir, read, openBefore);
    // Forgetting may have gone on since this process began.
    const keptFrom = before?.heard.keptFrom ?? Number.NEGATIVE_INFINITY;
    const heard = { ...read.heard, ...(before?.heard.keptFrom === undefined ? {} : { keptFrom }) };
    const closed = tables.closed.filter(t => windowStart(t.window) >= keptFrom);
    const segments = writeTables(writing, source, closed, tables.exporters);
    const openTables = tables.open ?? (read.replace ? [] : undefined);
    const open = openTables && writeTables(writing, source, openTables, tables.exporters);
    const sealing = { source, closed, open: openTables, numbers, sealedTo };
    const { names, openNames } = writeNames(interning, writing, sealing);
    const state = read.open ? read.state : openTables ? openNames : undefined;
    const kept: Kept | undefined =
      state === undefined ? before?.state : writing.keep('state', [sealState(state, importer.secret, source)]);
    const next = { name: source, format, options, heard, files, used, rejected, ...(kept ? { state: kept } : {}) };
    return {
      numbers,
      sealedTo,
      sources: before ? manifest.sources.map(s => (s === before ? next : s)) : [...manifest.sources, next],
      segments: [
        ...manifest.segments.filter(s => s.source !== source),
        ...own.filter(s => s.window !== OPEN),
        ...segments,
        ...(open ?? openBefore),
      ],
      names,
    };
  });
}
