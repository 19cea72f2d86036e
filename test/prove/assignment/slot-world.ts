/**
 * Worlds whose logs speak of the address and ports themselves: RADIUS sessions on whole addresses, carrier NAT with several port
 * blocks a line (named, or by inside address and the list of the inside), and DHCP leases.
 */

import type { Holder } from '../../../src/isp/assignment/event.ts';
import type { PoolEntry } from '../../../src/isp/assignment/pools.ts';
import { formatIpv4 } from '../../../src/record/address.ts';
import { around, below, type Chance, oneOf, spread } from './chance.ts';
import { makeClock } from './clock.ts';
import { arrived, type Faults, numbered } from './faults.ts';
import { type Feed, foldedLogs } from './folded-logs.ts';
import { leaseRecords } from './lease-box.ts';
import { decide, type Proof, provenByLeases, provenBySessions } from './oracle.ts';
import { sessionHabits, sessionRecords } from './session-box.ts';
import { type Habits, makeBoxes, makeStays, type Slot, START, type Stay } from './truth.ts';
import type { Asked, World } from './world.ts';

export const HOUR = 3_600_000;
/** 10.0.0.0 */
const BASE = 0x0a000000;
/** 198.18.0.0, where the inside of a carrier NAT is. */
const INSIDE = 0xc6120000;
export const SPAN = 12 * HOUR;

/** `cgn-blocks`: sessions without a number, and every loss shown; `cgn`: numbered sessions, and losses that nobody sees. */
export type SlotKind = 'radius' | 'cgn' | 'cgn-blocks' | 'cgn-inside' | 'dhcp';

export type V4Slot = { readonly holder: Extract<Holder, { family: 4 }> };

export const slotsOf = (kind: SlotKind): V4Slot[] =>
  kind === 'radius' || kind === 'dhcp'
    ? [0, 1, 2].map(n => ({ holder: { family: 4, address: BASE + n, portFrom: 0, portTo: 65_535 } }))
    : [0, 1, 2, 3, 4, 5].map(n => ({
        holder: { family: 4, address: BASE + (n >> 2), portFrom: 1_024 + (n % 4) * 256, portTo: 1_279 + (n % 4) * 256 },
      }));

export const faultsOf = (chance: Chance): Faults => ({
  loss: oneOf(chance, [0, 0, 0.02, 0.1, 0.3]),
  lossOfEnds: oneOf(chance, [0, 0.02, 0.1, 0.3, 0.6]),
  twice: oneOf(chance, [0, 0.1]),
  jitter: 3_000,
  late: oneOf(chance, [0, 0.05]),
  silences: chance() < 0.3 ? [START + chance() * SPAN].map(from => ({ from, to: from + spread(chance, HOUR) })) : [],
});

/** Mostly a file in the order of things; else the lines pass through a log server. */
const journal = (chance: Chance) => (chance() < 0.7 ? { late: 0, jitter: 0 } : {});

export const placeOf = ({ holder: h }: Slot): string =>
  h.family === 4 ? `${h.address}:${h.portFrom}-${h.portTo}` : `${h.prefix}/${h.length}`;
const insideOf = (line: string): number => INSIDE + Number(line.slice(1));

