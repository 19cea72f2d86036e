/**
 * Worlds in which a rule stands between the address outside and the log: MAP-E with rules that change in mid-day, and deterministic
 * NAT whose configuration may be off by one. The arithmetic here is its own, forwards for the truth and backwards for the oracle.
 */
import type { PoolEntry } from '../../../src/isp/assignment/pools.ts';
import { formatAddress, formatIpv4, parseIpv4 } from '../../../src/record/address.ts';
import { isoOf } from '../../../src/record/instant.ts';
import { around, below, type Chance, oneOf } from './chance.ts';
import { makeClock } from './clock.ts';
import { arrived } from './faults.ts';
import { foldedLogs } from './folded-logs.ts';
import { decide, GRAIN, type Proof, provenBySessions } from './oracle.ts';
import { sessionHabits, sessionRecords } from './session-box.ts';
import { faultsOf, HOUR, moment, placeOf, SPAN } from './slot-world.ts';
import { type Habits, makeBoxes, makeStays, type Slot, START, type Stay } from './truth.ts';
import type { World } from './world.ts';

interface Inside {
  readonly stays: readonly Stay[];
  readonly events: ReturnType<typeof arrived>;
  readonly proofs: readonly (readonly Proof[])[];
}

/** Lines on the inside: sessions on slots that a rule leads to. */
function inside(chance: Chance, slots: readonly Slot[], bound: number): Inside {
  const habits: Habits = {
    ...{ lines: 2 + below(chance, 8), boxes: 1 + below(chance, 2), span: SPAN },
    ...{ meanStay: oneOf(chance, [30 * 60_000, 3 * HOUR]), reboots: oneOf(chance, [0, 1, 4]) },
  };
  const boxes = makeBoxes(chance, habits);
  const session = sessionHabits(chance);
  const clocks = boxes.map(box => makeClock(chance, box, bound + session.declared));
  const stays = makeStays(chance, habits, boxes, slots.length);
  const events = arrived(chance, sessionRecords(chance, session, stays, slots, boxes, clocks), faultsOf(chance));
  const proven = provenBySessions(events, bound);
  return { stays, events, proofs: slots.map(slot => proven.get(placeOf(slot)) ?? []) };
}

const FIRST = START - HOUR;
const THROUGH = START + SPAN + HOUR;

interface MapPlan {
  readonly v4: string;
  readonly a: number;
  readonly k: number;
  /** Bits of the IPv4 suffix. */
  readonly suffix: number;
}

const V6 = 0x20010db8_00000000_00000000_00000000n;
const V6_LENGTH = 40;

const lengthOf = (plan: MapPlan) => V6_LENGTH + plan.suffix + plan.k;
const prefixOf = (plan: MapPlan, nth: number): bigint => V6 | (BigInt(nth) << BigInt(128 - lengthOf(plan)));

function portOf(chance: Chance, { a, k }: MapPlan, psid: number): number {
  const m = 16 - a - k;
  const high = a === 0 ? 0 : 1 + below(chance, 2 ** a - 1);
  return high * 2 ** (16 - a) + psid * 2 ** m + below(chance, 2 ** m);
}

/** Which line's prefix the rule gives (address, port) to. */
function nthOf({ v4, a, k, suffix }: MapPlan, address: string, port: number): number | undefined {
  const own = (parseIpv4(address) as number) - (parseIpv4(v4) as number);
  if (own < 0 || own >= 2 ** suffix) return undefined;
  if (a > 0 && port < 2 ** (16 - a)) return undefined;
  return own * 2 ** k + (Math.floor(port / 2 ** (16 - a - k)) % 2 ** k);
}

