/**
 * What arrived at the devices, counted where it arrived. The survey's own report is never believed about tries, caps,
 * gaps or silence after a success: these figures are the other side of the story.
 */
import type { Placement } from '../world.ts';

export interface DeviceTally {
  connections: number;
  attempts: number;
  successes: number;
  /** Bytes that arrived after a login was accepted, or at a shell that never asked. */
  bytesAfterSuccess: number;
  /** Attempts by account name. */
  accounts: Record<string, number>;
  /** The least time between two attempts, ms; null before the second. */
  leastGapMs: number | null;
}

export interface Tally {
  readonly devices: Readonly<Record<string, DeviceTally>>;
  readonly connections: number;
  readonly attempts: number;
  readonly successes: number;
  readonly bytesAfterSuccess: number;
  /** The most connections that one address had open at the same time. */
  readonly mostOpenOnOneAddress: number;
  readonly leastGapMs: number | null;
  /** Services listening now. */
  readonly listening: number;
}

export interface Counter {
  /** Out: what to call when the connection ends; calling it again does nothing. */
  connected(device: Placement): () => void;
  tried(device: Placement, user: string, right: boolean): void;
  afterSuccess(device: Placement, bytes: number): void;
  wrongTries(device: Placement): number;
  /** Locks open and wrong tries are forgotten, as after a month. */
  forgive(): void;
  tally(listening: number): Tally;
}

const A_MOMENT_MS = 5;

export function makeCounter(monotonic: () => number): Counter {
  const devices = new Map<string, DeviceTally>();
  const wrong = new Map<string, number>();
  const lastTry = new Map<string, number>();
  const open = new Map<string, Set<symbol>>();
  let mostOpen = 0;
  const of = (device: Placement) => {
    const found = devices.get(device.device);
    if (found) return found;
    const fresh: DeviceTally = {
      connections: 0,
      attempts: 0,
      successes: 0,
      bytesAfterSuccess: 0,
      accounts: {},
      leastGapMs: null,
    };
    devices.set(device.device, fresh);
    return fresh;
  };
  const sum = (what: 'connections' | 'attempts' | 'successes' | 'bytesAfterSuccess') =>
    [...devices.values()].reduce((total, d) => total + d[what], 0);
  return {
    connected(device) {
      of(device).connections++;
      const here = open.get(device.address) ?? new Set<symbol>();
      open.set(device.address, here);
      const me = Symbol(device.id);
      here.add(me);
      const together = [...here];
      mostOpen = Math.max(mostOpen, 1);
      // The end of a connection that was closed before this one was opened may still wait to be read, so only those
      // count that stand a moment later. A conversation lasts longer than that.
      if (together.length > 1)
        setTimeout(() => {
          mostOpen = Math.max(mostOpen, together.filter(one => here.has(one)).length);
        }, A_MOMENT_MS).unref();
      return () => {
        here.delete(me);
        if (here.size === 0 && open.get(device.address) === here) open.delete(device.address);
      };
    },
    tried(device, user, right) {
      const d = of(device);
      d.attempts++;
      d.accounts[user] = (d.accounts[user] ?? 0) + 1;
      if (right) d.successes++;
      else wrong.set(device.device, (wrong.get(device.device) ?? 0) + 1);
      const now = monotonic();
      const last = lastTry.get(device.device);
      if (last !== undefined) d.leastGapMs = Math.min(d.leastGapMs ?? Number.POSITIVE_INFINITY, now - last);
      lastTry.set(device.device, now);
    },
    afterSuccess(device, bytes) {
      of(device).bytesAfterSuccess += bytes;
    },
    wrongTries: device => wrong.get(device.device) ?? 0,
    forgive: () => wrong.clear(),
    tally(listening) {
      const gaps = [...devices.values()].flatMap(d => (d.leastGapMs === null ? [] : [d.leastGapMs]));
      return {
        devices: Object.fromEntries(devices),
        connections: sum('connections'),
        attempts: sum('attempts'),
        successes: sum('successes'),
        bytesAfterSuccess: sum('bytesAfterSuccess'),
        mostOpenOnOneAddress: mostOpen,
        leastGapMs: gaps.length > 0 ? Math.min(...gaps) : null,
        listening,
      };
    },
  };
}
