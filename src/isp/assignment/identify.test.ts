import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Listed, type ScannedSource, scannedLogs } from '../../../test/fixtures/scanned-logs.ts';
import { IDENTIFICATION_VERDICTS } from '../../record/assignment.ts';
import { UNTRUSTED } from './hold.ts';
import { identify, type Question, type Step } from './identify.ts';
import type { PoolEntry } from './pools.ts';
import { revoked } from './refusals.ts';

const T = 1_790_000_000_000;
const S = 1_000;
const iso = (at: number) => new Date(at).toISOString();
const POOL: PoolEntry = { prefix: '192.0.2.0/24', pool: 'dedicated', log: 'csv', logClockErrorMs: 0 };
const of = '192.0.2.1/32';
const asked = (more: Partial<Question> = {}): Question => ({
  address: '192.0.2.1',
  port: 8080,
  at: T,
  clockErrorMs: 0,
  ...more,
});
const held = (who: string, from = -600, to = 600, more: Partial<Listed> = {}): Listed => ({
  of,
  who,
  from: T + from * S,
  to: T + to * S,
  ...more,
});
const ask = (
  listed: readonly Listed[],
  pool: Partial<PoolEntry> = {},
  question: Partial<Question> = {},
  sources?: readonly ScannedSource[],
) => identify(scannedLogs([{ ...POOL, ...pool }], listed, sources), asked(question));
const verdict = (...of: Parameters<typeof ask>) => ask(...of).verdict;

/** Every verdict of the closed set, reached. */
const REACHED: readonly (readonly [(typeof IDENTIFICATION_VERDICTS)[number], string, () => string])[] = [
  ['unique', 'the sure hold of one line', () => verdict([held('a')])],
  ['none_gap', 'between two holders', () => verdict([held('a', -600, -60), held('b', 60, 600)])],
  ['none_unassigned', 'never held', () => verdict([held('a', -600, 600, { of: '192.0.2.7/32' })])],
  ['ambiguous_overlap', 'two lines in one log', () => verdict([held('a'), held('b')])],
  [
    'ambiguous_edge',
    'a hand-over within the error',
    () => verdict([held('a', -600, 5), held('b', 6, 600)], {}, { clockErrorMs: 6 * S }),
  ],
  [
    'ambiguous_edge',
    'a hold that ended just before',
    () => verdict([held('a', -600, -1)], {}, { clockErrorMs: 2 * S }),
  ],
  ['ambiguous_soft_end', 'only possible', () => verdict([held('a', -600, -60, { possibleTo: T + 60 * S })])],
  ['ambiguous_soft_end', 'somebody without a name', () => verdict([held('')])],
  ['shared_no_port', 'CGN and no port', () => verdict([held('a')], { pool: 'cgn' }, { port: 0 })],
  ['shared_port_impossible', 'a system port of a CGN', () => verdict([held('a')], { pool: 'cgn' }, { port: 1023 })],
  ['shared_port_impossible', 'A = 0 of MAP-E', () => verdict([held('a')], { pool: 'map-e' }, { port: 4095 })],
  ['log_gap', 'a silence of the box', () => verdict([held('a')], {}, {}, [{ gaps: [[T - 9 * S, T - 0.5 * S]] }])],
  ['log_gap', 'a log that cannot be read', () => verdict([held('a')], { log: 'none' })],
  ['log_pending', 'the log ends before', () => verdict([held('a')], {}, {}, [{ through: T - 5 * S }])],
  ['log_pending', 'no log at all', () => verdict([held('a')], { log: 'kea' })],
  ['log_pending', 'a box nobody has heard of', () => verdict([held('a')], { exporters: ['box', 'other'] })],
  ['stale_log', 'retention has dropped it', () => verdict([held('a')], {}, {}, [{ first: T + 5 * S }])],
  [
    'conflict_sources',
    'two logs, two lines',
    () => verdict([held('a'), held('b', -9, 9, { source: 'two' })], {}, {}, [{}, { name: 'two' }]),
  ],
  ['clock_untrusted', 'the only record has two clocks', () => verdict([held('a', -600, 600, UNTRUSTED)])],
  ['clock_untrusted', 'another line by a bad clock', () => verdict([held('a'), held('b', -9, 9, UNTRUSTED)])],
  ['not_mine', 'no pool', () => verdict([held('a')], {}, { address: '198.51.100.1' })],
  ['not_mine', 'a pool that was not ours yet', () => verdict([held('a')], { validFrom: iso(T + 60 * S) })],
  ['not_mine', 'a pool that is not ours any more', () => verdict([held('a')], { validTo: iso(T - 60 * S) })],
  ['infrastructure', 'our own equipment', () => verdict([held('a')], { infrastructure: true })],
  ['expired', 'by the bundle', () => verdict([held('a')], {}, { askedAt: T + 9 * S, expires: T + 8 * S })],
  ['expired', 'by the pool', () => verdict([held('a')], { answerWithinDays: 1 }, { askedAt: T + 86_401 * S })],
  ['revoked', 'said by the centre', () => revoked().verdict],
  ['malformed', 'no address', () => verdict([held('a')], {}, { address: '192.0.2' })],
  ['malformed', 'no port', () => verdict([held('a')], {}, { port: 65_536 })],
  ['malformed', 'no clock error', () => verdict([held('a')], {}, { clockErrorMs: Number.NaN })],
  ['malformed', 'an endless clock error', () => verdict([held('a')], {}, { clockErrorMs: Number.POSITIVE_INFINITY })],
];
for (const [expected, why, run] of REACHED) test(`${expected}: ${why}`, () => assert.equal(run(), expected));

