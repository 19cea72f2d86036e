/**
 * The ISP's own record of what it was asked and what it answered: one line a question, each with the hash of the one before. In:
 * who asked, the verdict and the digests of question and inputs; never a subscriber or an address. Out: a file that shows any
 * edit, and that a later run on the same index can be held against. One process at a time writes it: the caller has the lock.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { canonical } from '../../record/canonical.ts';
import { sha256 } from '../../record/digest.ts';
import { Fault, fileFault } from '../../record/fault.ts';
import type { Instant } from '../../record/instant.ts';
import type { Asked } from './identify-all.ts';
import { inputsDigest, questionDigest } from './inputs-digest.ts';

export interface VerdictLine {
  /** From 1, without gaps. */
  readonly seq: number;
  readonly at: Instant;
  /** `bundle`: a finding in a verified bundle; `ask`: a person at the ISP. */
  readonly by: 'bundle' | 'ask';
  /** The case, or the approval. */
  readonly ref: string;
  readonly verdict: string;
  readonly question: string;
  readonly inputs: string;
  readonly prev: string;
  readonly hash: string;
}

export interface VerdictAudit {
  /** Gives the line back, in the file but not yet flushed. */
  append(at: Instant, by: VerdictLine['by'], ref: string, asked: Asked): VerdictLine;
  /** On the disk when it returns; before anything is done with the answers. */
  sync(): void;
  close(): void;
}

const FIRST = '0'.repeat(64);

/** Stands before the lines once older ones were dropped: the chain goes on from there. */
interface Forgot {
  readonly forgot: { readonly seq: number; readonly hash: string; readonly before: Instant };
}

const hashOf = (line: Omit<VerdictLine, 'hash'>): string => sha256(canonical(line));

export interface VerdictChain {
  readonly lines: readonly VerdictLine[];
  readonly firstBad?: { readonly line: number; readonly why: string };
  /** Bytes of the whole lines that hold. */
  readonly bytes: number;
}

function lineOf(text: string, last: { readonly seq: number; readonly hash: string }): VerdictLine | string {
  let line: VerdictLine;
  try {
    line = JSON.parse(text) as VerdictLine;
    const { hash, ...rest } = line;
    if (canonical(line) !== text || hash !== hashOf(rest)) return 'was edited';
  } catch {
    return 'is no line of this file';
  }
  if (line.seq !== last.seq + 1) return 'is not the next one: lines are missing, doubled or moved';
  return line.prev === last.hash ? line : 'does not follow the line before';
}

/** Reads and checks the whole file; what follows the last newline is a crash in a write and counts for nothing. */
export function readVerdicts(file: string): VerdictChain {
  if (!existsSync(file)) return { lines: [], bytes: 0 };
  const text = readFileSync(file, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const lines: VerdictLine[] = [];
  let last = { seq: 0, hash: FIRST };
  let bytes = 0;
  for (const [i, one] of whole.split('\n').slice(0, -1).entries()) {
    const forgot = i === 0 && one.startsWith('{"forgot"') ? forgotOn(one) : undefined;
    const line = forgot ?? lineOf(one, last);
    if (typeof line === 'string') return { lines, bytes, firstBad: { line: i + 1, why: line } };
    if (!('forgot' in line)) lines.push(line);
    last = 'forgot' in line ? line.forgot : line;
    bytes += Buffer.byteLength(one) + 1;
  }
  return { lines, bytes };
}

function forgotOn(text: string): Forgot | undefined {
  try {
    const { forgot } = JSON.parse(text) as Forgot;
    return Number.isSafeInteger(forgot.seq) && /^[0-9a-f]{64}$/.test(forgot.hash) ? { forgot } : undefined;
  } catch {
    return undefined;
  }
}

export const keyFileOf = (file: string): string => `${file}.key`;

/** 32 bytes, made with `random` when the file is new. Without it the digests say nothing to anybody. */
export function verdictKey(file: string, random: (bytes: number) => Uint8Array): Uint8Array {
  const own = keyFileOf(file);
  try {
    if (existsSync(own)) return readFileSync(own);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(`${own}.new`, random(32), { mode: 0o600, flush: true });
    renameSync(`${own}.new`, own);
    return readFileSync(own);
  } catch (thrown) {
    throw fileFault(thrown, own);
  }
}

const spoilt = (file: string, { line, why }: { line: number; why: string }) =>
  new Fault('audit', why, 'keep this file for the auditor, and start with a new one', { where: `${file}:${line}` });

/** Throws Fault: audit when the file does not hold, no-space when it cannot be written. */
export function openVerdictAudit(file: string, random: (bytes: number) => Uint8Array): VerdictAudit {
  const key = verdictKey(file, random);
  const chain = readVerdicts(file);
  if (chain.firstBad) throw spoilt(file, chain.firstBad);
  let last: { seq: number; hash: string } = lastOf(file, chain);
  const fd = openSync(file, existsSync(file) ? 'r+' : 'w', 0o600);
  ftruncateSync(fd, chain.bytes);
  let end = chain.bytes;
  return {
    append: (at, by, ref, { question, answer, steps }) => {
      const rest = {
        seq: last.seq + 1,
        at,
        by,
        ref,
        verdict: answer.verdict,
        question: questionDigest(key, question),
        inputs: inputsDigest(key, steps),
        prev: last.hash,
      };
      const line: VerdictLine = { ...rest, hash: hashOf(rest) };
      const bytes = Buffer.from(`${canonical(line)}\n`);
      try {
        for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, end + done);
      } catch (thrown) {
        throw fileFault(thrown, file);
      }
      end += bytes.length;
      last = line;
      return line;
    },
    sync: () => fsyncSync(fd),
    close: () => closeSync(fd),
  };
}

function lastOf(file: string, { lines, bytes }: VerdictChain): { seq: number; hash: string } {
  const line = lines.at(-1);
  if (line) return line;
  const head = bytes > 0 ? forgotOn(readFileSync(file, 'utf8').split('\n', 1)[0] as string) : undefined;
  return head?.forgot ?? { seq: 0, hash: FIRST };
}

/** Drops lines older than `before` (one year, mandate/retention.ts). Says how many. The chain of the rest still verifies. */
export function forgetVerdicts(file: string, before: Instant): number {
  const chain = readVerdicts(file);
  if (chain.firstBad) throw spoilt(file, chain.firstBad);
  const kept = chain.lines.findIndex(line => line.at >= before);
  const gone = kept < 0 ? chain.lines.length : kept;
  const lastGone = chain.lines[gone - 1];
  if (!lastGone) return 0;
  const head: Forgot = { forgot: { seq: lastGone.seq, hash: lastGone.hash, before } };
  const rest = chain.lines.slice(gone).map(line => `${canonical(line)}\n`);
  try {
    writeFileSync(`${file}.new`, [`${canonical(head)}\n`, ...rest].join(''), { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
  return gone;
}
