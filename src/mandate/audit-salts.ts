/**
 * What the commitments in the audit log stand for: salt and data, apart from the log, so that they can be dropped without
 * breaking the chain. In: data. Out: a commitment. `FILE.salts/DAY.lines` holds a JST day's lines, encrypted with that
 * day's key in `DAY.key`, so that no file lists devices in clear; dropping a day is removing its two files, and 30 days
 * is the greatest age.
 *
 * Each opening of a day's file begins a stretch: a line `*IV`, then a line a commitment, which together are one AES-256-CTR
 * stream (NIST SP 800-38A section 6.5) from that IV. Its own tag a line needs none: the commitment in the chain is one.
 */
import {
  type Cipheriv,
  createCipheriv,
  createDecipheriv,
  type Decipheriv,
  randomBytes,
  randomFillSync,
} from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../record/digest.ts';
import type { Instant } from '../record/instant.ts';
import { DAY, dayOf, jstMidnight } from '../record/instant.ts';
import { daysKept } from './retention.ts';

export interface Opened {
  readonly seq: number;
  readonly salt: string;
  readonly data: unknown;
}

const LINES = '.lines';

export const saltsDirOf = (file: string): string => `${file}.salts`;

/** `data` in canonical form. */
export const commitmentOf = (salt: string, data: string): string => sha256(`${salt}|${data}`);

export interface Salts {
  /** Takes what a commitment stands for, its data in canonical form. */
  keep(at: Instant, seq: number, salt: string, data: string): void;
  /** Writes what was taken; the commitments must be in the log already. */
  write(): void;
  close(): void;
}

const SALT = 16;
/** Chance is drawn for 256 salts at once: asking for sixteen bytes costs as much as asking for all of them. */
const POOL = Buffer.alloc(256 * SALT);
let drawn = POOL.length;

export function newSalt(): string {
  if (drawn >= POOL.length) {
    randomFillSync(POOL);
    drawn = 0;
  }
  const salt = POOL.toString('hex', drawn, drawn + SALT);
  POOL.fill(0, drawn, drawn + SALT);
  drawn += SALT;
  return salt;
}

const STRETCH = /^\*([0-9a-f]{32})$/;
const CIPHER = 'aes-256-ctr';

/** Removes the days that are older than the retention table lets them be. Says how many. */
export function dropSalts(file: string, now: Instant): number {
  const dir = saltsDirOf(file);
  if (!existsSync(dir)) return 0;
  const oldest = dayOf(now - daysKept('attempts opened') * DAY);
  const old = readdirSync(dir).filter(name => name.slice(0, 10) < oldest);
  for (const name of old) rmSync(join(dir, name));
  return new Set(old.map(name => name.slice(0, 10))).size;
}

export function openSalts(file: string): Salts {
  const dir = saltsDirOf(file);
  let ends = Number.NEGATIVE_INFINITY;
  let begins = Number.POSITIVE_INFINITY;
  let fd: number | undefined;
  let cipher: Cipheriv | undefined;
  /** Lines not written yet, and the length of each in bytes. */
  let text = '';
  let lengths: number[] = [];

  const write = () => {
    if (lengths.length === 0) return;
    const bytes = (cipher as Cipheriv).update(text, 'utf8');
    let lines = '';
    let from = 0;
    for (const length of lengths) {
      lines += `${bytes.toString('base64url', from, from + length)}\n`;
      from += length;
    }
    text = '';
    lengths = [];
    writeWhole(fd as number, lines);
  };
  const turn = (at: Instant) => {
    write();
    if (fd !== undefined) closeSync(fd);
    const day = dayOf(at);
    begins = jstMidnight(at);
    ends = begins + DAY;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    dropSalts(file, at);
    const keyFile = join(dir, `${day}.key`);
    // Beside and renamed: a full disk must not leave a key of no bytes.
    if (!existsSync(keyFile)) {
      writeFileSync(`${keyFile}.part`, randomBytes(32), { mode: 0o600 });
      renameSync(`${keyFile}.part`, keyFile);
    }
    const iv = randomBytes(16);
    cipher = createCipheriv(CIPHER, readFileSync(keyFile), iv);
    fd = openSync(join(dir, `${day}${LINES}`), 'a', 0o600);
    // The first newline ends a line torn by a crash or a full disk: what stands before a new stretch may be torn.
    writeWhole(fd, `\n*${iv.toString('hex')}\n`);
  };
  return {
    keep(at, seq, salt, data) {
      if (at < begins || at >= ends || !cipher) turn(at);
      // The members in the order of RFC 8785.
      const opened = `{"data":${data},"salt":"${salt}","seq":${seq}}`;
      text += opened;
      lengths.push(Buffer.byteLength(opened, 'utf8'));
    },
    write,
    close() {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
      cipher = undefined;
    },
  };
}

function writeWhole(fd: number, text: string): void {
  if (writeSync(fd, text, null, 'latin1') !== text.length)
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
}

function opened(text: string): Opened | undefined {
  try {
    const { seq, salt, data } = JSON.parse(text) as Opened;
    return typeof seq === 'number' && typeof salt === 'string' ? { seq, salt, data } : undefined;
  } catch {
    return undefined;
  }
}

/** Every line that is still kept; undefined for one that does not open. The last line of a stretch may be torn and is left out. */
export function* readSalts(file: string): Generator<Opened | undefined> {
  const dir = saltsDirOf(file);
  if (!existsSync(dir)) return;
  for (const name of readdirSync(dir)
    .filter(n => n.endsWith(LINES))
    .sort()) {
    const keyFile = join(dir, `${name.slice(0, -LINES.length)}.key`);
    if (!existsSync(keyFile)) continue;
    const key = readFileSync(keyFile);
    const lines = readFileSync(join(dir, name), 'latin1').split('\n');
    let stretch: Decipheriv | undefined;
    for (const [n, line] of lines.entries()) {
      const begins = STRETCH.exec(line);
      if (begins) stretch = createDecipheriv(CIPHER, key, Buffer.from(begins[1] as string, 'hex'));
      if (line === '' || begins) continue;
      const read = opened(stretch?.update(Buffer.from(line, 'base64url')).toString('utf8') ?? '');
      const last = n === lines.length - 1 || STRETCH.test(lines[n + 1] as string);
      if (read !== undefined || !last) yield read;
    }
  }
}