test('every verdict of the closed set is reached, and only unique names a line', () => {
  assert.deepEqual([...new Set(REACHED.map(([name]) => name))].sort(), [...IDENTIFICATION_VERDICTS].sort());
  assert.equal(ask([held('a')]).subscriber, '1');
  assert.equal('subscriber' in ask([held('a'), held('b')]), false);
});

test('every box that could serve the pool must cover the window; those named otherwise need not', () => {
  const boxes = [{ exporter: 'one' }, { exporter: 'two', through: T - 60 * S }];
  assert.equal(verdict([held('a')], {}, {}, boxes), 'log_pending');
  assert.equal(verdict([held('a')], { exporters: ['one'] }, {}, boxes), 'unique');
  const sources = [{ name: 'one' }, { name: 'two', gaps: [[T - 9 * S, T + 9 * S]] as const }];
  assert.equal(verdict([held('a', -9, 9, { source: 'one' })], {}, {}, sources), 'log_gap');
  assert.equal(verdict([held('a', -9, 9, { source: 'one' })], { source: 'one' }, {}, sources), 'unique');
  assert.equal(
    verdict([held('a', -9, 9, { source: 'one' }), held('b', -9, 9, { source: 'two' })], { source: 'one' }, {}, sources),
    'unique',
  );
});

test('a pool that changes hands within the error is an edge; a narrower pool decides', () => {
  const lists = [held('a')];
  const kea: PoolEntry = { ...POOL, log: 'none', validFrom: iso(T + 2 * S) };
  const pools = [{ ...POOL, validTo: iso(T + 2 * S) }, kea];
  const at = (clockErrorMs: number) => identify(scannedLogs(pools, lists), asked({ clockErrorMs })).verdict;
  assert.equal(at(0), 'unique');
  assert.equal(at(1 * S), 'ambiguous_edge');
  const narrow: PoolEntry = { ...POOL, prefix: '192.0.2.0/30', infrastructure: true };
  assert.equal(identify(scannedLogs([POOL, narrow], lists), asked()).verdict, 'infrastructure');
});

test('a NAT log that names an inside address leads to the log of the inside, in its own realm, with both doubts', () => {
  const cgn: PoolEntry = { ...POOL, pool: 'cgn', source: 'nat', log: 'cgn-cisco' };
  const inside = (realm: string): PoolEntry => ({
    prefix: '10.0.0.0/8',
    pool: 'dynamic',
    log: 'csv',
    logClockErrorMs: 0,
    realm,
  });
  const nat = held('@blue/10.0.0.9', -30, 30, { source: 'nat', ports: [2048, 2303] });
  const lease = held('a', -300, 300, { of: '10.0.0.9/32' });
  const sources = [{ name: 'nat', format: 'cgn-cisco' }, {}];
  const run = (
    listed: readonly Listed[],
    pools = [cgn, inside('blue')],
    question: Partial<Question> = {},
    steps?: Step[],
  ) => identify(scannedLogs(pools, listed, sources), asked({ port: 2050, ...question }), steps);
  const steps: Step[] = [];
  const logs = scannedLogs([cgn, inside('blue')], [nat, lease], sources);
  const answer = identify(logs, asked({ port: 2050 }), steps);
  assert.equal(answer.verdict, 'unique');
  assert.equal(answer.subscriber, String(logs.numberOf('a')));
  assert.deepEqual(
    steps.map(s => [s.place, (s.to - s.from) / 2]),
    [
      ['192.0.2.1', 1000],
      ['blue/10.0.0.9', 2000],
    ],
  );
  assert.equal(run([nat]).verdict, 'none_unassigned');
  assert.equal(run([nat, lease], [cgn, inside('red')]).verdict, 'log_gap', 'an inside address in no pool');
  assert.equal(
    run([nat, lease], [cgn, inside('blue')], { address: '10.0.0.9' }).verdict,
    'not_mine',
    'never asked from outside',
  );
  const next = held('b', 302, 900, { of: '10.0.0.9/32' });
  const later = (clockErrorMs: number) =>
    run([held('@blue/10.0.0.9', -600, 600, { source: 'nat' }), lease, next], undefined, {
      at: T + 298 * S,
      clockErrorMs,
    }).verdict;
  assert.equal(later(0), 'unique');
  assert.equal(later(1 * S), 'ambiguous_edge', 'one second of the finding, one of each log');
  assert.equal(
    run([held('@blue/10.0.0.9', -9, 9, { source: 'nat' }), held('@blue/10.0.0.9', -9, 9, { of: '10.0.0.9/32' })])
      .verdict,
    'conflict_sources',
  );
});

