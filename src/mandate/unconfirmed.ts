/**
 * Services that took a pair and whose control is not finished: the next check goes on with the control and tries no pair.
 * In: keyed hashes, made here. Out: the same again. `unconfirmed.log` in the budget's folder holds no address and no pair:
 * service, pair, device and shape are keyed hashes. Forgotten after the time the retention table allows.
 */
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyedHash } from '../record/digest.ts';
import type { Instant } from '../record/instant.ts';
import { DAY } from '../record/instant.ts';
import { daysKept } from './retention.ts';

export interface Hit {
  /** Marks: `mark` of what they stand for. */
  readonly pair: string;
  readonly device: string;
  readonly shape: string;
  /** The decoy from our own source was refused. */
  readonly refused: boolean;
  /** Decoys from the second source that were refused. */
  readonly rungs: number;
}

export interface Unconfirmed {
  mark(...parts: readonly string[]): string;
  get(service: string): Hit | undefined;
  /** Written before it returns. Throws what the disk throws. */
  set(service: string, hit: Hit, now: Instant): void;
  clear(service: string, now: Instant): void;
  forget(now: Instant): void;
}

interface Kept extends Hit {
  readonly at: Instant;
}

const LINE = /^([0-9a-f]{32}) (?:([0-9a-f]{32}) ([0-9a-f]{32}) ([0-9a-f]{32}) ([01]) (\d)|-) (\d{1,15})$/;

const lineOf = (service: string, { pair, device, shape, refused, rungs, at }: Kept): string =>
  `${service} ${pair} ${device} ${shape} ${Number(refused)} ${rungs} ${at}\n`;

export function openUnconfirmed(dir: string, key: Uint8Array, now: Instant): Unconfirmed {
  const file = join(dir, 'unconfirmed.log');
  const hits = new Map<string, Kept>();
  for (const line of existsSync(file) ? readFileSync(file, 'latin1').split('\n') : []) {
    const m = LINE.exec(line);
    if (!m) continue;
    const [, service = '', pair, device = '', shape = '', refused, rungs, at] = m;
    if (pair === undefined) hits.delete(service);
    else hits.set(service, { pair, device, shape, refused: refused === '1', rungs: Number(rungs), at: Number(at) });
  }
  const mark = (...parts: readonly string[]) => keyedHash(key, 'hit', ...parts);
  // The newline before ends a line that a crash tore.
  const append = (line: string) => appendFileSync(file, `\n${line}`, { mode: 0o600 });

  function forget(at: Instant): void {
    const oldest = at - daysKept('hits without a control') * DAY;
    for (const [service, hit] of hits) if (hit.at <= oldest) hits.delete(service);
    writeFileSync(`${file}.new`, [...hits].map(([service, hit]) => lineOf(service, hit)).join(''), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  forget(now);

  return {
    mark,
    // Hits are few, checks are many.
    get: service => (hits.size > 0 ? hits.get(mark('service', service)) : undefined),
    set(service, hit, at) {
      const name = mark('service', service);
      const kept = { ...hit, at: hits.get(name)?.at ?? at };
      hits.set(name, kept);
      append(lineOf(name, kept));
    },
    clear(service, at) {
      const name = mark('service', service);
      if (hits.delete(name)) append(`${name} - ${at}\n`);
    },
    forget,
  };
}
