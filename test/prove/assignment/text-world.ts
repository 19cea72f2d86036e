/**
 * Worlds whose logs are files as equipment writes them, imported into a real index on disk: a list of stays as CSV, the lease journal
 * of a Kea server, detail files of a FreeRADIUS server. In: chance and an empty folder. Out: a world that asks that index.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogEvent } from '../../../src/isp/assignment/event.ts';
import { importAssignments } from '../../../src/isp/assignment/import.ts';
import { openAssignments } from '../../../src/isp/assignment/index.ts';
import { makePools } from '../../../src/isp/assignment/pools.ts';
import { openSubscribers } from '../../../src/isp/assignment/subscribers.ts';
import { formatIpv4 } from '../../../src/record/address.ts';
import { isoOf } from '../../../src/record/instant.ts';
import { below, type Chance, oneOf } from './chance.ts';
import { makeClock } from './clock.ts';
import { type Arrival, arrivals } from './faults.ts';
import { leaseRecords } from './lease-box.ts';
import { decide, GRAIN, type Proof, provenByLeases, provenBySessions } from './oracle.ts';
import { sessionHabits, sessionRecords } from './session-box.ts';
import { faultsOf, HOUR, moment, onSlot, placeOf, SPAN, slotAt, slotsOf } from './slot-world.ts';
import { type Habits, makeBoxes, makeStays, type Slot, START, type Stay } from './truth.ts';
import type { World } from './world.ts';

export type TextKind = 'csv' | 'kea' | 'radius-detail';

const FIRST = START - HOUR;
const THROUGH = START + SPAN + HOUR;

interface Log {
  readonly text: string;
  readonly stays: readonly Stay[];
  readonly proven: ReadonlyMap<string, readonly Proof[]>;
}

export async function textWorld(chance: Chance, kind: TextKind, dir: string): Promise<World> {
  const shared = kind === 'csv' && chance() < 0.5;
  const slots = slotsOf(shared ? 'cgn' : 'radius');
  const habits: Habits = {
    ...{ lines: 2 + below(chance, 8), boxes: kind === 'radius-detail' ? 2 : 1, span: SPAN },
    ...{ meanStay: oneOf(chance, [5 * 60_000, HOUR]), reboots: kind === 'radius-detail' ? oneOf(chance, [0, 2]) : 0 },
  };
  const bound = kind === 'csv' ? 0 : oneOf(chance, [0, 2_000, 60_000]);
  const { text, stays, proven } = LOGS[kind](chance, habits, slots, bound);
  const file = join(dir, `log.${kind}`);
  writeFileSync(file, text);
  const index = join(dir, 'index');
  await importAssignments({ format: kind, files: [file], dir: index, through: THROUGH });
  const pool = shared ? ('cgn' as const) : ('dynamic' as const);
  const pools = makePools([{ prefix: '10.0.0.0/24', pool, log: kind, logClockErrorMs: bound }], 'pools');
  const { nameOf } = openSubscribers(index);
  const bySlot = slots.map(slot => proven.get(placeOf(slot)) ?? []);
  return {
    kind: `${kind} files`,
    logs: { ...openAssignments(index, pools), lineOf: nameOf },
    ask: () => moment(chance, stays, bound, onSlot(chance, slots)),
    oracle: ({ address, port, at, clockErrorMs }) =>
      decide(bySlot[slotAt(slots, address, port)] ?? [], at - clockErrorMs, at + clockErrorMs),
  };
}

type Write = (chance: Chance, habits: Habits, slots: readonly Slot[], bound: number) => Log;

/** Right to the second. */
const asCsv: Write = (chance, habits, slots) => {
  const stays = makeStays(chance, habits, makeBoxes(chance, habits), slots.length);
  const clock = makeClock(chance, [], 0);
  const proven = new Map<string, Proof[]>();
  const rows = stays.map(stay => {
    const slot = slots[stay.slot] as Slot;
    const [from, to] = [clock.stamp(stay.from), clock.stamp(stay.to)];
    const proofs = proven.get(placeOf(slot)) ?? [];
    proven.set(placeOf(slot), [...proofs, { line: stay.line, from: from + GRAIN, to: to - GRAIN }]);
    const { holder } = slot;
    if (holder.family !== 4) throw new TypeError('a list of IPv4 addresses');
    return [formatIpv4(holder.address), holder.portFrom, holder.portTo, stay.line, isoOf(from), isoOf(to)].join();
  });
  const early = `10.0.0.250,0,65535,L1,${isoOf(FIRST)},${isoOf(FIRST + 1_000)}`;
  const text = `${['address,port_from,port_to,subscriber,from,to', early, ...rows].join('\n')}\n`;
  return { text, stays, proven };
};

