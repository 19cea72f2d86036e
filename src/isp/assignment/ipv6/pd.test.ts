import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatPrefix, parsePrefix } from '../../../record/address.ts';
import { Fault } from '../../../record/fault.ts';
import { isRefused } from '../event.ts';
import { networkOf } from './key.ts';
import { pdFormat } from './pd.ts';

const T = Date.UTC(2026, 10, 10);
const HEADER = 'prefix,subscriber,from,to';

function read(lines: readonly string[]) {
  const parser = pdFormat.open('pd.csv', {});
  return lines.map((text, i) => parser.line?.(text, i + 1) ?? []);
}
function only(row: string, header = HEADER) {
  const [, given] = read([header, row]);
  assert.ok(given);
  return given;
}
const refusal = (row: string): string | undefined => {
  const given = only(row);
  return isRefused(given) ? given.refused : undefined;
};

test('a delegated prefix, a link and an address become holds', () => {
  const given = read([
    HEADER,
    '2001:db8:12:3400::/56,LINE-1,2026-11-10T00:00:00Z,2026-11-11T00:00:00+09:00',
    '"2001:db8:ff:1::/64","LINE,2",2026-11-10T00:00:00Z,',
    '2001:db8:ff:2::9,LINE-3,2026-11-10T00:00:00Z,',
    '',
  ]).map(g => (isRefused(g) ? [] : g));
  const holds = given.flat().map(e => (e.what === 'held' ? [e.holder, e.subscriber, e.from, e.to] : []));
  const prefix = (text: string) => ({ family: 6, prefix: parsePrefix(text)?.base, length: parsePrefix(text)?.length });
  assert.deepEqual(holds, [
    [prefix('2001:db8:12:3400::/56'), 'LINE-1', T, T + 15 * 3_600_000],
    [prefix('2001:db8:ff:1::/64'), 'LINE,2', T, null],
    [prefix('2001:db8:ff:2::9/128'), 'LINE-3', T, null],
  ]);
});

test('columns stand in any order, and more of them do no harm', () => {
  const given = only('a,,x,2026-11-10T00:00:00Z,2001:db8::/48', 'note,to,subscriber,from,prefix');
  assert.ok(!isRefused(given));
  const [event] = given;
  assert.ok(event?.what === 'held');
  assert.deepEqual([event.subscriber, event.from, event.to], ['x', T, null]);
});

test('a record that cannot be used says why', () => {
  const rows: [string, RegExp][] = [
    ['2001:db8:12:3401::/56,x,2026-11-10T00:00:00Z,', /without host bits/],
    ['192.0.2.0/24,x,2026-11-10T00:00:00Z,', /no IPv6 prefix/],
    [',x,2026-11-10T00:00:00Z,', /no IPv6 prefix/],
    ['::/0,x,2026-11-10T00:00:00Z,', /fewer than 32 bits/],
    ['2000::/3,x,2026-11-10T00:00:00Z,', /fewer than 32 bits/],
    ['2001:db8::/56, ,2026-11-10T00:00:00Z,', /no readable subscriber/],
    ['2001:db8::/56,@2001:db8::1,2026-11-10T00:00:00Z,', /no readable subscriber/],
    ['2001:db8::/56,x,2026-11-10 00:00:00,', /"from" is no/],
    ['2001:db8::/56,x,2026-11-10T00:00:00Z,later', /"to" is no/],
    ['2001:db8::/56,x,2026-11-10T00:00:00Z,2026-11-09T00:00:00Z', /before/],
    ['2001:db8::/56,x,2026-11-10T00:00:00Z', /3 columns where the header has 4/],
    ['"2001:db8::/56,x,2026-11-10T00:00:00Z,', /quote is left open/],
  ];
  for (const [row, words] of rows) assert.match(refusal(row) ?? 'accepted', words, row);
});

test('a file without the columns is no list of prefixes', () => {
  assert.throws(
    () => read(['address,subscriber,from,to']),
    (thrown: unknown) => {
      assert.ok(thrown instanceof Fault);
      assert.match(thrown.message, /^pd\.csv:1: the header lacks prefix/);
      return true;
    },
  );
});

test('whatever is written is read back', () => {
  const row = fc.record({
    bits: fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
    length: fc.integer({ min: 32, max: 128 }),
    from: fc.nat(1e9),
    stays: fc.option(fc.nat(1e9), { nil: null }),
  });
  fc.assert(
    fc.property(row, ({ bits, length, from, stays }) => {
      const base = networkOf(bits, length);
      const iso = (ms: number) => new Date(T + ms).toISOString();
      const given = only(
        `${formatPrefix({ family: 6, base, length })},L,${iso(from)},${stays === null ? '' : iso(from + stays)}`,
      );
      assert.ok(!isRefused(given));
      const [event] = given;
      assert.ok(event?.what === 'held');
      assert.deepEqual(event.holder, { family: 6, prefix: base, length });
      assert.deepEqual([event.from, event.to], [T + from, stays === null ? null : T + from + stays]);
    }),
  );
});

test('no line of bytes makes it throw', () => {
  fc.assert(
    fc.property(fc.string(), text => {
      const given = only(text);
      assert.ok(isRefused(given) || given.length === 0);
    }),
  );
});
