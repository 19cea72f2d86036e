/**
 * A day of a carrier NAT through a real import to the answer: port blocks, some of whose records never arrive, and a list that names
 * the lines behind the inside addresses. Nobody is ever named who did not hold the port.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { formatIpv4, parseIpv4 } from '../../../record/address.ts';
import { DAY, HOUR, isoOf, MINUTE } from '../../../record/instant.ts';
import { identify } from '../identify.ts';
import { importAssignments } from '../import.ts';
import { openAssignments } from '../index.ts';
import { makePools } from '../pools.ts';
import { be, joined, message, set, template, u32, u64 } from './ipfix/messages.ts';
import { aDay, type Plan, type Sent, type Stay, seeded } from './world.ts';

const root = mkdtempSync(join(tmpdir(), 'notice-nat-day-'));
after(() => rmSync(root, { recursive: true, force: true }));
const T = Date.parse('2026-11-22T00:00:00Z');
const INSIDES = 8;
const SIZE = 512;
const OUTSIDE = parseIpv4('203.0.113.1') as number;
const INSIDE = parseIpv4('10.0.0.1') as number;
const last = (stay: Stay) => stay.first + SIZE - 1;

interface Written {
  readonly format: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** `arrived` is in the order of sending. */
  bytes(arrived: readonly Sent[]): string | Uint8Array;
}

const NAMES = { begin: 'ALLOC', alive: 'INTERIM', end: 'RELEASE' };
const juniper: Written = {
  format: 'cgn-juniper',
  options: { realm: 'blue' },
  bytes: arrived =>
    arrived
      .map(({ what, at, stay, number }) => {
        const epoch = Math.floor((what === 'end' ? at : stay.from) / 1000).toString(16);
        const block = `internal-ip="${formatIpv4(INSIDE + stay.inside)}" reflexive-ip="${formatIpv4(OUTSIDE + stay.outside)}" block-port-low="${stay.first}" block-port-high="${last(stay)}"`;
        return `<14>1 ${isoOf(at)} cgn1 RT_NAT - RT_SRC_NAT_PBA_${NAMES[what]} [junos@2636.1 ${block} epoch-time-64="${epoch}"][meta sequenceId="${number + 1}"]\n`;
      })
      .join(''),
};
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const cisco: Written = {
  format: 'cgn-cisco',
  options: { silenceMs: 15 * MINUTE, realms: { vrf7: 'blue' } },
  bytes: arrived =>
    arrived
      .filter(({ what }) => what !== 'alive')
      .map(({ what, at, stay }) => {
        const d = new Date(at);
        const stamp = `${d.getUTCFullYear()} ${MONTHS[d.getUTCMonth()]} ${d.getUTCDate()} ${isoOf(at).slice(11, 19)}`;
        return `<134> 1 ${stamp} cgn1 - - NAT44 - [Userbased${what === 'begin' ? 'A' : 'W'} - ${formatIpv4(INSIDE + stay.inside)} vrf7 - ${formatIpv4(OUTSIDE + stay.outside)} - ${stay.first} ${last(stay)} - - ]\n`;
      })
      .join(''),
};
const FIELDS = [
  [323, 8],
  [230, 1],
  [8, 4],
  [225, 4],
  [361, 2],
  [362, 2],
  [234, 4],
].map(([number, length]) => ({ number: number as number, length: length as number }));
const ipfix: Written = {
  format: 'ipfix',
  options: { natEvents: 'rfc8158', realms: { 7: 'blue' } },
  bytes(arrived) {
    const records = arrived.filter(({ what }) => what !== 'alive');
    // The sequence number counts the records sent before, whether they arrived or not.
    return joined(
      records.map(({ what, at, stay, number }) =>
        message(Math.floor(at / 1000), number, 0, [
          set(2, template(256, FIELDS)),
          set(256, [
            ...u64(at),
            what === 'begin' ? 16 : 17,
            ...u32(INSIDE + stay.inside),
            ...u32(OUTSIDE + stay.outside),
            ...be(stay.first, 2),
            ...be(last(stay), 2),
            ...u32(7),
          ]),
        ]),
      ),
    );
  },
};

const ERRORS = [0, 500, 5_000];

async function day(written: Written, seed: number, chance: Pick<Plan, 'loss' | 'outages'> & Partial<Plan>) {
  const random = seeded(seed);
  const { stays, sent } = aDay({
    ...{ random, begin: T, lengthMs: DAY, insides: INSIDES, outsides: 2, blocks: 10, size: SIZE, outageMs: HOUR / 2 },
    ...chance,
  });
  const name = join(root, `${written.format}-${seed}`);
  writeFileSync(`${name}.log`, written.bytes(sent.filter(record => record.arrives)));
  const lines = Array.from({ length: INSIDES }, (_, i) => `${formatIpv4(INSIDE + i)},line-${i},${isoOf(T - DAY)},`);
  writeFileSync(`${name}.csv`, `${['address,subscriber,from,to', ...lines].join('\n')}\n`);
  const { format, options } = written;
  const through = T + DAY;
  // Those that number their records need no word about silence to show a loss.
  const told = { silenceMs: DAY, ...options };
  const report = await importAssignments({ format, options: told, files: [`${name}.log`], dir: name, through });
  assert.deepEqual(report.rejected, []);
  await importAssignments({ format: 'csv', files: [`${name}.csv`], dir: name, through });
  const index = openAssignments(
    name,
    makePools(
      [
        { prefix: '203.0.113.0/24', pool: 'cgn', log: format as 'ipfix', logClockErrorMs: 0 },
        { prefix: '10.0.0.0/16', pool: 'dedicated', log: 'csv', realm: 'blue', logClockErrorMs: 0 },
      ],
      'pools',
    ),
  );
  const lineOf = (inside: number) => index.touching(INSIDE + inside, 80, T, T + 1)[0]?.subscriber;
  let unique = 0;
  const asked = 4_000;
  for (let i = 0; i < asked; i++) {
    const stay = stays[Math.floor(random() * stays.length)] as Stay;
    const e = ERRORS[i % ERRORS.length] as number;
    const truth = Math.min(through - 60_000, stay.from + random() * (stay.to - stay.from));
    if (truth < stay.from) continue;
    const at = Math.round(truth + (random() * 2 - 1) * e);
    const address = formatIpv4(OUTSIDE + stay.outside);
    const port = stay.first + Math.floor(random() * SIZE);
    const answer = identify(index, { address, port, at, clockErrorMs: e });
    if (answer.verdict !== 'unique') continue;
    unique++;
    assert.equal(Number(answer.subscriber), lineOf(stay.inside), JSON.stringify({ seed, stay, at, e, answer }));
  }
  return unique / asked;
}

for (const written of [juniper, cisco, ipfix]) {
  test(`${written.format}: nothing lost, so nearly everything is answered`, async () => {
    assert.ok((await day(written, 1, { loss: 0, outages: 0 })) > 0.85);
  });
  test(`${written.format}: half-hour outages and lost records, and never a wrong line`, async () => {
    const loss = written === cisco ? 0 : 0.02;
    for (const seed of [2, 3]) assert.ok((await day(written, seed, { loss, outages: 4 })) > 0.3);
    await day(written, 4, { loss, outages: 12 });
  });
}

test('interim records win back most of what a loss takes', async () => {
  const without = await day(juniper, 5, { loss: 0.02, outages: 4 });
  const withThem = await day(juniper, 6, { loss: 0.02, outages: 4, interimMs: 10 * MINUTE });
  assert.ok(withThem > 0.7 && withThem > without + 0.1, JSON.stringify({ without, withThem }));
});
