/**
 * The budget's file: one line a try, `DEVICE ACCOUNT KIND AT ISP`, where device (its /24 first) and account are keyed hashes,
 * so that the file is no list of devices. In: the file and the calendar. Out: the lines that still count. A line torn by a crash counts as
 * spent. Reading rewrites the file without what is older than two days, beside it and renamed, so that nothing is kept long;
 * whoever must know of older tries is told of them first.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Instant } from '../record/instant.ts';
import { DAY } from '../record/instant.ts';
import type { TryKind } from './authority.ts';

export interface BudgetLine {
  readonly type: TryKind | 'stop' | 'torn';
  /** 32 hex digits; fewer when torn. */
  readonly device: string;
  /** 32 hex digits; empty when it is not a try. */
  readonly account: string;
  /** Empty when it is not a try, or no ISP's. */
  readonly isp: string;
  readonly at: Instant;
}

const KEPT = 2 * DAY;
const LINE = /^([0-9a-f]{32}) ([0-9a-f]{32}|-) (attempt|decoy|stop) (\d{1,15}) ([a-z][a-z0-9_-]{0,30}|-)$/;
const TORN = /^([0-9a-f]{0,32}) - torn (\d{1,15})$/;

export const lineText = (line: BudgetLine): string =>
  line.type === 'torn'
    ? `${line.device} - torn ${line.at}\n`
    : `${line.device} ${line.account || '-'} ${line.type} ${line.at} ${line.isp || '-'}\n`;

function parsed(text: string, now: Instant): BudgetLine {
  const m = LINE.exec(text);
  if (m) {
    const [, device = '', account = '', type, at, isp = ''] = m;
    const none = (word: string) => (word === '-' ? '' : word);
    return { type: type as TryKind | 'stop', device, account: none(account), isp: none(isp), at: Number(at) };
  }
  const t = TORN.exec(text);
  if (t) return { type: 'torn', device: t[1] as string, account: '', isp: '', at: Number(t[2]) };
  return tornOf(text, now);
}

/** A line of which only the beginning is to be believed. */
const tornOf = (text: string, now: Instant): BudgetLine => ({
  type: 'torn',
  device: /^[0-9a-f]{0,32}/.exec(text)?.[0] ?? '',
  account: '',
  isp: '',
  at: now,
});

function replace(file: string, text: string): void {
  const beside = `${file}.new`;
  const fd = openSync(beside, 'w', 0o600);
  try {
    writeFileSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(beside, file);
}

/**
 * The lines that still count at `now`; the file holds exactly them afterwards. Lines from the future count. `letGo` is given
 * the pairs among the others while they are still in the file: a crash in between makes it hear of them twice, never not at all.
 */
export function loadBudgetFile(file: string, now: Instant, letGo: (tries: BudgetLine[]) => void): BudgetLine[] {
  if (!existsSync(file)) return [];
  const texts = readFileSync(file, 'latin1').split('\n');
  const last = texts.pop() as string;
  const lines = texts.map(text => parsed(text, now));
  // Without its newline even a line that looks whole may lack digits of its instant.
  if (last !== '') lines.push(tornOf(last, now));
  const kept = lines.filter(line => line.at > now - KEPT);
  letGo(lines.filter(({ type, at }) => type === 'attempt' && at <= now - KEPT));
  replace(file, kept.map(lineText).join(''));
  return kept;
}

/** The secret of the hashes: 32 random bytes in the same folder, for this user only. */
export function loadBudgetKey(dir: string): Uint8Array {
  const file = join(dir, 'budget.key');
  if (!existsSync(file)) {
    const beside = `${file}.new`;
    writeFileSync(beside, randomBytes(32).toString('hex'), { mode: 0o600 });
    renameSync(beside, file);
  }
  const text = readFileSync(file, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/.test(text)) throw Object.assign(new Error('the key is damaged'), { code: 'EINVAL' });
  return Buffer.from(text, 'hex');
}
