/**
 * Merges files of one window, in the background, so that a question meets few. In: the folder. Out: how many files went. No answer
 * changes: a hold that was told twice is kept once, and that is all.
 */
import { join } from 'node:path';
import { Gathering } from './gathering.ts';
import {
  changeIndex,
  type Manifest,
  type NamesInfo,
  readManifest,
  type SegmentInfo,
  type Writing,
} from './manifest.ts';
import { readSegment, segmentBytes } from './segment.ts';
import { regather, rowsIn, tablesOf } from './table.ts';
import { OPEN } from './window.ts';

/** Names files of one window before they are put together. */
const MOST_NAMES = 8;

/**
 * The newest that are worth merging: as long as the next older one is not more than twice what is merged, so that a hold is written
 * a number of times that grows with the logarithm of theirs. `all` merges every one.
 */
export function worthMerging<T extends { readonly rows: number }>(oldestFirst: readonly T[], all: boolean): T[] {
  const merged: T[] = [];
  let rows = 0;
  for (const one of [...oldestFirst].reverse()) {
    if (!all && merged.length > 0 && one.rows > 2 * rows) break;
    merged.unshift(one);
    rows += one.rows;
  }
  return merged.length > 1 ? merged : [];
}

const groupsOf = (manifest: Manifest): SegmentInfo[][] => [
  ...Map.groupBy(
    manifest.segments.filter(s => s.window !== OPEN),
    s => `${s.window} ${s.source}`,
  ).values(),
];

const namesToJoin = (manifest: Manifest, all: boolean): NamesInfo[][] =>
  [
    ...Map.groupBy(
      manifest.names.filter(n => n.window !== OPEN),
      n => `${n.window} ${n.behind ?? false}`,
    ).values(),
  ].filter(group => group.length > (all ? 1 : MOST_NAMES));

/** Throws Fault(input) when a file is damaged; the index stays as it is. */
export function compact(dir: string, all = false): number {
  const before = readManifest(dir);
  const due = (m: Manifest) => groupsOf(m).some(g => worthMerging(g, all).length > 0) || namesToJoin(m, all).length > 0;
  if (!due(before)) return 0;
  let gone = 0;
  changeIndex(dir, writing => {
    const { manifest } = writing;
    let { segments, names } = manifest;
    for (const group of groupsOf(manifest)) {
      const merging = worthMerging(group, all);
      if (merging.length === 0) continue;
      const merged = merge(dir, writing, merging);
      gone += merging.length - 1;
      segments = segments.flatMap(s => (s === merging[0] ? [merged] : merging.includes(s) ? [] : [s]));
    }
    for (const group of namesToJoin(manifest, all)) {
      const [first] = group as [NamesInfo];
      const joined = {
        ...first,
        ...writing.keep(
          'names',
          group.map(n => writing.read(n)),
        ),
      };
      gone += group.length - 1;
      names = names.flatMap(n => (n === first ? [joined] : group.includes(n) ? [] : [n]));
    }
    return { segments, names };
  });
  return gone;
}

function merge(dir: string, writing: Writing, merging: readonly SegmentInfo[]): SegmentInfo {
  const { source, window } = merging[0] as SegmentInfo;
  const exporters = [...new Set(merging.flatMap(s => s.exporters))];
  const gathered = { 4: new Gathering(4), 6: new Gathering(6) };
  for (const info of merging) {
    const box = info.exporters.map(name => exporters.indexOf(name));
    for (const table of readSegment(join(dir, info.file), window, info.seal))
      regather(table, gathered[table.family], n => box[n] ?? 0);
  }
  const tables = [gathered[4], gathered[6]].flatMap(g =>
    tablesOf(g, bucket => new Uint16Array(bucket.size).fill(window)),
  );
  const { parts, seal } = segmentBytes(tables);
  return { ...writing.keep('seg', parts, seal), source, window, ...rowsIn(tables), exporters };
}
