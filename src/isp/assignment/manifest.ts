/**
 * The one file that says which files of an index count. What it does not name does not exist: files are written and flushed, then
 * the manifest is renamed, so that a crash leaves the old index whole. In: a change. Out: the new manifest on disk.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
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
import { type SourceInfo, sourceInfo } from './coverage.ts';
import { isLeftOver, lockFolder } from './folder-lock.ts';
import type { Heard } from './hearing.ts';

export interface Kept {
  /** Name in the folder. */
  readonly file: string;
  /** SHA-256 of its bytes. */
  readonly seal: string;
  readonly bytes: number;
}

export interface SegmentInfo extends Kept {
  readonly source: string;
  readonly window: number;
  readonly rows: number;
  /** Of these, of IPv6 prefixes. */
  readonly rows6: number;
  /** Names for the numbers of boxes in it. */
  readonly exporters: readonly string[];
}

export interface NamesInfo extends Kept {
  readonly window: number;
  /** In the open: addresses behind a translator, not names. */
  readonly behind?: true;
  /** Of the open window only: whose open holds these are. */
  readonly source?: string;
}

/** How far one file was read: by its content, so that a renamed or copied file is known again. */
export interface ReadFile {
  readonly file: string;
  readonly inode: number;
  readonly size: number;
  readonly offset: number;
  /** Lines (or records) before `offset`. */
  readonly lines: number;
  /** SHA-256 of the first `offset` bytes, and of the first of them alone. */
  readonly digest: string;
  readonly head: string;
  /** The last line had no end and was used all the same. */
  readonly unended?: true;
  /** `offset` lies within a line that is too long. */
  readonly cut?: true;
}

export interface SourceRecord {
  readonly name: string;
  readonly format: string;
  /** What the caller declared of the log, for those who ask later. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly heard: Heard;
  readonly files: readonly ReadFile[];
  readonly used: number;
  readonly rejected: number;
  /** The folder's state, sealed with the secret of the importer; absent when it has none. */
  readonly state?: Kept;
}

export interface Manifest {
  readonly format: 'notice-assignments/2';
  /** Grows with every change. */
  readonly generation: number;
  /** Numbers above this are free. None is ever given twice. */
  readonly numbers: number;
  /** Raw X25519 key that names are sealed to, base64url; '' before the first import. */
  readonly sealedTo: string;
  readonly sources: readonly SourceRecord[];
  readonly segments: readonly SegmentInfo[];
  readonly names: readonly NamesInfo[];
}

const MANIFEST = 'manifest.json';
const EMPTY: Manifest = {
  format: 'notice-assignments/2',
  generation: 0,
  numbers: 0,
  sealedTo: '',
  sources: [],
  segments: [],
  names: [],
};

/** An empty one when the folder is new. Throws Fault(input) when it cannot be read. */
export function readManifest(dir: string): Manifest {
  const file = join(dir, MANIFEST);
  if (!existsSync(file)) return EMPTY;
  try {
    const read = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
    if (read.format !== EMPTY.format) throw new RangeError('of another version');
    return read;
  } catch (thrown) {
    throw new Fault('input', 'cannot be read', 'import the logs again into a new folder', {
      where: file,
      cause: thrown,
    });
  }
}

function writeFlushed(file: string, parts: readonly Uint8Array[]): void {
  const fd = openSync(file, 'w', 0o600);
  try {
    for (const part of parts) for (let at = 0; at < part.length; ) at += writeSync(fd, part, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function flushFolder(dir: string): void {
  const fd = openSync(dir, 'r');
  fsyncSync(fd);
  closeSync(fd);
}

export interface Writing {
  readonly manifest: Manifest;
  /** Writes a file that counts once the manifest names it. */
  keep(ending: string, parts: readonly Uint8Array[], seal?: string): Kept;
  read(kept: Kept): Buffer;
}

const PATIENCE_MS = 120_000;
const OURS = /\.(seg|names|state|new)$/;

/**
 * The only way to change an index. `change` sees the newest manifest and gives the next, or undefined to leave all as it is. No
 * other process changes the index meanwhile. Throws Fault(no-space) when it cannot be written: the old index stays.
 */
export function changeIndex(dir: string, change: (writing: Writing) => Partial<Manifest> | undefined): Manifest {
  const unlock = lockFolder(dir, 'index.lock', PATIENCE_MS);
  const made: string[] = [];
  try {
    const before = readManifest(dir);
    const next = change({
      manifest: before,
      keep: (ending, parts, seal) => {
        const file = `${before.generation + 1}-${made.length + 1}.${ending}`;
        made.push(file);
        writeFlushed(join(dir, file), parts);
        const bytes = parts.reduce((sum, p) => sum + p.length, 0);
        return { file, bytes, seal: seal ?? sha256(Buffer.concat(parts)) };
      },
      read: kept => readKept(dir, kept),
    });
    if (!next) return before;
    const after = { ...before, ...next, generation: before.generation + 1 };
    writeFlushed(join(dir, `${MANIFEST}.new`), [Buffer.from(`${JSON.stringify(after)}\n`)]);
    flushFolder(dir);
    renameSync(join(dir, `${MANIFEST}.new`), join(dir, MANIFEST));
    flushFolder(dir);
    sweep(dir, after);
    return after;
  } catch (thrown) {
    const named = new Set(keptBy(readManifest(dir)).map(k => k.file));
    for (const file of made) if (!named.has(file)) rmSync(join(dir, file), { force: true });
    throw thrown instanceof Fault || !(thrown as { code?: string }).code ? thrown : fileFault(thrown, dir);
  } finally {
    unlock();
  }
}

/** Unlinks what no manifest names: replaced, forgotten, or left by a crash. */
function sweep(dir: string, manifest: Manifest): void {
  const named = new Set(keptBy(manifest).map(k => k.file));
  for (const file of readdirSync(dir))
    if ((OURS.test(file) && !named.has(file)) || isLeftOver(file)) rmSync(join(dir, file), { force: true });
}

export const keptBy = (manifest: Manifest): Kept[] => [
  ...manifest.segments,
  ...manifest.names,
  ...manifest.sources.flatMap(s => (s.state ? [s.state] : [])),
];

/** Throws Fault(input) when the file is missing or not as it was written. */
export function readKept(dir: string, { file, seal }: Kept): Buffer {
  const where = join(dir, file);
  let bytes: Buffer;
  try {
    bytes = readFileSync(where);
  } catch (thrown) {
    throw fileFault(thrown, where);
  }
  if (sha256(bytes) !== seal)
    throw new Fault('input', 'is damaged', 'import the logs again into a new folder', { where });
  return bytes;
}

/** How far every source reaches, for people and pages. */
export const readSources = (dir: string): SourceInfo[] => sourcesOf(readManifest(dir));

export const sourcesOf = (manifest: Manifest): SourceInfo[] =>
  manifest.sources.map(source => {
    const rows = manifest.segments.reduce((sum, s) => sum + (s.source === source.name ? s.rows : 0), 0);
    return sourceInfo({ ...source, rows });
  });