export function mapWorld(chance: Chance): World {
  const bound = oneOf(chance, [0, 1_000, 5_000, 30_000, 120_000]);
  const before: MapPlan = { v4: '192.0.2.0', a: oneOf(chance, [4, 6]), k: oneOf(chance, [4, 6, 8]), suffix: 2 };
  // The same delegated prefixes, other ports or other addresses; the change may be nobody's or everybody's.
  const after: MapPlan = {
    ...before,
    a: oneOf(chance, [4, 6]),
    v4: oneOf(chance, ['192.0.2.0', '192.0.2.4']),
  };
  const noon = START + Math.floor((chance() * SPAN) / 1_000) * 1_000;
  const count = 4;
  const nths = Array.from({ length: count }, (_, n) => n * 7 + below(chance, 7));
  const slots: Slot[] = nths.map(nth => ({
    holder: { family: 6, prefix: prefixOf(before, nth), length: lengthOf(before) },
  }));
  const { stays, events, proofs } = inside(chance, slots, bound);
  const entry = (plan: MapPlan) => ({
    kind: 'map-e' as const,
    ipv4Prefix: `${plan.v4}/30`,
    ipv6Prefix: `${formatAddress({ family: 6, value: V6 })}/${V6_LENGTH}`,
    ...{ eaBits: plan.suffix + plan.k, psidOffset: plan.a },
  });
  // The list says when it was changed by a clock that is off like the rest.
  const said = isoOf(noon + Math.round(around(chance, bound)));
  const map = [
    { ...entry(before), validTo: said },
    { ...entry(after), validFrom: said },
  ];
  const pools: PoolEntry[] = [{ prefix: '192.0.2.0/24', pool: 'map-e', log: 'pd', logClockErrorMs: bound, map }];
  const logs = foldedLogs(chance, pools, [{ source: 'pd', format: 'pd', folds: 'sessions', events }], FIRST, THROUGH);
  const change = Date.parse(said);
  return {
    kind: 'map-e',
    logs,
    ask: () =>
      moment(chance, stays, bound, (stay, seen) => {
        const plan = seen < noon ? before : after;
        const nth = nths[stay.slot] as number;
        const address = formatIpv4((parseIpv4(plan.v4) as number) + Math.floor(nth / 2 ** plan.k));
        return { address, port: portOf(chance, plan, nth % 2 ** plan.k) };
      }),
    oracle: ({ address, port, at, clockErrorMs }) => {
      const [from, to] = [at - clockErrorMs, at + clockErrorMs];
      const near = bound + GRAIN;
      const plans = to + near < change ? [before] : from - near >= change ? [after] : [before, after];
      const all = new Set(plans.map(plan => nthOf(plan, address, port)));
      const [nth] = all;
      if (all.size !== 1 || nth === undefined) return undefined;
      const slot = nths.indexOf(nth);
      return slot < 0 ? undefined : decide(proofs[slot] as Proof[], from, to);
    },
  };
}

interface Settings {
  readonly insideBoundary: boolean;
  readonly outsideBoundary: boolean;
  readonly spread: 'full' | 'even';
}
const EVERY: readonly Settings[] = [true, false].flatMap(insideBoundary =>
  [true, false].flatMap(outsideBoundary =>
    (['full', 'even'] as const).map(spread => ({ insideBoundary, outsideBoundary, spread })),
  ),
);

/** 10.9.0.0/25 behind 203.0.113.0/30. */
const INSIDE = 0x0a090000;
const INSIDE_SIZE = 128;
const OUTSIDE = 0xcb007100;
const OUTSIDE_SIZE = 4;
const PORTS = 64_512;

interface Block {
  readonly address: number;
  readonly first: number;
}

/** Where an inside address is outside; undefined when the settings give it no place. */
function outsideOf(settings: Settings, block: number, address: number): Block | undefined {
  const skipIn = settings.insideBoundary ? 0 : 1;
  const skipOut = settings.outsideBoundary ? 0 : 1;
  const customers = INSIDE_SIZE - 2 * skipIn;
  const addresses = OUTSIDE_SIZE - 2 * skipOut;
  const per = settings.spread === 'even' ? Math.ceil(customers / addresses) : Math.floor(PORTS / block);
  const n = address - INSIDE - skipIn;
  if (n < 0 || n >= customers || per * block > PORTS || Math.floor(n / per) >= addresses) return undefined;
  return { address: OUTSIDE + skipOut + Math.floor(n / per), first: 1_024 + (n % per) * block };
}

