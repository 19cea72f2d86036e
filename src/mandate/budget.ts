/**
 * The budget of tries: per device and day, per account and day, per /24, per ISP, decoys, the gap between two tries, and a
 * day's rest after a lockout sign. In: the mandate's caps and a folder. Out: grants. Every grant is in the file before it is
 * given, so that kill -9 at any point and a restart never allow one try more. Days are JST. With it, in the same folder:
 * the pace of a /24 (pace.ts), classes of devices that bear no tries (classes.ts), hits without a control (unconfirmed.ts),
 * devices that were tried on earlier days (tried-before.ts).
 */
import { closeSync, fdatasync, fdatasyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseIpv4, parsePrefix } from '../record/address.ts';
import { keyedHash } from '../record/digest.ts';
import { Fault, fileFault } from '../record/fault.ts';
import type { Clocks } from '../record/instant.ts';
import { DAY, SECOND } from '../record/instant.ts';
import type { MandateBody } from '../record/mandate.ts';
import type { WriteGroup } from './audit-group.ts';
import type { Budget, Grant } from './authority.ts';
import { type Book, dayOf, NET_DIGITS, openBook, type Remembered } from './budget-book.ts';
import { type BudgetLine, lineText, loadBudgetFile, loadBudgetKey } from './budget-file.ts';
import { openClasses } from './classes.ts';
import { paceOf } from './pace.ts';
import { ownerAt, rangeTable } from './range-table.ts';
import { openTriedBefore, type TriedBefore } from './tried-before.ts';
import { type Share, tryLimitsOf } from './try-limits.ts';
import { openUnconfirmed } from './unconfirmed.ts';

export interface KeptBudget extends Budget {
  /** Drops what no longer counts, as the first try of a day does too. */
  forget(): void;
}

export interface BudgetOptions {
  /** This prober's part of what the mandate allows at an ISP. */
  readonly share?: Share;
  /** A try is then written with all others of its turn, and whoever reserved it must ask the group before sending. */
  readonly group?: WriteGroup;
}

/** Which ISP the mandate names for an address; '' for none, which is one bucket too. */
function ispsOf({ targets }: MandateBody): (address: string) => string {
  const table = rangeTable(
    targets.flatMap(({ prefixes }, owner) =>
      prefixes.flatMap(text => {
        const p = parsePrefix(text);
        return p?.family === 4 ? [{ from: Number(p.base), to: Number(p.base) + 2 ** (32 - p.length) - 1, owner }] : [];
      }),
    ),
  );
  return address => targets[ownerAt(table, parseIpv4(address) ?? -1)]?.isp ?? '';
}

export function openBudget(dir: string, mandate: MandateBody, clocks: Clocks, options: BudgetOptions = {}): KeptBudget {
  const file = join(dir, 'budget.log');
  const limits = tryLimitsOf(mandate, options.share);
  const ispOf = ispsOf(mandate);
  const accounts = new Map<string, string>();
  let book: Book;
  let key: Uint8Array;
  let classes: ReturnType<typeof openClasses>;
  let unconfirmed: ReturnType<typeof openUnconfirmed>;
  let before: TriedBefore;
  let fd: number;
  const now = clocks.calendar();
  let today = dayOf(now);
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    key = loadBudgetKey(dir);
    classes = openClasses(dir);
    unconfirmed = openUnconfirmed(dir, key, now);
    before = openTriedBefore(dir, key, now);
    book = openBook(limits, { calendar: now, monotonic: clocks.monotonic() });
    for (const line of loadBudgetFile(file, now, tries => before.take(tries, now))) book.recall(line);
    fd = openSync(file, 'a', 0o600);
  } catch (thrown) {
    throw thrown instanceof Fault ? thrown : fileFault(thrown, file);
  }
  let broken = false;
  let syncedAt = clocks.monotonic();

  /** 16 digits of the /24 and 16 of the address. Asked several times in a row for one device. */
  let asked = { address: '', device: '' };
  function deviceOf(address: string): string {
    if (asked.address === address) return asked.device;
    const net = keyedHash(key, 'net', address.slice(0, address.lastIndexOf('.')));
    asked = { address, device: net.slice(0, NET_DIGITS) + keyedHash(key, 'device', address).slice(NET_DIGITS) };
    return asked.device;
  }
  function accountOf(name: string): string {
    const known = accounts.get(name);
    if (known !== undefined) return known;
    const made = keyedHash(key, 'account', name);
    // A catalogue has no more names than that.
    if (accounts.size < 1_000) accounts.set(name, made);
    return made;
  }
  /** Lines that are not in the file yet. */
  let owed = '';
  function put(line: BudgetLine): void {
    if (broken) throw new Fault('no-space', 'an earlier write failed', 'mend that and start again', { where: file });
    owed += lineText(line);
    if (owe) owe();
    else write();
  }
  function write(): void {
    if (owed === '') return;
    const text = owed;
    owed = '';
    if (broken) throw new Fault('no-space', 'an earlier write failed', 'mend that and start again', { where: file });
    try {
      if (writeSync(fd, text, null, 'latin1') !== text.length)
        throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
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
  const owe = options.group?.join(write);
  const onDisk = <T>(work: () => T): T => {
    try {
      return work();
    } catch (thrown) {
      broken = true;
      throw thrown instanceof Fault ? thrown : fileFault(thrown, dir);
    }
  };

  /** On a new day the file and the memory forget what no longer counts. */
  function turnDay(at: number): void {
    if (dayOf(at) <= today || broken) return;
    today = dayOf(at);
    book.forget(at);
    write();
    onDisk(() => {
      closeSync(fd);
      loadBudgetFile(file, at, tries => {
        before.take(tries, at);
        for (const { device } of tries) book.letGo(device, at);
      });
      fd = openSync(file, 'a', 0o600);
      unconfirmed.forget(at);
    });
  }

  return {
    reserve(address, account, kind): Grant {
      const at = clocks.calendar();
      turnDay(at);
      const one = { device: deviceOf(address), account: accountOf(account), isp: ispOf(address), kind };
      const refused = book.refuses(one, at, clocks.monotonic());
      if (refused) return refused;
      put({ ...one, type: kind, at });
      book.count(one, at, clocks.monotonic());
      return { granted: true };
    },
    stopDevice(address) {
      const at = clocks.calendar();
      const device = deviceOf(address);
      book.rest(device, at + DAY);
      put({ type: 'stop', device, account: '', isp: '', at });
    },
    limits,
    spent: address => book.remembers(deviceOf(address), clocks.calendar()).tries,
    spentOn: (address, account) => book.spentOn(deviceOf(address), accountOf(account), clocks.calendar()),
    remembers(address): Remembered {
      const at = clocks.calendar();
      const device = deviceOf(address);
      const { tries, pairs, earlier } = book.remembers(device, at);
      return { tries, pairs: pairs + before.pairs(device, at), earlier: earlier || before.has(device) };
    },
    pace: paceOf(mandate, clocks.monotonic),
    classes: {
      ...classes,
      report: (name, event, at) => onDisk(() => classes.report(name, event, at)),
    },
    unconfirmed: {
      ...unconfirmed,
      set: (service, hit, at) => onDisk(() => unconfirmed.set(service, hit, at)),
      clear: (service, at) => onDisk(() => unconfirmed.clear(service, at)),
    },
    forget: () => turnDay(clocks.calendar()),
    close() {
      if (broken) return;
      try {
        write();
        fdatasyncSync(fd);
      } finally {
        broken = true;
        closeSync(fd);
      }
    },
  };
}