export function slotWorld(chance: Chance, kind: SlotKind): World {
  const habits: Habits = {
    lines: 2 + below(chance, 8),
    boxes: kind === 'dhcp' ? 1 : 1 + below(chance, 2),
    span: SPAN,
    meanStay: oneOf(chance, [5 * 60_000, 30 * 60_000, 3 * HOUR]),
    reboots: kind === 'dhcp' ? 0 : oneOf(chance, [0, 1, 4]),
  };
  const bound = oneOf(chance, [0, 0, 1_000, 5_000, 30_000, 120_000]);
  const slots = slotsOf(kind);
  const boxes = makeBoxes(chance, habits);
  const blocks = kind === 'cgn-blocks';
  const session = { ...sessionHabits(chance), ...(blocks ? BLOCKS : {}) };
  const clocks = boxes.map(box => makeClock(chance, box, bound + (kind === 'dhcp' ? 0 : session.declared)));
  const plan = makeStays(chance, habits, boxes, slots.length);
  const dhcp =
    kind === 'dhcp' ? leaseRecords(chance, plan, slots, clocks[0] as ReturnType<typeof makeClock>) : undefined;
  const stays = dhcp?.stays ?? plan;
  const name = kind === 'cgn-inside' ? (line: string) => `@${formatIpv4(insideOf(line))}` : undefined;
  const faults = faultsOf(chance);
  const written = dhcp?.written ?? sessionRecords(chance, session, stays, slots, boxes, clocks, name);
  const events = blocks
    ? numbered(chance, written, faults.loss)
    : arrived(chance, written, dhcp ? { ...faults, ...journal(chance), loss: 0, silences: [] } : faults);
  const first = START - HOUR;
  const through = START + SPAN + HOUR;
  const log = kind === 'dhcp' ? 'kea' : kind === 'radius' ? 'radius-detail' : 'cgn-cisco';
  const feeds: Feed[] = [
    { source: 'log', format: log, folds: dhcp ? 'leases' : blocks ? 'blocks' : 'sessions', events },
  ];
  const pools: PoolEntry[] = [
    {
      prefix: '10.0.0.0/24',
      pool: kind === 'radius' || kind === 'dhcp' ? 'dynamic' : 'cgn',
      log,
      logClockErrorMs: bound,
    },
  ];
  if (kind === 'cgn-inside') {
    feeds.push({ source: 'inside', format: 'csv', folds: 'held', events: insideList(habits.lines, first) });
    pools.push({ prefix: '198.18.0.0/16', pool: 'dedicated', log: 'csv', logClockErrorMs: 0 });
  }
  const logs = foldedLogs(chance, pools, feeds, first, through);
  const proven = dhcp ? provenByLeases(events, bound) : provenBySessions(events, bound);
  const bySlot = slots.map(slot => proven.get(placeOf(slot)) ?? []);
  return {
    kind,
    logs,
    ask: () => moment(chance, stays, bound, onSlot(chance, slots)),
    oracle: ({ address, port, at, clockErrorMs }) => {
      const slot = slotAt(slots, address, port);
      const named = decide(bySlot[slot] as Proof[], at - clockErrorMs, at + clockErrorMs);
      return named?.startsWith('@') ? lineInside(named) : named;
    },
  };
}

/** A reboot begins the numbers anew, so it cannot pass unseen. */
const BLOCKS = { nameless: true, idsBeginAnew: false, reboot: 'reset' } as const;

export const slotAt = (slots: readonly V4Slot[], address: string, port: number): number =>
  slots.findIndex(({ holder: h }) => formatIpv4(h.address) === address && h.portFrom <= port && port <= h.portTo);

const lineInside = (text: string): string => `L${Number(text.split('.')[3]) + 256 * Number(text.split('.')[2])}`;

/** Inside addresses are fixed: each line has its own for good. */
const insideList = (lines: number, from: number) =>
  Array.from({ length: lines }, (_, n) => ({
    what: 'held' as const,
    at: from,
    errorMs: 0,
    exporter: 'list',
    holder: { family: 4 as const, address: INSIDE + n + 1, portFrom: 0, portTo: 65_535 },
    session: `L${n + 1}`,
    subscriber: `L${n + 1}`,
    from: from - HOUR,
    to: null,
  }));

/** Half anywhere in a stay, half near its edges; always at a moment when the line was there. `where`: as it is seen outside. */
export function moment(
  chance: Chance,
  stays: readonly Stay[],
  bound: number,
  where: (stay: Stay, seen: number) => { readonly address: string; readonly port: number },
): Asked | undefined {
  const stay = stays[below(chance, stays.length)];
  if (!stay) return undefined;
  const clockErrorMs = oneOf(chance, [0, 500, 1_000, 5_000, 60_000]);
  const near = Math.min(stay.to - stay.from, 3 * (clockErrorMs + bound + 1_000));
  const way = chance();
  const seen =
    way < 0.5
      ? stay.from + chance() * (stay.to - stay.from)
      : way < 0.75
        ? stay.from + chance() * near
        : stay.to - chance() * near - 0.001;
  // A whole ms more of doubt than the clock is off: instants are whole ms.
  const at = Math.round(seen + around(chance, clockErrorMs));
  return { question: { ...where(stay, seen), at, clockErrorMs: clockErrorMs + 1 }, line: stay.line };
}

export const onSlot =
  (chance: Chance, slots: readonly V4Slot[]) =>
  (stay: Stay): { address: string; port: number } => {
    const { address, portFrom, portTo } = (slots[stay.slot] as V4Slot).holder;
    return { address: formatIpv4(address), port: Math.max(1, portFrom + below(chance, portTo - portFrom + 1)) };
  };