test('IPv6: every prefix around the address counts; two lines are ambiguous, two prefixes of one line are fine', () => {
  const pool: PoolEntry = { prefix: '2001:db8::/32', pool: 'dynamic', log: 'pd', logClockErrorMs: 0 };
  const six = (listed: readonly Listed[], clockErrorMs = 0) =>
    identify(scannedLogs([pool], listed, [{ format: 'kea6' }]), asked({ address: '2001:db8:1:203::9', clockErrorMs }));
  const wide = held('a', -600, 600, { of: '2001:db8:1:200::/56' });
  const link = held('b', -600, 600, { of: '2001:db8:1:203::/64' });
  assert.equal(six([wide]).subscriber, '1');
  assert.equal(six([wide, link]).verdict, 'ambiguous_overlap');
  assert.equal(six([wide, held('b', -600, 600, { of: '2001:db8:1:200::/56' })]).verdict, 'ambiguous_overlap');
  assert.equal(six([wide, held('a', -9, 9, { of: '2001:db8:1:203::/64' })]).subscriber, '1');
  const gone = held('b', -600, -3, { of: '2001:db8:1:203::/64' });
  assert.equal(six([wide, gone]).subscriber, '1');
  assert.equal(six([wide, gone], 3 * S).verdict, 'ambiguous_edge', 'the narrower one may still have been there');
  assert.equal(six([]).verdict, 'none_unassigned');
  assert.equal(identify(scannedLogs([POOL], []), asked({ address: '2001:db8::1' })).verdict, 'not_mine');
});

test('DS-Lite: the softwire address leads to the delegated prefix', () => {
  const aftr: PoolEntry = { ...POOL, pool: 'cgn', source: 'aftr', log: 'ipfix' };
  const pd: PoolEntry = { prefix: '2001:db8::/32', pool: 'dynamic', log: 'pd', logClockErrorMs: 0 };
  const logs = scannedLogs(
    [aftr, pd],
    [held('@2001:db8:7::1', -60, 60, { source: 'aftr' }), held('a', -600, 600, { of: '2001:db8:7::/56' })],
    [{ name: 'aftr', format: 'ipfix' }, { format: 'kea6' }],
  );
  assert.equal(identify(logs, asked()).subscriber, String(logs.numberOf('a')));
});

test('tolerance only downgrades: more clock error never makes a unique, nor another line', () => {
  const line = fc.constantFrom('a', 'b', 'c', '', '@10.0.0.1', '@2001:db8::1');
  const hold = fc
    .record({
      of: fc.constantFrom('192.0.2.1/32', '10.0.0.1/32', '2001:db8::/56', '2001:db8::/64'),
      who: line,
      from: fc.integer({ min: -60, max: 60 }),
      length: fc.integer({ min: -5, max: 90 }),
      before: fc.nat(9),
      after: fc.nat(30),
      source: fc.constantFrom('log', 'two'),
    })
    .map(({ of, who, from, length, before, after, source }) => ({
      of,
      who,
      source,
      from: T + from * S,
      to: T + (from + length) * S,
      possibleFrom: T + (from - before) * S,
      possibleTo: T + (from + Math.max(0, length) + after) * S,
    }));
  const gap = fc
    .tuple(fc.integer({ min: -90, max: 90 }), fc.nat(5))
    .map(([a, n]) => [T + a * S, T + (a + n) * S] as const);
  const pools: PoolEntry[] = [
    { ...POOL, validTo: iso(T + 30 * S) },
    { ...POOL, pool: 'dynamic', validFrom: iso(T + 30 * S) },
    { prefix: '10.0.0.0/8', pool: 'dynamic', log: 'csv', logClockErrorMs: 500 },
    { prefix: '2001:db8::/32', pool: 'dynamic', log: 'pd', logClockErrorMs: 0 },
  ];
  let found = 0;
  fc.assert(
    fc.property(
      fc.array(hold, { minLength: 1, maxLength: 6 }),
      fc.array(gap, { maxLength: 1 }),
      fc.constantFrom('192.0.2.1', '2001:db8::9'),
      fc.integer({ min: -50, max: 80 }),
      fc.uniqueArray(fc.nat(20_000), { minLength: 6, maxLength: 6 }),
      (listed, gaps, address, at, errors) => {
        const logs = scannedLogs(pools, listed, [{ gaps, first: T - 80 * S, through: T + 100 * S }, { name: 'two' }]);
        const answers = errors
          .sort((a, b) => a - b)
          .map(clockErrorMs => identify(logs, asked({ address, at: T + at * S, clockErrorMs })));
        for (const [i, answer] of answers.entries()) {
          if (answer.verdict !== 'unique') continue;
          found++;
          for (const closer of answers.slice(0, i))
            assert.deepEqual([closer.verdict, closer.subscriber], ['unique', answer.subscriber]);
        }
      },
    ),
    { numRuns: 3_000 },
  );
  assert.ok(found > 400, `only ${found} unique answers were met`);
});