const insideOf = (settings: Settings, block: number, address: number, port: number): number | undefined => {
  for (let one = INSIDE; one < INSIDE + INSIDE_SIZE; one++) {
    const at = outsideOf(settings, block, one);
    if (at?.address === address && at.first <= port && port < at.first + block) return one;
  }
  return undefined;
};

function alike(a: Settings, b: Settings, block: number): boolean {
  for (let one = INSIDE; one < INSIDE + INSIDE_SIZE; one++) {
    const [x, y] = [outsideOf(a, block, one), outsideOf(b, block, one)];
    // An address that only one of them counts is nobody's reason to doubt the others.
    if (x && y && (x.address !== y.address || x.first !== y.first)) return false;
  }
  return true;
}

/** Undefined when the configuration is refused as it is read. */
export function natWorld(chance: Chance): World | undefined {
  const bound = oneOf(chance, [0, 1_000, 5_000, 30_000]);
  const truth = oneOf(chance, EVERY);
  const block = oneOf(chance, [256, 504]);
  // Often right; else one setting is written down wrong, and every customer stands at his neighbour's place.
  const flipped = oneOf(chance, ['none', 'none', 'insideBoundary', 'outsideBoundary'] as const);
  const written: Settings = flipped === 'none' ? truth : { ...truth, [flipped]: !truth[flipped] };
  const some = Array.from({ length: 6 }, () => INSIDE + 1 + below(chance, INSIDE_SIZE - 2)).filter(
    (one, i, all) => all.indexOf(one) === i && outsideOf(truth, block, one),
  );
  const slots: Slot[] = some.map(address => ({ holder: { family: 4, address, portFrom: 0, portTo: 65_535 } }));
  const proofs = Array.from({ length: below(chance, 9) }, () => {
    const one = INSIDE + 1 + below(chance, INSIDE_SIZE - 2);
    return { inside: one, at: outsideOf(truth, block, one), port: below(chance, block) };
  }).flatMap(({ inside, at, port }) => (at ? [{ inside, outside: at.address, port: at.first + port }] : []));
  const { stays, events, proofs: proven } = inside(chance, slots, bound);
  const nat = [
    {
      ...{ inside: `${formatIpv4(INSIDE)}/25`, outside: `${formatIpv4(OUTSIDE)}/30`, block, ...written },
      proofs: proofs.map(p => ({ inside: formatIpv4(p.inside), outside: formatIpv4(p.outside), port: p.port })),
    },
  ];
  const pools: PoolEntry[] = [
    { prefix: '203.0.113.0/24', pool: 'cgn', log: 'none', logClockErrorMs: 0, nat },
    { prefix: '10.9.0.0/16', pool: 'dynamic', log: 'radius-detail', logClockErrorMs: bound },
  ];
  const feed = { source: 'radius', format: 'radius-detail', folds: 'sessions', events } as const;
  let logs: ReturnType<typeof foldedLogs>;
  try {
    logs = foldedLogs(chance, pools, [feed], FIRST, THROUGH);
  } catch {
    return undefined;
  }
  const fits = (s: Settings) => proofs.every(p => insideOf(s, block, p.outside, p.port) === p.inside);
  // The configuration counts when two live mappings fit it, and every other that fits them gives every customer the same place.
  const others = EVERY.filter(fits);
  const isProven =
    fits(written) && new Set(proofs.map(p => p.inside)).size > 1 && others.every(s => alike(s, written, block));
  return {
    kind: 'deterministic-nat',
    logs,
    ask: () =>
      moment(chance, stays, bound, stay => {
        const at = outsideOf(truth, block, some[stay.slot] as number) as Block;
        return { address: formatIpv4(at.address), port: at.first + below(chance, block) };
      }),
    oracle: ({ address, port, at, clockErrorMs }) => {
      const one = isProven ? insideOf(written, block, parseIpv4(address) as number, port) : undefined;
      const slot = one === undefined ? -1 : some.indexOf(one);
      return slot < 0 ? undefined : decide(proven[slot] as Proof[], at - clockErrorMs, at + clockErrorMs);
    },
  };
}
