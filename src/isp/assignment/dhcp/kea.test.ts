import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { Fault } from '../../../record/fault.ts';
import { identify } from '../identify.ts';
import { importAssignments } from '../import.ts';
import { openAssignments } from '../index.ts';
import { makePools } from '../pools.ts';
import { openSubscribers } from '../subscribers.ts';
import { keaHeader, keaRow } from './kea-row.ts';
import type { Key } from './options.ts';
import { relayOptions6, subOptions } from './relay.ts';

const root = mkdtempSync(join(tmpdir(), 'notice-kea-'));
after(() => rmSync(root, { recursive: true, force: true }));
const HEADER =
  'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id';
const lease = (address: string, client: string, at: number, life: number, state = 0, context = '') =>
  `${address},02:00:5e:00:00:01,${client},${life},${at + life},1,0,0,,${state},${context},0`;
let made = 0;
async function imported(rows: readonly string[], through?: number) {
  const dir = join(root, `index-${++made}`);
  const file = join(root, `lease4-${made}.csv`);
  writeFileSync(file, `${[HEADER, ...rows].join('\n')}\n`);
  const report = await importAssignments({
    format: 'kea',
    files: [file],
    dir,
    ...(through === undefined ? {} : { through: through * 1000 }),
  });
  const index = openAssignments(dir, makePools([{ prefix: '10.0.0.0/8', pool: 'dynamic', log: 'kea' }], 'pools'));
  const { nameOf } = openSubscribers(dir);
  const ask = (address: string, at: number) => {
    const answer = identify(index, { address, port: 23, at: at * 1000, clockErrorMs: 500 });
    return { ...answer, subscriber: nameOf(Number(answer.subscriber)) };
  };
  return { dir, file, report, index, ask };
}
const T = 1_790_000_000;

test("Kea's own reference file is read to the letter", async () => {
  const dir = join(root, 'reference');
  const file = 'test/fixtures/kea/lease4_dump_test.reference.csv';
  const report = await importAssignments({ format: 'kea', files: [file], dir });
  assert.equal(report.intervals, 3);
  assert.deepEqual(report.rejected, []);
  const { nameOf } = openSubscribers(dir);
  const index = openAssignments(dir, makePools([{ prefix: '0.0.0.0/8', pool: 'dynamic', log: 'kea' }], 'pools'));
  assert.equal(index.sources[0]?.first, 1_641_999_960_000);
  const [first] = index.touching(10, 23, 1_641_999_970_000, 1_641_999_970_000);
  assert.equal(nameOf(first?.subscriber ?? 0), '33:30');
  assert.equal(first?.sureFrom, 1_641_999_960_000);
  assert.equal(first?.sureTo, 1_642_000_000_000);
  const [declined] = index.touching(11, 23, 1_643_209_970_000, 1_643_209_970_000);
  assert.equal(declined?.subscriber, 0, 'nobody known is on a declined address');
  const [reclaimed] = index.touching(12, 23, 1_643_212_310_000, 1_643_212_310_000);
  assert.equal(nameOf(reclaimed?.subscriber ?? 0), '32:32');
});

test('renewals of one client extend, another client ends, expiry is exact', async () => {
  const { ask } = await imported(
    [
      lease('10.0.0.1', 'a', T, 3600),
      lease('10.0.0.1', 'a', T + 1800, 3600),
      lease('10.0.0.1', 'b', T + 9000, 3600),
      lease('10.0.0.1', 'b', T + 9000, 3600),
    ],
    T + 20_000,
  );
  assert.equal(ask('10.0.0.1', T + 3700).subscriber, 'a');
  assert.equal(ask('10.0.0.1', T + 5397).subscriber, 'a', 'the last seconds that the clocks cannot carry past the end');
  assert.equal(ask('10.0.0.1', T + 5399).verdict, 'ambiguous_edge');
  assert.equal(ask('10.0.0.1', T + 7000).verdict, 'none_gap');
  assert.equal(ask('10.0.0.1', T + 9100).subscriber, 'b');
  assert.equal(ask('10.0.0.2', T + 100).verdict, 'none_unassigned');
  assert.equal(ask('192.0.2.1', T + 100).verdict, 'not_mine');
});

