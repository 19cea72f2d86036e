/**
 * Who has had how many tries: the memory behind the budget, without file or clock. In: lines of the file and requests. Out:
 * why a try may not be, or nothing. A device is 32 hex digits of which the first 16 are those of its /24.
 */
import type { Instant } from '../record/instant.ts';
import { DAY, jstMidnight, monthOf } from '../record/instant.ts';
import type { Grant, TryKind } from './authority.ts';
import type { BudgetLine } from './budget-file.ts';
import type { TryLimits } from './try-limits.ts';

export const NET_DIGITS = 16;

export interface Asked {
  readonly device: string;
  readonly account: string;
  readonly isp: string;
  readonly kind: TryKind;
}

export interface Remembered {
  /** Tries of today, decoys among them. */
  readonly tries: number;
  /** Catalogue pairs of this month, which is a round. */
  readonly pairs: number;
  /** A try on an earlier day is still remembered. */
  readonly earlier: boolean;
}

export interface Book {
  recall(line: BudgetLine): void;
  /** Undefined: granted. `monotonic` only measures the gap. */
  refuses(asked: Asked, now: Instant, monotonic: number): Exclude<Grant, { granted: true }> | undefined;
  count(asked: Asked, now: Instant, monotonic: number): void;
  rest(device: string, until: Instant): void;
  /** A pair of an earlier day is counted elsewhere from now on. */
  letGo(device: string, now: Instant): void;
  /** Lets go of devices that no longer count. */
  forget(now: Instant): void;
  remembers(device: string, now: Instant): Remembered;
  /** Tries with one account on a device today. */
  spentOn(device: string, account: string, now: Instant): number;
}

interface Count {
  day: number;
  tries: number;
}
interface DeviceDay extends Count {
  decoys: number;
  /** Pairs of earlier days of the month. */
  before: number;
  readonly accounts: Map<string, number>;
  earlier: boolean;
  /** Monotonic instant of the last try. */
  lastTry: number;
  /** Calendar; no try before. */
  restsUntil: number;
}

const NEVER = Number.NEGATIVE_INFINITY;
export const dayOf = (at: Instant): number => Math.floor(jstMidnight(at) / DAY);
/** Midnight in Japan is in the day before by UTC. */
const monthOfDay = (day: number): string => monthOf((day + 1) * DAY);