const KEA =
  'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id';

function keaRow(event: LogEvent): string {
  if ((event.what !== 'lease' && event.what !== 'release') || event.holder.family !== 4) return '';
  const at = event.at / 1_000;
  const life = event.what === 'lease' ? event.until / 1_000 - at : 0;
  return `${formatIpv4(event.holder.address)},,${event.subscriber},${life},${at + life},1,0,0,,0,,0`;
}

/** The server writes one row after the other, in order and none twice. */
const asKea: Write = (chance, habits, slots, bound) => {
  const boxes = makeBoxes(chance, habits);
  const clock = makeClock(chance, [], bound);
  const wanted = makeStays(chance, habits, boxes, slots.length);
  const { stays, written } = leaseRecords(chance, wanted, slots, clock);
  const faults = { ...faultsOf(chance), ...{ loss: 0, silences: [], late: 0, jitter: 0, twice: 0 } };
  const events = arrivals(chance, written, faults).map(a => a.event);
  const at = FIRST / 1_000;
  const early = `10.0.0.250,,L1,60,${Math.floor(at) + 60},1,0,0,,0,,0`;
  return { text: `${[KEA, early, ...events.map(keaRow)].join('\n')}\n`, stays, proven: provenByLeases(events, bound) };
};

const STATUS: Readonly<Partial<Record<LogEvent['what'], string>>> = {
  begin: 'Start',
  alive: 'Interim-Update',
  end: 'Stop',
  reset: 'Accounting-On',
};

/** `receipt`: the collector's own clock is written too, so that the access server's can be held against it. */
function detailRecord({ at, event, written }: Arrival, receipt: boolean): string {
  const received = Math.round(at / 1_000);
  const attributes = [
    `Acct-Status-Type = ${STATUS[event.what]}`,
    `NAS-Identifier = "${event.exporter}"`,
    `Event-Timestamp = ${event.at / 1_000}`,
    `Acct-Delay-Time = ${Math.max(0, received - Math.round(written / 1_000))}`,
  ];
  if ('session' in event && event.holder.family === 4)
    attributes.push(
      `Acct-Session-Id = "${event.session}"`,
      `User-Name = "${event.subscriber}"`,
      `Framed-IP-Address = ${formatIpv4(event.holder.address)}`,
    );
  if ('since' in event && event.since !== undefined)
    attributes.push(`Acct-Session-Time = ${(event.at - event.since) / 1_000}`);
  if (receipt) attributes.push(`Timestamp = ${received}`);
  const day = new Date(received * 1_000).toUTCString();
  const [name = '', date, month, year, clock] = day.replace(',', '').split(' ');
  return `${[`${name} ${month} ${date} ${clock} ${year}`, ...attributes.map(a => `\t${a}`)].join('\n')}\n\n`;
}

const asDetail: Write = (chance, habits, slots, bound) => {
  const boxes = makeBoxes(chance, habits);
  const session = { ...sessionHabits(chance), declared: 0 };
  if (session.reboot === 'each') session.reboot = 'reset';
  const receipt = chance() < 0.5;
  const clocks = boxes.map(box => makeClock(chance, box, bound));
  const stays = makeStays(chance, habits, boxes, slots.length);
  const on = boxes.map((_, n) => ({
    at: FIRST,
    event: { what: 'reset' as const, at: Math.floor(FIRST / 1_000) * 1_000, errorMs: 0, exporter: `box-${n}` },
    kept: true,
  }));
  const written = [...on, ...sessionRecords(chance, session, stays, slots, boxes, clocks)];
  const come = arrivals(chance, written, faultsOf(chance));
  // What a clock that was written beside the other shows is admitted, and takes the place of what nobody admits.
  const events = come.map(({ event, written }) => {
    const apart = receipt ? Math.abs(event.at - Math.round(written / 1_000) * 1_000) : 0;
    return { ...event, errorMs: apart > 1_000 ? apart : 0 };
  });
  const text = come.map(a => detailRecord(a, receipt)).join('');
  return { text, stays, proven: provenBySessions(events, bound) };
};

const LOGS: Readonly<Record<TextKind, Write>> = { csv: asCsv, kea: asKea, 'radius-detail': asDetail };