test('a release with its instant is exact, one without is soft, the next holder ends it', async () => {
  const { ask } = await imported(
    [
      lease('10.0.0.1', 'a', T, 3600),
      lease('10.0.0.1', 'a', T + 600, 0, 3),
      lease('10.0.0.1', 'b', T + 700, 3600),
      lease('10.0.0.2', 'a', T + 1000, 3600),
      lease('10.0.0.2', 'a', T + 1000, 0),
      lease('10.0.0.2', 'b', T + 2000, 3600),
      lease('10.0.0.3', 'a', T, 3600),
      lease('10.0.0.3', 'b', T + 60, 3600, 1),
    ],
    T + 20_000,
  );
  assert.equal(ask('10.0.0.1', T + 500).subscriber, 'a');
  assert.equal(ask('10.0.0.1', T + 650).verdict, 'none_gap');
  assert.equal(ask('10.0.0.1', T + 710).subscriber, 'b');
  assert.equal(ask('10.0.0.1', T + 703).subscriber, 'b', 'the one before left a hundred seconds earlier');
  assert.equal(ask('10.0.0.1', T + 700).verdict, 'ambiguous_edge', 'by its clock the grant may be a little later');
  assert.equal(ask('10.0.0.2', T + 1500).verdict, 'ambiguous_soft_end');
  assert.equal(ask('10.0.0.2', T + 2000).verdict, 'ambiguous_overlap', 'the instant of the hand-over itself');
  assert.equal(ask('10.0.0.2', T + 2010).subscriber, 'b');
  assert.notEqual(ask('10.0.0.3', T + 30).verdict, 'unique', 'somebody else was on a declined address');
});

test('later than the journal is pending, earlier is too old; a longer journal answers', async () => {
  const rows = [lease('10.0.0.1', 'a', T, 86_400), lease('10.0.0.9', 'z', T + 5000, 3600)];
  const short = await imported(rows);
  assert.equal(short.ask('10.0.0.1', T + 4000).verdict, 'unique');
  assert.equal(short.ask('10.0.0.1', T + 6000).verdict, 'log_pending');
  assert.equal(short.ask('10.0.0.1', T - 6000).verdict, 'stale_log');
  await importAssignments({ format: 'kea', files: [short.file], dir: short.dir, through: (T + 10_000) * 1000 });
  assert.ok(short.index.stale());
  const again = openAssignments(short.dir, short.index.pools);
  assert.equal(
    identify(again, { address: '10.0.0.1', port: 1, at: (T + 6000) * 1000, clockErrorMs: 0 }).verdict,
    'unique',
  );
});

test('the line is named by relay information, then client id, then hardware address', () => {
  const header = keaHeader(HEADER, 4);
  assert.ok(header);
  const key = (context: string, client = '01:02', subscriber?: Key) => {
    const line = lease('10.0.0.1', client, T, 60, 0, context.replaceAll(',', '&#x2c'));
    const row = keaRow(header, line, 4, { subscriber });
    assert.ok(typeof row !== 'string');
    return row.subscriber;
  };
  const hex = `0x0106${Buffer.from('slot-7').toString('hex')}0203${Buffer.from('ML9').toString('hex')}`;
  assert.equal(key(`{ "ISC": { "relay-agent-info": "${hex}" } }`), 'slot-7/ML9');
  assert.equal(key(`{ "ISC": { "relay-agent-info": { "sub-options": "${hex}", "remote-id": "x" } } }`), 'slot-7/ML9');
  assert.equal(key('{ "ISC": { "relay-agent-info": { "remote-id": "0x4d4c37" } } }'), 'ML7');
  assert.equal(key('{ "a": 1, "b": 2 }'), '01:02');
  assert.equal(key('', ''), '02:00:5e:00:00:01');
  const both = `{ "ISC": { "relay-agent-info": "${hex}" } }`;
  assert.equal(key(both, '01:02', 'remote-id'), 'ML9');
  assert.equal(key(both, '01:02', 'circuit-id'), 'slot-7');
  assert.equal(key(both, '01:02', 'client-id'), '01:02');
  assert.equal(key(both, '01:02', 'hwaddr'), '02:00:5e:00:00:01');
  assert.equal(key('', '01:02', 'circuit-id'), '', 'nobody knows whose it is, and nobody is guessed');
});

