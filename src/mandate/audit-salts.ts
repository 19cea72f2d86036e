/**
 * What the commitments in the audit log stand for: salt and data, apart from the log, so that they can be dropped without
 * breaking the chain. In: data. Out: a commitment. `FILE.salts/DAY.log` holds a JST day's lines, each encrypted with that
 * day's key in `DAY.key`, so that no file lists devices in clear; dropping a day is removing its two files, and 30 days
 * is the greatest age.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
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
import { canonical } from '../record/canonical.ts';
import { sha256 } from '../record/digest.ts';
import type { Instant } from '../record/instant.ts';
import { DAY, dayOf } from '../record/instant.ts';
import { daysKept } from './retention.ts';

export interface Opened {
  readonly seq: number;
  readonly salt: string;
  readonly data: unknown;
}

export const saltsDirOf = (file: string): string => `${file}.salts`;

export const commitmentOf = (salt: string, data: unknown): string => sha256(`${salt}|${canonical(data)}`);

export interface Salts {
  /** Keeps what a commitment stands for; the commitment must be in the log already. */
  keep(at: Instant, opened: Opened): void;
  close(): void;
}

export const newSalt = (): string => randomBytes(16).toString('hex');

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
  let day = '';
  let fd: number | undefined;
  let key: Buffer = Buffer.alloc(0);

  const turn = (at: Instant) => {
    if (fd !== undefined) closeSync(fd);
    day = dayOf(at);
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    dropSalts(file, at);
    const keyFile = join(dir, `${day}.key`);
    // Beside and renamed: a full disk must not leave a key of no bytes.
    if (!existsSync(keyFile)) {
      writeFileSync(`${keyFile}.part`, randomBytes(32), { mode: 0o600 });
      renameSync(`${keyFile}.part`, keyFile);
    }
    key = readFileSync(keyFile);
    fd = openSync(join(dir, `${day}.log`), 'a', 0o600);
    // Ends a line torn by a crash or a full disk, and then leaves one empty, which says that it may be torn.
    writeSync(fd, '\n\n');
  };
  return {
    keep(at, opened) {
      if (dayOf(at) !== day) turn(at);
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const sealed = Buffer.concat([iv, cipher.update(canonical(opened), 'utf8'), cipher.final(), cipher.getAuthTag()]);
      const line = Buffer.from(`${sealed.toString('base64url')}\n`, 'latin1');
      if (writeSync(fd as number, line) !== line.length)
        throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    },
    close() {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
      day = '';
    },
  };
}

function opened(line: string, key: Buffer): Opened | undefined {
  try {
    const bytes = Buffer.from(line, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 });
    decipher.setAuthTag(bytes.subarray(-16));
    const text = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8');
    return JSON.parse(text) as Opened;
  } catch {
    return undefined;
  }
}

/** Every line that is still kept; undefined for one that does not open. The last line of a day may be torn and is left out. */
export function* readSalts(file: string): Generator<Opened | undefined> {
  const dir = saltsDirOf(file);
  if (!existsSync(dir)) return;
  for (const name of readdirSync(dir)
    .filter(n => n.endsWith('.log'))
    .sort()) {
    const keyFile = join(dir, name.replace(/\.log$/, '.key'));
    if (!existsSync(keyFile)) continue;
    const key = readFileSync(keyFile);
    const lines = readFileSync(join(dir, name), 'latin1').split('\n');
    // Each opening of the file leaves an empty line, so what stands before one may be torn.
    for (const [n, line] of lines.entries()) {
      if (line === '') continue;
      const read = opened(line, key);
      if (read !== undefined || (n < lines.length - 1 && lines[n + 1] !== '')) yield read;
    }
  }
}
