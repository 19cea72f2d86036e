import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Listed, scannedLogs } from '../../../test/fixtures/scanned-logs.ts';
import { type Asked, identifyAll, together } from './identify-all.ts';
import type { PoolEntry } from './pools.ts';
import { revoked } from './refusals.ts';

const T = 1_790_000_000_000;
const S = 1_000;
const POOL: PoolEntry = { prefix: '192.0.2.0/24', pool: 'dedicated', log: 'csv', logClockErrorMs: 0 };
const held = (who: string, from: number, to: number, more: Partial<Listed> = {}): Listed => ({
  of: '192.0.2.1/32',
  who,
  from: T + from * S,
  to: T + to * S,
  ...more,
});
const one = (at: number) => ({ address: '192.0.2.1', port: 8080, at: T + at * S, clockErrorMs: 0 });
const all = (
  listed: readonly Listed[],
  instants: readonly number[],
  pool: Partial<PoolEntry> = {},
  through = T + 1_000 * S,
  gaps: readonly (readonly [number, number])[] = [],
) => identifyAll(scannedLogs([{ ...POOL, ...pool }], listed, [{ through, gaps }]), instants.map(one));
const verdict = (...of: Parameters<typeof all>) => all(...of).verdict;
const dynamic = { pool: 'dynamic' } as const;

test('instants that name one line are unique, and nothing is when none is named', () => {
  assert.deepEqual(all([held('a', 0, 100)], [10, 50, 90]).subscriber, '1');
  assert.equal(verdict([held('a', 0, 100)], []), 'malformed');
  assert.equal(verdict([held('a', 0, 100)], [200, 300]), 'none_gap');
});

test('two lines are a conflict on a line that keeps its address, an edge elsewhere', () => {
  const two = [held('a', 0, 100), held('b', 200, 300)];
  assert.equal(verdict(two, [50, 250]), 'conflict_sources');
  assert.equal(verdict(two, [50, 250], dynamic), 'ambiguous_edge');
  assert.equal('subscriber' in all(two, [50, 250]), false);
});

test('a refusal contradicts when the line was not there though the device was', () => {
  const line = held('a', 0, 100);
  assert.equal(verdict([line], [50, 150]), 'conflict_sources', 'nobody held it');
  assert.equal(verdict([line, held('b', 200, 300), held('c', 200, 300)], [50, 250], dynamic), 'ambiguous_edge');
  assert.equal(verdict([line, held('b', 200, 300), held('c', 200, 300)], [50, 250]), 'conflict_sources');
  assert.equal(verdict([line, held('b', 200, 300, { possibleTo: T + 400 * S })], [50, 350], dynamic), 'ambiguous_edge');
  const mended = { validTo: new Date(T + 200 * S).toISOString() };
  assert.equal(verdict([held('a', 0, 900)], [50, 250], mended), 'not_mine');
});

test('a refusal that leaves the line possible, or says nothing, contradicts nothing', () => {
  const soft = held('a', 0, 100, { possibleTo: T + 300 * S });
  assert.equal(verdict([soft], [50, 250]), 'unique', 'lost Stop of the same line');
  assert.equal(
    verdict([soft, held('b', 190, 200, { possibleTo: T + 400 * S })], [50, 250], dynamic),
    'unique',
    'one of two that may have been there',
  );
  assert.equal(verdict([held('a', 0, 900)], [50, 250], {}, undefined, [[T + 200 * S, T + 300 * S]]), 'unique', 'a gap');
  const changes = [
    { ...POOL, validTo: new Date(T + 250 * S).toISOString() },
    { ...POOL, validFrom: new Date(T + 250 * S).toISOString() },
  ];
  const logs = scannedLogs(changes, [held('a', 0, 900)]);
  assert.equal(identifyAll(logs, [one(50), one(250)]).verdict, 'unique', 'the edge of a rule names nobody');
});

test('what is pending may still contradict, so it is waited for; a revocation beats everything', () => {
  assert.equal(verdict([held('a', 0, 100)], [50, 400], {}, T + 300 * S), 'log_pending');
  assert.equal(verdict([held('a', 0, 100), held('b', 150, 200)], [50, 160, 400], {}, T + 300 * S), 'conflict_sources');
  assert.equal(verdict([held('a', 0, 100)], [150, 400], {}, T + 300 * S), 'none_gap', 'no wait can make this one line');
  const asked: Asked[] = [];
  identifyAll(scannedLogs([POOL], [held('a', 0, 100)]), [one(50)], asked);
  const gone: Asked = { question: one(60), answer: revoked(), steps: [] };
  assert.equal(together([...asked, gone]).verdict, 'revoked');
});

test('behind a NAT the first step is compared with the first step', () => {
  const pools: PoolEntry[] = [
    { ...POOL, pool: 'cgn', source: 'nat' },
    { prefix: '10.0.0.0/8', pool: 'dynamic', log: 'csv', source: 'dhcp', logClockErrorMs: 0 },
  ];
  const listed = [
    held('@10.0.0.9', 0, 100, { source: 'nat' }),
    held('@10.0.0.9', 200, 300, { source: 'nat' }),
    held('@10.0.0.8', 200, 300, { source: 'nat' }),
    held('@10.0.0.8', 400, 500, { source: 'nat', possibleTo: T + 600 * S }),
    held('a', 0, 900, { of: '10.0.0.9/32', source: 'dhcp' }),
  ];
  const logs = scannedLogs(pools, listed, [{ name: 'nat' }, { name: 'dhcp' }]);
  assert.equal(identifyAll(logs, [one(50), one(250)]).verdict, 'unique', '10.0.0.9 may have been there both times');
  assert.equal(identifyAll(logs, [one(50), one(550)]).verdict, 'ambiguous_edge', 'only 10.0.0.8 may');
});

test('order does not matter, and one more instant never makes another line unique', () => {
  const hold = fc
    .record({ who: fc.constantFrom('a', 'b', ''), from: fc.nat(80), length: fc.nat(120), after: fc.nat(20) })
    .map(h => held(h.who, h.from, h.from + h.length, { possibleTo: T + (h.from + h.length + h.after) * S }));
  let unique = 0;
  fc.assert(
    fc.property(
      fc.array(hold, { minLength: 1, maxLength: 3 }),
      fc.array(fc.nat(110), { minLength: 2, maxLength: 3 }),
      fc.constantFrom({}, dynamic),
      (listed, instants, pool) => {
        const whole = all(listed, instants, pool, T + 120 * S);
        const back = all(listed, instants.toReversed(), pool, T + 120 * S);
        assert.equal(back.verdict === 'unique', whole.verdict === 'unique');
        if (whole.verdict !== 'unique') return;
        unique++;
        assert.equal(back.subscriber, whole.subscriber);
        for (const at of instants) {
          const single = all(listed, [at], pool, T + 120 * S);
          if (single.verdict === 'unique') assert.equal(single.subscriber, whole.subscriber);
        }
      },
    ),
    { numRuns: 1_500 },
  );
  assert.ok(unique > 150, `only ${unique}`);
});
