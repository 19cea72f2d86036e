/**
 * One log file as it is read: from where an earlier reading stopped, in pieces, to its end for now. In: a path and what is known of
 * files read before. A file is known again by its content, whatever its name is now. Out: its bytes to a feeder, and a record
 * of how far it was used.
 */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { sha256 } from '../../record/digest.ts';
import { Fault, fileFault } from '../../record/fault.ts';
import { type Feeder, LONGEST_LINE } from './feeder.ts';
import type { ReadFile } from './manifest.ts';

const HEAD = 4_096;
const PIECE = 1 << 20;

export interface LogFile {
  readonly file: string;
  readonly inode: number;
  /** Where an earlier reading had stopped. */
  readonly known: ReadFile | undefined;
  /** Reads one piece; false at the end for now. */
  step(): boolean;
  /** Its end is its end: what waits is used as it stands. `final` false leaves it waiting. */
  end(final: boolean): void;
  /** Bytes that wait for the end of their line. */
  readonly waiting: number;
  /** Bytes read so far. */
  readonly position: number;
  size(): number;
  record(): ReadFile;
  close(): void;
}

/** Exactly the bytes [from, to); throws RangeError when the file is shorter. */
function readPart(fd: number, from: number, to: number): Uint8Array {
  const bytes = new Uint8Array(to - from);
  for (let at = 0; at < bytes.length; ) {
    const got = readSync(fd, bytes, at, bytes.length - at, from + at);
    if (got === 0) throw new RangeError('shorter than it was');
    at += got;
  }
  return bytes;
}

/** Which of `known` this file begins with; the one read farthest, and the digest of so many bytes, to go on from. */
export function recognise(
  fd: number,
  size: number,
  known: readonly ReadFile[],
): { record: ReadFile; hash: Hash } | undefined {
  const heads = new Map<number, string>();
  const headOf = (length: number) => {
    if (!heads.has(length)) heads.set(length, sha256(readPart(fd, 0, length)));
    return heads.get(length);
  };
  const like = known
    .filter(r => r.offset > 0 && r.offset <= size && headOf(Math.min(HEAD, r.offset)) === r.head)
    .sort((a, b) => a.offset - b.offset);
  let found: { record: ReadFile; hash: Hash } | undefined;
  const hash = createHash('sha256');
  let at = 0;
  for (const record of like) {
    for (; at < record.offset; ) {
      const to = Math.min(record.offset, at + PIECE);
      hash.update(readPart(fd, at, to));
      at = to;
    }
    if (hash.copy().digest('hex') === record.digest) found = { record, hash: hash.copy() };
  }
  return found;
}

/**
 * `makeFeeder` gives a new feeder; `mute` says whether what it finds is already in the index. Faults: the file cannot be read, its
 * header is wrong, or a line that was used without its end went on.
 */
export function openLogFile(
  file: string,
  known: readonly ReadFile[],
  makeFeeder: () => Feeder,
  mute: (muted: boolean) => void,
): LogFile {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
  try {
    if (fstatSync(fd).isDirectory()) throw new Fault('input', 'is a folder', 'name a file', { where: file });
    return reading(file, fd, known, makeFeeder, mute);
  } catch (thrown) {
    closeSync(fd);
    throw thrown instanceof Fault ? thrown : fileFault(thrown, file);
  }
}

function reading(
  file: string,
  fd: number,
  known: readonly ReadFile[],
  makeFeeder: () => Feeder,
  mute: (muted: boolean) => void,
): LogFile {
  const { ino: inode, size } = fstatSync(fd);
  const again = recognise(fd, size, known);
  const feeder = makeFeeder();
  const hash = again?.hash ?? createHash('sha256');
  /** Bytes used, and bytes read but not used. */
  let offset = 0;
  let have = 0;
  let unended = again?.record.unended ?? false;
  /** The first bytes that were used: the file may be emptied meanwhile. */
  const head = new Uint8Array(HEAD);
  const buffer = new Uint8Array(PIECE + LONGEST_LINE + 1);
  if (again) {
    mute(true);
    rewind(fd, feeder, again.record, buffer);
    mute(false);
    offset = again.record.offset;
    head.set(readPart(fd, 0, Math.min(HEAD, offset)));
  }
  const use = (count: number) => {
    hash.update(buffer.subarray(0, count));
    if (offset < HEAD) head.set(buffer.subarray(0, Math.min(count, HEAD - offset)), offset);
    buffer.copyWithin(0, count, have);
    have -= count;
    offset += count;
  };

  return {
    file,
    inode,
    known: again?.record,
    step() {
      const got = readSync(fd, buffer, have, PIECE, offset + have);
      if (got === 0) return false;
      if (unended) {
        if (buffer[have] !== 10 && buffer[have] !== 13)
          throw new Fault('input', 'this line was read before it was whole', 'import the log again into a new folder', {
            where: `${file}:${feeder.lines}`,
          });
        unended = false;
      }
      have += got;
      use(feeder.feed(buffer, have));
      return true;
    },
    end(final) {
      const used = feeder.end(buffer.subarray(0, have), have, final);
      if (used > 0) unended = true;
      use(used);
    },
    get waiting() {
      return have;
    },
    get position() {
      return offset + have;
    },
    size: () => fstatSync(fd).size,
    record: () => ({
      file,
      inode,
      size: fstatSync(fd).size,
      offset,
      lines: feeder.lines,
      digest: hash.copy().digest('hex'),
      head: sha256(head.subarray(0, Math.min(HEAD, offset))),
      ...(unended ? { unended } : {}),
      ...(feeder.cut ? { cut: true as const } : {}),
    }),
    close: () => closeSync(fd),
  };
}

/** Brings a new feeder to where the file was left. */
function rewind(fd: number, feeder: Feeder, record: ReadFile, buffer: Uint8Array): void {
  const { resume } = feeder;
  let at = 0;
  let have = 0;
  while (at + have < record.offset) {
    const got = readSync(fd, buffer, have, Math.min(PIECE, record.offset - at - have), at + have);
    if (got === 0) break;
    have += got;
    const line = resume ? firstLine(buffer, have) : have;
    const used = feeder.feed(buffer, line);
    if (resume) break;
    buffer.copyWithin(0, used, have);
    have -= used;
    at += used;
  }
  if (resume) resume(record.lines, record.cut ?? false);
  else if (record.unended) feeder.end(buffer.subarray(0, have), have, true);
}

/** Length of the first line that is not empty, with its end; everything when it has none. */
function firstLine(bytes: Uint8Array, length: number): number {
  for (let at = 0; at < length; at++) if (bytes[at] === 10 && at > 0 && bytes[at - 1]! > 13) return at + 1;
  return length;
}
