/**
 * The audit log as text: JSON lines in canonical form, each with the hash of the one before. In: a file. Out: how many
 * entries hold, the last hash, and the first line that does not. Any edit of any byte, any line gone, moved or added is
 * seen; a cut at the end is seen against the anchor, `FILE.anchor`, and against any root kept elsewhere.
 */
import { isUtf8 } from 'node:buffer';
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { canonical } from '../record/canonical.ts';
import { sha256 } from '../record/digest.ts';

export interface AuditEntry {
  /** From 1, without gaps. */
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Hash of the entry before; 64 zeros for the first. */
  readonly prev: string;
  /** Hex SHA-256 of the canonical form of the members above. */
  readonly hash: string;
}

export interface AuditRoot {
  readonly root: string;
  readonly entries: number;
}

export interface Chain extends AuditRoot {
  /** Bytes of the entries that hold. */
  readonly bytes: number;
  /** What follows the last newline: a crash in a write, or a cut. */
  readonly torn?: Buffer;
  readonly firstBad?: { readonly line: number; readonly why: string };
}

export const EMPTY_ROOT = '0'.repeat(64);

/**
 * One entry as its line and its hash. Put together member by member, in the order that RFC 8785 gives these names, because
 * it is done for every act; `data` is canonical text already.
 */
export function entryText(seq: number, at: number, type: string, data: string, prev: string) {
  const before = `{"at":${canonical(at)},"data":${data}`;
  const after = `,"prev":"${prev}","seq":${seq},"type":${canonical(type)}}`;
  const hash = sha256(before + after);
  return { hash, line: `${before},"hash":"${hash}"${after}\n` };
}

/** The lines of a file as bytes; `whole` is false for what follows the last newline. */
function* linesOf(file: string): Generator<{ bytes: Buffer; whole: boolean }> {
  const fd = openSync(file, 'r');
  try {
    const chunk = Buffer.alloc(1 << 16);
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const n = readSync(fd, chunk);
      if (n === 0) break;
      rest = Buffer.concat([rest, chunk.subarray(0, n)]);
      let start = 0;
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, start)) {
        yield { bytes: rest.subarray(start, end), whole: true };
        start = end + 1;
      }
      rest = rest.subarray(start);
    }
    if (rest.length > 0) yield { bytes: rest, whole: false };
  } finally {
    closeSync(fd);
  }
}

/** The entry on a line that follows `prev`, or why it is none. */
function entryOn(bytes: Buffer, seq: number, prev: string): AuditEntry | string {
  if (!isUtf8(bytes)) return 'is not text';
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
    if (canonical(value) !== text) return 'is not in canonical form: it was edited';
  } catch {
    return 'is not JSON: it was edited';
  }
  const entry = value as AuditEntry;
  if (entry?.seq !== seq) return `is not entry ${seq}: entries are gone, moved or added`;
  if (entry.prev !== prev) return 'does not follow the entry before it';
  const { hash, ...open } = entry;
  if (sha256(canonical(open)) !== hash) return 'does not have its own hash: it was edited';
  return entry;
}

/**
 * Reads the whole chain in bounded memory; stops at the first line that does not hold. `commitments`, when given, gets
 * those of the log by `seq`, for whoever still has the salts.
 */
export function readChain(file: string, anchors: readonly AuditRoot[], commitments?: Map<number, string>): Chain {
  let root = EMPTY_ROOT;
  let entries = 0;
  let bytes = 0;
  let torn: Buffer | undefined;
  let firstBad: Chain['firstBad'];
  const wanted = new Map<number, string>();
  for (const a of anchors) {
    const other = wanted.get(a.entries);
    if (other !== undefined && other !== a.root)
      firstBad = { line: a.entries, why: 'two roots are kept for this entry' };
    wanted.set(a.entries, a.root);
  }
  const anchored = () => {
    const kept = wanted.get(entries);
    if (kept !== undefined && kept !== root) firstBad ??= { line: entries, why: 'is not the entry that was anchored' };
  };
  anchored();
  if (existsSync(file))
    for (const line of linesOf(file)) {
      if (firstBad) break;
      if (!line.whole) {
        torn = Buffer.from(line.bytes);
        break;
      }
      const entry = entryOn(line.bytes, entries + 1, root);
      if (typeof entry === 'string') {
        firstBad = { line: entries + 1, why: entry };
        break;
      }
      entries++;
      root = entry.hash;
      bytes += line.bytes.length + 1;
      const { commitment } = entry.data;
      if (typeof commitment === 'string') commitments?.set(entry.seq, commitment);
      anchored();
    }
  const furthest = Math.max(0, ...wanted.keys());
  if (entries < furthest && !firstBad)
    firstBad = { line: entries + 1, why: `the log ends here, but ${furthest} entries were anchored: its tail is cut` };
  const chain = { root, entries, bytes };
  return { ...chain, ...(torn ? { torn } : {}), ...(firstBad ? { firstBad } : {}) };
}

export const anchorFileOf = (file: string): string => `${file}.anchor`;

/** The anchor beside the log; a string says why there is none. */
export function readAnchor(file: string): AuditRoot | string {
  try {
    const value = JSON.parse(readFileSync(anchorFileOf(file), 'utf8')) as AuditRoot;
    if (Number.isSafeInteger(value?.entries) && value.entries >= 0 && /^[0-9a-f]{64}$/.test(value.root)) return value;
    return 'the anchor is damaged';
  } catch {
    return 'the anchor is missing or damaged';
  }
}