test('sub-options are read to the last byte or not at all', () => {
  const names = (hex: string) => subOptions(Buffer.from(hex, 'hex'));
  assert.deepEqual(names('0102414206025859'), { 'circuit-id': 'AB', 'subscriber-id': 'XY' });
  assert.deepEqual(names('0900'), {}, 'others are passed over');
  for (const cut of ['01', '0105414243', '01024142ff', '010241420102434401', '010141010142'])
    assert.deepEqual(names(cut), { unreadable: true }, cut);
  // What a client chose is never taken for an address, nor for bytes.
  assert.equal(names(`010a${Buffer.from('@10.0.0.99').toString('hex')}`)['circuit-id'], '0x4031302e302e302e3939');
  assert.equal(names(`0104${Buffer.from('0x41').toString('hex')}`)['circuit-id'], '0x30783431');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
      const read = subOptions(bytes);
      let at = 0;
      while (at + 2 <= bytes.length) at += 2 + (bytes[at + 1] as number);
      if (at !== bytes.length) assert.deepEqual(read, { unreadable: true });
      relayOptions6(bytes);
    }),
  );
});

test('an unreadable relay makes somebody unknown, who vetoes', async () => {
  const bad = '{ "ISC": { "relay-agent-info": "0x01ff41" } }';
  const { ask } = await imported(
    [lease('10.0.0.1', 'a', T, 3600), lease('10.0.0.1', 'b', T + 1800, 3600, 0, bad)],
    T + 20_000,
  );
  assert.equal(ask('10.0.0.1', T + 900).verdict, 'ambiguous_soft_end');
  assert.equal(ask('10.0.0.1', T + 2400).verdict, 'ambiguous_soft_end');
});

test('files of older versions, without the last columns, and leases for ever', async () => {
  const file = join(root, 'old.csv');
  const old = 'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname';
  const ever = 0xffffffff;
  writeFileSync(file, `${old}\n10.0.0.1,02:aa,,3600,${T + 3600},1,0,0,\n10.0.0.2,02:bb,,${ever},${T + ever},1,0,0,\n`);
  const dir = join(root, 'old');
  await importAssignments({ format: 'kea', files: [file], dir, through: (T + 90_000) * 1000 });
  const index = openAssignments(dir, makePools([{ prefix: '10.0.0.0/8', pool: 'dynamic', log: 'kea' }], 'pools'));
  const at = (address: string, s: number) => identify(index, { address, port: 1, at: (T + s) * 1000, clockErrorMs: 0 });
  assert.equal(at('10.0.0.1', 600).verdict, 'unique');
  assert.equal(at('10.0.0.1', 6000).verdict, 'none_gap');
  assert.equal(at('10.0.0.2', 80_000).verdict, 'unique');
});

test('bad lines are named by file and line, the rest is used, the same bytes change nothing', async () => {
  const good = lease('10.0.0.1', 'a', T, 3600);
  const rows = [
    good,
    'not,a,lease',
    lease('10.0.0.256', 'a', T, 3600),
    good.replace('3600', '-1'),
    `${'x'.repeat(70_000)}`,
    lease('10.0.0.2', 'b', T, 60, 9),
    // Nobody is named: it is somebody.
    `10.0.0.3,,,60,${T + 60},1,0,0,,0,,0`,
  ];
  const { dir, file, report } = await imported(rows);
  assert.equal(report.intervals, 2);
  assert.deepEqual(
    report.rejected.map(r => r.where),
    [3, 4, 5, 6, 7].map(n => `${file}:${n}`),
  );
  const before = readdirSync(dir).sort();
  await importAssignments({ format: 'kea', files: [file], dir });
  assert.deepEqual(readdirSync(dir).sort(), before);
});

test('a file that is no journal, or holds nothing usable, is a fault and leaves the index as it was', async () => {
  const { dir, file } = await imported([lease('10.0.0.1', 'a', T, 3600)]);
  const before = readdirSync(dir).sort();
  const other = join(root, 'other.csv');
  for (const text of ['hello\n', `${HEADER}\n`, `${HEADER}\nbad,line\n`]) {
    writeFileSync(other, text);
    await assert.rejects(importAssignments({ format: 'kea', files: [other], dir }), Fault);
  }
  await assert.rejects(importAssignments({ format: 'kea', files: [`${file}.absent`], dir }), Fault);
  assert.deepEqual(readdirSync(dir).sort(), before);
  writeFileSync(join(dir, before.find(f => f.endsWith('.seg')) as string), 'damaged');
  assert.throws(() => openAssignments(dir, makePools([], 'pools')), /damaged/);
});
