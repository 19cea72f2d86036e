/**
 * Who held what, in memory: all files of an index, joined. In: an address and port, or an IPv6 address, and a window of time. Out:
 * every hold whose possible extent meets the window, never just the latest, of all sources; and how far each source speaks.
 */
import { join } from 'node:path';
import { Fault } from '../../record/fault.ts';
import type { Instant } from '../../record/instant.ts';
import { type Behind, behindOf } from './chain.ts';
import { type Coverage, coveredBy, type SourceInfo } from './coverage.ts';
import { FROM_PART, msOf, NUMBER, SOFT, secondsDown, secondsUp, TO_PART } from './gathering.ts';
import { Growing } from './growing.ts';
import { fillJoined, type Joined } from './joined.ts';
import { type Manifest, readKept, readManifest, type SegmentInfo, sourcesOf } from './manifest.ts';
import { sectionsOf } from './names.ts';
import type { Pools } from './pools.ts';
import { searchFour, searchSix } from './search.ts';
import { readSegment } from './segment.ts';
import { HOLD } from './table.ts';

export interface Touching {
  /** The log that says so, and the box within it. */
  readonly source: string;
  readonly exporter: string;
  /** Agent-local number; 0 when somebody unknown was there. The name is in the sealed map (subscribers.ts). */
  readonly subscriber: number;
  readonly sureFrom: Instant;
  readonly sureTo: Instant;
  readonly possibleFrom: Instant;
  readonly possibleTo: Instant;
  /** Bits of the prefix; absent for IPv4. */
  readonly length?: number;
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

/** Another process may replace files between reading the manifest and opening them. */
const TRIES = 5;

/** Throws Fault(input) when a file is damaged. A folder that does not exist yet is an empty index. */
export function openAssignments(dir: string, pools: Pools): AssignmentIndex {
  for (let tries = 1; ; tries++) {
    const manifest = readManifest(dir);
    try {
      return open(dir, pools, manifest);
    } catch (thrown) {
      const changed = readManifest(dir).generation !== manifest.generation;
      if (!(thrown instanceof Fault) || !changed || tries === TRIES) throw thrown;
    }
  }
}

function open(dir: string, pools: Pools, manifest: Manifest): AssignmentIndex {
  const { segments, generation } = manifest;
  const rows6 = segments.reduce((sum, s) => sum + s.rows6, 0);
  const rows = segments.reduce((sum, s) => sum + s.rows, 0);
  const filling = { 4: fillJoined(4, rows - rows6), 6: fillJoined(6, rows6) };
  for (const [n, info] of segments.entries())
    for (const table of readSegment(join(dir, info.file), info.window, info.seal, (family, count) =>
      filling[family].room(count),
    ))
      filling[table.family].put(table, n);
  const four = searchFour(filling[4].join());
  const six = searchSix(filling[6].join());
  const sources = sourcesOf(manifest);
  const byName = new Map(sources.map(s => [s.name, s]));
  const behind = behindIn(dir, manifest);

  /** Rows found by one question. */
  const rowsFound = new Growing();
  const slotsFound = new Growing();
  const given = (joined: Joined, length?: number): Touching[] => {
    const found: Touching[] = [];
    for (let i = 0; i < rowsFound.size; i += 2) {
      const file = rowsFound.values[i + 1]!;
      found.push(touching(joined, rowsFound.values[i]!, segments[file]!, file, length));
    }
    return found;
  };

  return {
    pools,
    segments,
    rows,
    sources,
    touching(address, port, from, to) {
      slotsFound.size = 0;
      rowsFound.size = 0;
      four.slotsOf(address, port, slotsFound);
      const [earliest, latest] = [secondsUp(from), secondsDown(to)];
      for (let i = 0; i < slotsFound.size; i++)
        four.joined.touching(slotsFound.values[i]!, earliest, latest, rowsFound);
      return given(four.joined);
    },
    touching6: (address, from, to) =>
      six.slotsOf(address).flatMap(({ slot, length }) => {
        rowsFound.size = 0;
        six.joined.touching(slot, secondsUp(from), secondsDown(to), rowsFound);
        return given(six.joined, length);
      }),
    everHeld(address, port) {
      slotsFound.size = 0;
      four.slotsOf(address, port, slotsFound);
      return slotsFound.size > 0;
    },
    everHeld6: address => six.slotsOf(address).length > 0,
    covers: (source, from, to, exporter) => {
      const found = byName.get(source);
      return found ? coveredBy(found, from, to, exporter) : 'before';
    },
    behindOf: subscriber => behind.get(subscriber),
    stale: () => readManifest(dir).generation !== generation,
  };
}

function touching(joined: Joined, row: number, info: SegmentInfo, file: number, length?: number): Touching {
  const { holds } = joined;
  const from = holds[row * HOLD]!;
  const to = holds[row * HOLD + 1]!;
  const marked = holds[row * HOLD + 2]!;
  const soft = marked >= SOFT ? joined.softOf(row, file) : undefined;
  const box = info.exporters.length > 1 ? joined.exporterOf(row, file) : 0;
  const found = {
    source: info.source,
    exporter: info.exporters[box] ?? info.source,
    subscriber: marked & NUMBER,
    sureFrom: msOf(soft ? soft.from : marked & FROM_PART ? from + 1 : from),
    sureTo: msOf(soft ? soft.to : marked & TO_PART ? to - 1 : to),
    possibleFrom: msOf(from),
    possibleTo: msOf(to),
  };
  return length === undefined ? found : { ...found, length };
}

/** What is no line but an address behind a translator lies in the open: it must be followed without any key. */
function behindIn(dir: string, manifest: Manifest): ReadonlyMap<number, Behind> {
  const found = new Map<number, Behind>();
  for (const info of manifest.names.filter(n => n.behind))
    for (const section of sectionsOf(readKept(dir, info)))
      for (const [i, name] of section.open().entries()) {
        const behind = behindOf(Buffer.from(name).toString('utf8'));
        if (behind) found.set(section.numbers[i] as number, behind);
      }
  return found;
}
