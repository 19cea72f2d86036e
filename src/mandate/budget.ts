/**
 * The budget of tries: per device and day, per account and day, decoys, the gap between two tries, and a day's rest after
 * a lockout sign. In: the mandate's caps and a folder. Out: grants. Every grant is in the file before it is given, so that
 * kill -9 at any point and a restart never allow one try more. Days are JST.
 */
import { closeSync, fdatasync, fdatasyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { keyedHash } from '../record/digest.ts';
import { Fault, fileFault } from '../record/fault.ts';
import type { Clocks } from '../record/instant.ts';
import { DAY, jstMidnight, SECOND } from '../record/instant.ts';
import type { MandateBody } from '../record/mandate.ts';
import type { Budget, Grant, TryKind } from './authority.ts';
import type { BudgetLine } from './budget-file.ts';
import { lineText, loadBudgetFile, loadBudgetKey } from './budget-file.ts';

interface DeviceDay {
  day: number;
  tries: number;
  decoys: number;
  readonly accounts: Map<string, number>;
  /** `monotonic` of the last try. */
  lastTry: number;
  /** `calendar`; no try before. */
  restsUntil: number;
}

const dayOf = (at: number): number => Math.floor(jstMidnight(at) / DAY);

export interface KeptBudget extends Budget {
  /** Drops what no longer counts, as the first try of a day does too. */
  forget(): void;
}

export function openBudget(dir: string, mandate: MandateBody, clocks: Clocks): KeptBudget {
  const { limits, decoys } = mandate;
  const file = join(dir, 'budget.log');
  const devices = new Map<string, DeviceDay>();
  /** Tries whose line was torn so early that it names no device: each counts against every device it may have meant. */
  const torn: { readonly prefix: string; readonly day: number }[] = [];
  let key: Uint8Array;
  let fd: number;
  let today = dayOf(clocks.calendar());
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    key = loadBudgetKey(dir);
    for (const line of loadBudgetFile(file, clocks.calendar())) recall(line);
    fd = openSync(file, 'a', 0o600);
  } catch (thrown) {
    throw thrown instanceof Fault ? thrown : fileFault(thrown, file);
  }
  let broken = false;
  let syncedAt = clocks.monotonic();

  function tornTries(hash: string, day: number): number {
    return torn.filter(t => t.day >= day && hash.startsWith(t.prefix)).length;
  }
  function deviceAt(hash: string, day: number): DeviceDay {
    let device = devices.get(hash);
    if (!device) {
      const never = Number.NEGATIVE_INFINITY;
      device = { day, tries: 0, decoys: 0, accounts: new Map(), lastTry: never, restsUntil: never };
      device.tries = tornTries(hash, day);
      devices.set(hash, device);
    }
    // Only a later day clears the counts. On an earlier one, of a calendar set back, nothing is granted: its counts are gone.
    if (day > device.day) {
      device.day = day;
      device.tries = tornTries(hash, day);
      device.decoys = 0;
      device.accounts.clear();
    }
    return device;
  }
  function count(device: DeviceDay, account: string, kind: TryKind, lastTry: number): void {
    device.tries++;
    if (kind === 'decoy') device.decoys++;
    device.accounts.set(account, (device.accounts.get(account) ?? 0) + 1);
    device.lastTry = lastTry;
  }
  function recall(line: BudgetLine): void {
    if (line.type === 'torn') {
      const day = dayOf(line.at);
      torn.push({ prefix: line.device, day });
      for (const [hash, device] of devices) if (day >= device.day && hash.startsWith(line.device)) device.tries++;
      return;
    }
    const device = deviceAt(line.device, dayOf(line.at));
    const age = Math.max(0, clocks.calendar() - line.at);
    if (line.type === 'stop') device.restsUntil = Math.max(device.restsUntil, line.at + DAY);
    else count(device, line.account, line.type, Math.max(device.lastTry, clocks.monotonic() - age));
  }
  function write(line: BudgetLine): void {
    const bytes = Buffer.from(lineText(line), 'latin1');
    if (broken) throw new Fault('no-space', 'an earlier write failed', 'mend that and start again', { where: file });
    try {
      if (writeSync(fd, bytes) !== bytes.length) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
    } catch (thrown) {
      broken = true;
      throw fileFault(thrown, file);
    }
    // kill -9 loses nothing that was written; for the power going off, the disk is asked once a second.
    if (clocks.monotonic() - syncedAt > SECOND) {
      syncedAt = clocks.monotonic();
      fdatasync(fd, error => {
        if (error && error.code !== 'EBADF') broken = true;
      });
    }
  }

  /** On a new day the file and the memory forget what no longer counts. */
  function turnDay(now: number): void {
    if (dayOf(now) <= today || broken) return;
    today = dayOf(now);
    for (const [hash, device] of devices) if (device.day < today - 1 && device.restsUntil < now) devices.delete(hash);
    try {
      closeSync(fd);
      loadBudgetFile(file, now);
      fd = openSync(file, 'a', 0o600);
    } catch (thrown) {
      broken = true;
      throw fileFault(thrown, file);
    }
  }

  return {
    reserve(address, account, kind): Grant {
      const now = clocks.calendar();
      turnDay(now);
      const hash = keyedHash(key, 'device', address);
      const name = keyedHash(key, 'account', account);
      const device = deviceAt(hash, dayOf(now));
      const tomorrow = jstMidnight(now) + DAY;
      if (dayOf(now) < device.day)
        return { granted: false, why: 'device-day', retryAt: jstMidnight((device.day + 1) * DAY) };
      if (now < device.restsUntil) return { granted: false, why: 'stopped', retryAt: device.restsUntil };
      if (device.tries >= limits.triesPerDevicePerDay) return { granted: false, why: 'device-day', retryAt: tomorrow };
      if ((device.accounts.get(name) ?? 0) >= limits.triesPerAccountPerDay)
        return { granted: false, why: 'account-day', retryAt: tomorrow };
      if (kind === 'decoy' && (!decoys.permitted || device.decoys >= decoys.perDevicePerDay))
        return { granted: false, why: 'decoy-day', retryAt: tomorrow };
      const waited = clocks.monotonic() - device.lastTry;
      if (waited < limits.gapMs) return { granted: false, why: 'gap', retryAt: now + limits.gapMs - waited };
      write({ type: kind, device: hash, account: name, at: now });
      count(device, name, kind, clocks.monotonic());
      return { granted: true };
    },
    stopDevice(address) {
      const now = clocks.calendar();
      const hash = keyedHash(key, 'device', address);
      const device = deviceAt(hash, dayOf(now));
      device.restsUntil = Math.max(device.restsUntil, now + DAY);
      write({ type: 'stop', device: hash, account: '', at: now });
    },
    spent: address => deviceAt(keyedHash(key, 'device', address), dayOf(clocks.calendar())).tries,
    forget: () => turnDay(clocks.calendar()),
    close() {
      if (broken) return;
      broken = true;
      fdatasyncSync(fd);
      closeSync(fd);
    },
  };
}