export function openBook(limits: TryLimits, clocksAtOpening: { calendar: Instant; monotonic: number }): Book {
  const devices = new Map<string, DeviceDay>();
  const nets = new Map<string, Count>();
  const isps = new Map<string, Count>();
  /** Tries whose line was torn so early that it names no device: each counts against everyone it may have meant. */
  const torn: { readonly prefix: string; readonly day: number }[] = [];

  /** A torn prefix may mean a device or a /24 when one of the two begins with the other. */
  const tornTries = (hash: string, day: number) =>
    torn.filter(t => t.day >= day && (hash.startsWith(t.prefix) || t.prefix.startsWith(hash))).length;

  /** Only a later day clears a count. On an earlier one, of a calendar set back, nothing is granted: its count is gone. */
  function today<C extends Count>(count: C, day: number, spent: () => number): C {
    if (day > count.day) {
      count.day = day;
      count.tries = spent();
    }
    return count;
  }
  function deviceAt(hash: string, day: number): DeviceDay {
    let device = devices.get(hash);
    if (!device) {
      device = {
        day: NEVER,
        tries: 0,
        decoys: 0,
        before: 0,
        accounts: new Map(),
        earlier: false,
        lastTry: NEVER,
        restsUntil: NEVER,
      };
      devices.set(hash, device);
    }
    if (day > device.day) {
      device.earlier ||= device.tries > 0;
      const same = device.day !== NEVER && monthOfDay(device.day) === monthOfDay(day);
      device.before = same ? device.before + device.tries - device.decoys : 0;
      device.decoys = 0;
      device.accounts.clear();
    }
    return today(device, day, () => tornTries(hash, day));
  }
  function countAt(counts: Map<string, Count>, name: string, day: number, spent: () => number): Count {
    let count = counts.get(name);
    if (!count) {
      count = { day: NEVER, tries: 0 };
      counts.set(name, count);
    }
    return today(count, day, spent);
  }
  const netOf = (device: string) => device.slice(0, NET_DIGITS);
  const netAt = (hash: string, day: number) => countAt(nets, netOf(hash), day, () => tornTries(netOf(hash), day));
  // A torn line names no ISP, so it counts against each.
  const ispAt = (isp: string, day: number) => countAt(isps, isp, day, () => torn.filter(t => t.day >= day).length);

  function add({ device, account, isp, kind }: Asked, day: number, lastTry: number): void {
    const at = deviceAt(device, day);
    at.tries++;
    if (kind === 'decoy') at.decoys++;
    at.accounts.set(account, (at.accounts.get(account) ?? 0) + 1);
    at.lastTry = Math.max(at.lastTry, lastTry);
    netAt(device, day).tries++;
    ispAt(isp, day).tries++;
  }

  return {
    recall(line) {
      const day = dayOf(line.at);
      if (line.type === 'torn') {
        torn.push({ prefix: line.device, day });
        for (const [hash, d] of devices) if (day >= d.day && hash.startsWith(line.device)) d.tries++;
        const net = netOf(line.device);
        for (const [hash, n] of nets) if (day >= n.day && hash.startsWith(net)) n.tries++;
        for (const n of isps.values()) if (day >= n.day) n.tries++;
      } else if (line.type === 'stop') {
        const device = deviceAt(line.device, day);
        device.restsUntil = Math.max(device.restsUntil, line.at + DAY);
      } else {
        const age = Math.max(0, clocksAtOpening.calendar - line.at);
        const { device, account, isp, type } = line;
        add({ device, account, isp, kind: type }, day, clocksAtOpening.monotonic - age);
      }
    },
    refuses({ device: hash, account, isp, kind }, now, monotonic) {
      const day = dayOf(now);
      const device = deviceAt(hash, day);
      const net = netAt(hash, day);
      const at = ispAt(isp, day);
      const refuse = (why: Exclude<Grant, { granted: true }>['why'], retryAt: number) =>
        ({ granted: false, why, retryAt }) as const;
      const tomorrow = jstMidnight(now) + DAY;
      const later = Math.max(device.day, net.day, at.day);
      if (day < later) return refuse('device-day', jstMidnight((later + 1) * DAY));
      if (now < device.restsUntil) return refuse('stopped', device.restsUntil);
      if (device.tries >= limits.perDevicePerDay) return refuse('device-day', tomorrow);
      if ((device.accounts.get(account) ?? 0) >= limits.perAccountPerDay) return refuse('account-day', tomorrow);
      if (kind === 'decoy' && device.decoys >= limits.decoysPerDevicePerDay) return refuse('decoy-day', tomorrow);
      if (net.tries >= limits.per24PerDay) return refuse('net-day', tomorrow);
      if (at.tries >= limits.perIspPerDay) return refuse('isp-day', tomorrow);
      const waited = monotonic - device.lastTry;
      if (waited < limits.gapMs) return refuse('gap', now + limits.gapMs - waited);
      return undefined;
    },
    count: (asked, now, monotonic) => add(asked, dayOf(now), monotonic),
    rest(hash, until) {
      const device = deviceAt(hash, dayOf(until - DAY));
      device.restsUntil = Math.max(device.restsUntil, until);
    },
    letGo(hash, now) {
      if (!devices.has(hash)) return;
      const device = deviceAt(hash, dayOf(now));
      device.before = Math.max(0, device.before - 1);
    },
    forget(now) {
      const kept = dayOf(now) - 1;
      for (const [hash, device] of devices) if (device.day < kept && device.restsUntil < now) devices.delete(hash);
      for (const [hash, net] of nets) if (net.day < kept) nets.delete(hash);
    },
    spentOn: (hash, account, now) => (devices.has(hash) ? (deviceAt(hash, dayOf(now)).accounts.get(account) ?? 0) : 0),
    remembers(hash, now) {
      const day = dayOf(now);
      if (!devices.has(hash)) return { tries: tornTries(hash, day), pairs: 0, earlier: false };
      const { tries, decoys, before, earlier } = deviceAt(hash, day);
      return { tries, pairs: before + tries - decoys, earlier };
    },
  };
}
