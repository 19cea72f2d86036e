/**
 * Which engine a sweep gets, and why. In: what was asked for, where the targets are, what this process may do. Out: the
 * packet engine with a driver, or the one that connects. Decides nothing about the mandate.
 */
import { readFileSync } from 'node:fs';
import type { SpaceRange } from '../../round/space.ts';
import type { SweepDriver } from '../sweep-options.ts';

export type Choice =
  | { readonly engine: 'packet'; readonly driver: 'mmsg' | 'xdp' | 'dry'; readonly note: string }
  | { readonly engine: 'connect'; readonly driver: 'auto' | 'connect'; readonly note: string };

const CAP_NET_RAW = 13n;
const LOOPBACK = 127;

/** From the text of /proc/self/status; false where there is none. */
export function hasNetRaw(status: string): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1];
  return effective !== undefined && ((BigInt(`0x${effective}`) >> CAP_NET_RAW) & 1n) === 1n;
}

export function mayUseRawSockets(): boolean {
  try {
    return process.platform === 'linux' && hasNetRaw(readFileSync('/proc/self/status', 'utf8'));
  } catch {
    return false;
  }
}

/** `raw`: whether this process may use raw sockets. */
export function chooseEngine(wanted: SweepDriver, ranges: readonly SpaceRange[], raw: boolean): Choice {
  if (wanted === 'dry' || wanted === 'mmsg' || wanted === 'xdp') return { engine: 'packet', driver: wanted, note: '' };
  if (wanted === 'connect') return { engine: 'connect', driver: 'connect', note: '' };
  // Loopback has no frames to build, and the kernel answers for itself there.
  const loopback = ranges.some(({ from, to }) => from >>> 24 <= LOOPBACK && to >>> 24 >= LOOPBACK);
  if (loopback) return { engine: 'connect', driver: 'auto', note: 'connects, because the targets are on loopback' };
  if (!raw)
    return {
      engine: 'connect',
      driver: 'auto',
      note: 'connects, because raw frames need the capability CAP_NET_RAW, which this process lacks',
    };
  return { engine: 'packet', driver: 'mmsg', note: 'raw frames, because this process has CAP_NET_RAW' };
}
