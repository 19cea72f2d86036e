/**
 * What the budget's two days do not remember: which devices were tried on earlier days, and with how many pairs in the month
 * of the last one. By it a round's cap holds over its days, and a device's first pair is told from an n-th. In: tries that the
 * budget's file lets go of. Out: counts. `tried-before.log` has a line a device, `MARK PAIRS AT`; marks are keyed hashes that
 * stand nowhere else. Forgotten after the time the retention table allows, counted from the last try.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyedHash } from '../record/digest.ts';
import type { Instant } from '../record/instant.ts';
import { DAY, monthOf } from '../record/instant.ts';
import { daysKept } from './retention.ts';

export interface TriedBefore {
  has(device: string): boolean;
  /** Catalogue pairs in the month of `now`. */
  pairs(device: string, now: Instant): number;
  /** In the file before it returns. Throws what the disk throws. */
  take(tries: readonly { readonly device: string; readonly at: Instant }[], now: Instant): void;
}

const LINE = /^([0-9a-f]{32}) (\d{1,6}) (\d{1,15})$/;

export function openTriedBefore(dir: string, key: Uint8Array, now: Instant): TriedBefore {
  const file = join(dir, 'tried-before.log');
  const devices = new Map<string, { pairs: number; at: Instant }>();
  for (const line of existsSync(file) ? readFileSync(file, 'latin1').split('\n') : []) {
    const [, mark, pairs, at] = LINE.exec(line) ?? [];
    if (mark !== undefined) devices.set(mark, { pairs: Number(pairs), at: Number(at) });
  }
  const of = (device: string) => (devices.size > 0 ? devices.get(keyedHash(key, 'tried-before', device)) : undefined);

  function take(tries: Parameters<TriedBefore['take']>[0], at: Instant): void {
    let changed = false;
    for (const one of tries) {
      const mark = keyedHash(key, 'tried-before', one.device);
      const known = devices.get(mark);
      // Of an earlier month than the last try: that one says already that there was something.
      const same = known !== undefined && monthOf(known.at) === monthOf(one.at);
      if (known && !same && known.at > one.at) continue;
      devices.set(mark, { pairs: (same ? known.pairs : 0) + 1, at: Math.max(one.at, known?.at ?? one.at) });
      changed = true;
    }
    const oldest = at - daysKept('devices tried before') * DAY;
    for (const [mark, device] of devices) if (device.at <= oldest) changed = devices.delete(mark);
    if (!changed) return;
    const text = [...devices].map(([mark, { pairs, at: last }]) => `${mark} ${pairs} ${last}\n`).join('');
    writeFileSync(`${file}.new`, text, { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
  }
  take([], now);

  return {
    has: device => of(device) !== undefined,
    pairs(device, at) {
      const known = of(device);
      return known && monthOf(known.at) === monthOf(at) ? known.pairs : 0;
    },
    take,
  };
}
