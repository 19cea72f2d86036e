/** The folder of leases as plain JSON and back, short: a stay is a row. Infinity, which JSON lacks, is null. */
import type { Holder } from '../event.ts';
import type { Exporter, Place } from './fold.ts';
import type { Journal } from './journal.ts';
import type { Slot } from './slot.ts';
import type { Stay } from './stay.ts';

type Num = number | null;
type SavedStay = readonly [
  client: string,
  subscriber: string | 0,
  from: number,
  renewed: number,
  end: Num,
  over: Num,
  state: 0 | 1 | 2,
  reach: Num,
  begun: 0 | 1,
  early: Num,
  doubtful: 0 | 1,
  errorMs: number,
  round: number,
  given: 0 | 1,
];
type SavedPlace = readonly [
  holder: readonly (number | string)[],
  horizon: Num,
  ended: Num,
  stays: readonly SavedStay[],
];

export type Saved = readonly {
  readonly name: string;
  readonly journal: Readonly<Record<string, Num | boolean>>;
  readonly forgotten: Num;
  readonly places: readonly SavedPlace[];
}[];

const STATES = ['open', 'deleted', 'unread'] as const;
const NEVER = Number.POSITIVE_INFINITY;
const out = (n: number): Num => (Number.isFinite(n) ? n : null);
const bit = (b: boolean): 0 | 1 => (b ? 1 : 0);

const stayOut = (s: Stay): SavedStay => [
  s.client,
  s.subscriber === s.client ? 0 : s.subscriber,
  s.from,
  s.renewed,
  out(s.end),
  s.over ?? null,
  STATES.indexOf(s.state) as 0 | 1 | 2,
  out(s.reach),
  bit(s.begun),
  out(s.early),
  bit(s.doubtful),
  s.errorMs,
  s.round,
  bit(s.given),
];

function stayIn(row: SavedStay): Stay {
  const [client, subscriber, from, renewed, end, over, state, reach, begun, early, doubtful, errorMs, round, given] =
    row;
  return {
    client,
    subscriber: subscriber === 0 ? client : subscriber,
    from,
    renewed,
    end: end ?? NEVER,
    over: over ?? undefined,
    state: STATES[state],
    reach: reach ?? NEVER,
    begun: begun === 1,
    early: early ?? NEVER,
    doubtful: doubtful === 1,
    errorMs,
    round,
    given: given === 1,
  };
}

const holderOut = (h: Holder): readonly (number | string)[] =>
  h.family === 6
    ? [h.prefix.toString(16), h.length]
    : h.portFrom === 0 && h.portTo === 65_535
      ? [h.address]
      : [h.address, h.portFrom, h.portTo];

function holderIn([a, b, c]: readonly (number | string)[]): Holder {
  if (typeof a === 'string') return { family: 6, prefix: BigInt(`0x${a}`), length: Number(b) };
  return { family: 4, address: Number(a), portFrom: Number(b ?? 0), portTo: Number(c ?? 65_535) };
}

export const savedOf = (exporters: Iterable<Exporter>): Saved =>
  [...exporters].map(({ name, journal, places, forgotten }) => ({
    name,
    journal: Object.fromEntries(Object.entries(journal).map(([k, v]) => [k, typeof v === 'number' ? out(v) : v])),
    forgotten: out(forgotten),
    places: [...places.values()].map(({ holder, slot }) => [
      holderOut(holder),
      out(slot.horizon),
      out(slot.ended),
      slot.stays.map(stayOut),
    ]),
  }));

/** What is infinite lies before all time but for `first`. */
const journalIn = (plain: Readonly<Record<string, Num | boolean>>): Journal =>
  Object.fromEntries(
    Object.entries(plain).map(([k, v]) => [k, v === null ? (k === 'first' ? NEVER : -NEVER) : v]),
  ) as unknown as Journal;

export function* exportersOf(all: Saved, keyOf: (holder: Holder) => number | string): Generator<Exporter> {
  for (const { name, journal, forgotten, places } of all) {
    const map = new Map<number | string, Place>();
    for (const [h, horizon, ended, stays] of places) {
      const holder = holderIn(h);
      const slot: Slot = { stays: stays.map(stayIn), horizon: horizon ?? -NEVER, ended: ended ?? -NEVER };
      map.set(keyOf(holder), { holder, slot });
    }
    yield { name, journal: journalIn(journal), places: map, forgotten: forgotten ?? -NEVER };
  }
}
