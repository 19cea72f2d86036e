/**
 * The index in memory: all segments as typed columns sorted by (address, start), 33 bytes an interval. In: an address, a
 * port, a window. Out: every interval whose possible extent touches the window, never just the latest. The running
 * maximum of ends stops the walk back, so that a long-lived interval far behind is still found.
 */

import type { Instant } from '../../record/instant.ts';
import { COLUMNS, type Columns, emptyColumns, FOREVER } from './builder.ts';
import { type Behind, behindOf } from './chain.ts';
import { type Coverage, coveredBy, type SourceInfo } from './coverage.ts';
import type { Pools } from './pools.ts';
import { readManifest, readSegment, type SegmentInfo } from './segment.ts';
import { numbered } from './subscribers.ts';

export interface Touching {
  /** The log that says so, and the box within it. */
  readonly source: string;
  readonly exporter: string;
  readonly segment: SegmentInfo;
  /** Agent-local number; 0 when somebody unknown was there. The name is in the sealed map (subscribers.ts). */
  readonly subscriber: number;
  readonly sureFrom: Instant;
  readonly sureTo: Instant;
  readonly possibleFrom: Instant;
  readonly possibleTo: Instant;
}

export interface AssignmentIndex {
  readonly pools: Pools;
  readonly segments: readonly SegmentInfo[];
  readonly rows: number;
  /** One for each log that was imported, oldest first. */
  readonly sources: readonly SourceInfo[];
  /** Holds of (address, port) whose possible extent meets [from, to], over all sources. */
  touching(address: number, port: number, from: Instant, to: Instant): Touching[];
  /** Holds of every prefix around a 128-bit address, the longest prefix first, that meet [from, to]. */
  touching6(address: bigint, from: Instant, to: Instant): Touching[];
  /** Whether anybody ever held (address, port) in these logs. */
  everHeld(address: number, port: number): boolean;
  everHeld6(address: bigint): boolean;
  /** Whether a log speaks for all of [from, to]; of one exporter where it is named, else of every one it has heard of. */
  covers(source: string, from: Instant, to: Instant, exporter?: string): Coverage;
  /** What a number stands for when the log named an address in place of a line (chain.ts, `Behind`); undefined for a line. */
  behindOf(subscriber: number): Behind | undefined;
  /** Whether the folder has changed since this index was opened. */
  stale(): boolean;
}

interface Merged {
  readonly columns: Columns;
  /** Index into `segments` and `names`. */
  readonly segment: Uint8Array;
  /** Per address, the greatest possibleTo up to and including this row. */
  readonly reach: Uint32Array;
}

function merge(parts: readonly Columns[]): Merged {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const all = emptyColumns(rows);
  const from = new Uint8Array(rows);
  let at = 0;
  for (const [i, part] of parts.entries()) {
    for (const name of COLUMNS) all[name].set(part[name], at);
    from.fill(i, at, at + part.rows);
    at += part.rows;
  }
  const { address, possibleFrom } = all;
  const order = Uint32Array.from({ length: rows }, (_, i) => i);
  // One segment is sorted already.
  if (parts.length > 1) order.sort((a, b) => address[a]! - address[b]! || possibleFrom[a]! - possibleFrom[b]! || a - b);
  const columns = emptyColumns(rows);
  const segment = new Uint8Array(rows);
  const reach = new Uint32Array(rows);
  for (let i = 0; i < rows; i++) {
    const source = order[i]!;
    for (const name of COLUMNS) columns[name][i] = all[name][source]!;
    segment[i] = from[source]!;
    const end = columns.possibleTo[i]!;
    reach[i] = i > 0 && columns.address[i] === columns.address[i - 1] ? Math.max(reach[i - 1]!, end) : end;
  }
  return { columns, segment, reach };
}

/** First row in [0, rows) for which `after` holds; rows when none. */
function firstRow(rows: number, after: (row: number) => boolean): number {
  let low = 0;
  let high = rows;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (after(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

const ms = (seconds: number): Instant => (seconds === FOREVER ? Number.POSITIVE_INFINITY : seconds * 1000);

const LATEST = 255;

/** The rows and how far they reach: a log that says nothing new still says that nothing happened until later. */
const marksOf = (segments: readonly SegmentInfo[]) => segments.map(s => `${s.seal} ${s.first} ${s.through}`).join();

function sourcesOf(segments: readonly SegmentInfo[]): SourceInfo[] {
  return [...Map.groupBy(segments, s => s.source)].map(([name, parts]) => {
    const first = Math.min(...parts.map(p => p.first));
    const through = Math.max(...parts.map(p => p.through));
    const ordered = [...parts].sort((a, b) => a.first - b.first);
    const gaps: { from: Instant; to: Instant }[] = [];
    let reached = first;
    for (const part of ordered) {
      if (part.first > reached) gaps.push({ from: reached, to: part.first });
      reached = Math.max(reached, part.through);
    }
    const rows = parts.reduce((sum, p) => sum + p.rows, 0);
    const rejected = parts.reduce((sum, p) => sum + p.rejected, 0);
    const exporters = [{ exporter: name, first, through, gaps }];
    return { name, format: parts[0]?.format ?? '', exporters, first, through, rows, rejected, files: [] };
  });
}

/** Throws Fault(input) when a segment is damaged. A folder that does not exist yet is an empty index. */
export function openAssignments(dir: string, pools: Pools): AssignmentIndex {
  const segments = readManifest(dir).slice(-LATEST);
  const read = segments.map(info => readSegment(dir, info));
  const names = numbered(read.map(part => part.subscribers));
  const sources = sourcesOf(segments);
  const { columns, segment, reach } = merge(read.map(part => part.columns));
  const { address: addresses, possibleFrom, possibleTo, portFrom, portTo, rows } = columns;
  const marks = marksOf(segments);

  return {
    pools,
    segments,
    rows,
    sources,
    touching6: () => [],
    everHeld6: () => false,
    covers: (source, from, to, exporter) => {
      const found = sources.find(s => s.name === source);
      return found ? coveredBy(found, from, to, exporter) : 'before';
    },
    behindOf: subscriber => behindOf(names.all[subscriber - 1] ?? ''),
    touching: (address, port, from, to) => {
      const last = Math.floor(to / 1000);
      const earliest = Math.ceil(from / 1000);
      const end = firstRow(rows, i => addresses[i]! > address || (addresses[i] === address && possibleFrom[i]! > last));
      const found: Touching[] = [];
      for (let i = end - 1; i >= 0 && addresses[i] === address && reach[i]! >= earliest; i--) {
        if (possibleTo[i]! < earliest || port < portFrom[i]! || port > portTo[i]!) continue;
        const which = segment[i]!;
        const id = columns.subscriber[i]!;
        found.push({
          source: segments[which]!.source,
          exporter: segments[which]!.source,
          segment: segments[which]!,
          subscriber: id === 0 ? 0 : names.of[which]![id - 1]!,
          sureFrom: ms(columns.sureFrom[i]!),
          sureTo: ms(columns.sureTo[i]!),
          possibleFrom: ms(possibleFrom[i]!),
          possibleTo: ms(possibleTo[i]!),
        });
      }
      return found;
    },
    everHeld: (address, port) => {
      for (let i = firstRow(rows, r => addresses[r]! >= address); i < rows && addresses[i] === address; i++)
        if (port >= portFrom[i]! && port <= portTo[i]!) return true;
      return false;
    },
    stale: () => marksOf(readManifest(dir).slice(-LATEST)) !== marks,
  };
}
