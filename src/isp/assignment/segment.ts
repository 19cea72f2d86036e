/**
 * One import on disk: immutable columns in `<digest>.seg`, the ISP's own line ids in `<digest>.ids` (0600), and a manifest
 * that names the segments that count. A segment that the manifest does not name does not exist: it is written beside,
 * flushed, renamed, and only then named, so that a crash leaves the old index whole.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../record/digest.ts';
import { Fault, fileFault } from '../../record/fault.ts';
import type { Instant } from '../../record/instant.ts';
import { COLUMNS, type Columns, emptyColumns } from './builder.ts';

export interface SegmentInfo {
  /** Names the files; derived from the imported bytes. */
  readonly digest: string;
  /** Which log this is a part of; segments of one source supersede one another in time. */
  readonly source: string;
  readonly format: 'kea' | 'csv';
  /** The log is complete from `first` to `through`, and silent about everything else. */
  readonly first: Instant;
  readonly through: Instant;
  readonly rows: number;
  readonly rejected: number;
  /** SHA-256 over both files, so that a damaged index is refused and not believed. */
  readonly seal: string;
}

interface Manifest {
  readonly format: 'notice-assignments/1';
  readonly segments: readonly SegmentInfo[];
}

const MANIFEST = 'manifest.json';

function writeWhole(file: string, parts: readonly (string | Uint8Array)[]): void {
  try {
    const fd = openSync(`${file}.new`, 'w', 0o600);
    try {
      for (const part of parts) {
        const bytes = typeof part === 'string' ? Buffer.from(part) : part;
        for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
      }
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(`${file}.new`, file);
  } catch (thrown) {
    rmSync(`${file}.new`, { force: true });
    throw fileFault(thrown, file);
  }
}

const bytesOf = (a: Uint32Array | Uint16Array) => new Uint8Array(a.buffer, a.byteOffset, a.byteLength);

/** Segments that count, oldest import first; none when the folder is new. */
export function readManifest(dir: string): readonly SegmentInfo[] {
  const file = join(dir, MANIFEST);
  if (!existsSync(file)) return [];
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as Manifest).segments;
  } catch (thrown) {
    throw new Fault('input', 'cannot be read', 'import the logs again into a new folder', {
      where: file,
      cause: thrown,
    });
  }
}

export function writeSegment(
  dir: string,
  info: Omit<SegmentInfo, 'rows' | 'seal'>,
  columns: Columns,
  subscribers: readonly string[],
  replaces: (older: SegmentInfo) => boolean,
): SegmentInfo {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const before = readManifest(dir);
  const ids = Buffer.from(subscribers.map(s => `${JSON.stringify(s)}\n`).join(''));
  const parts = COLUMNS.map(name => bytesOf(columns[name]));
  const segment = { ...info, rows: columns.rows, seal: sha256(Buffer.concat([...parts, ids])) };
  writeWhole(join(dir, `${info.digest}.ids`), [ids]);
  writeWhole(join(dir, `${info.digest}.seg`), parts);
  const kept = before.filter(older => older.digest !== info.digest && !replaces(older));
  const manifest: Manifest = { format: 'notice-assignments/1', segments: [...kept, segment] };
  writeWhole(join(dir, MANIFEST), [`${JSON.stringify(manifest, null, 2)}\n`]);
  const named = new Set(manifest.segments.flatMap(s => [`${s.digest}.seg`, `${s.digest}.ids`]));
  for (const file of readdirSync(dir))
    if (/\.(seg|ids|new)$/.test(file) && !named.has(file)) rmSync(join(dir, file), { force: true });
  return segment;
}

export function readSegment(dir: string, info: SegmentInfo): { columns: Columns; subscribers: readonly string[] } {
  const where = join(dir, `${info.digest}.seg`);
  try {
    const data = readFileSync(where);
    const ids = readFileSync(join(dir, `${info.digest}.ids`));
    if (sha256(Buffer.concat([data, ids])) !== info.seal) throw new RangeError('changed since it was written');
    const columns = emptyColumns(info.rows);
    let at = 0;
    for (const name of COLUMNS) {
      const target = bytesOf(columns[name]);
      target.set(data.subarray(at, at + target.length));
      at += target.length;
    }
    const subscribers = ids.toString('utf8').split('\n').slice(0, -1);
    return { columns, subscribers: subscribers.map(line => JSON.parse(line) as string) };
  } catch (thrown) {
    throw new Fault('input', 'is damaged or missing', 'import the log again into a new folder', {
      where,
      cause: thrown,
    });
  }
}

/** Forgets segments whose coverage ended before `before` (retention). Says how many. */
export function dropSegments(dir: string, before: Instant): number {
  const all = readManifest(dir);
  const kept = all.filter(segment => segment.through >= before);
  if (kept.length === all.length) return 0;
  writeWhole(join(dir, MANIFEST), [`${JSON.stringify({ format: 'notice-assignments/1', segments: kept }, null, 2)}\n`]);
  for (const { digest } of all.filter(s => !kept.includes(s)))
    for (const end of ['seg', 'ids']) rmSync(join(dir, `${digest}.${end}`), { force: true });
  return all.length - kept.length;
}
