import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ipv6, type Listed, scannedLogs } from '../../../test/fixtures/scanned-logs.ts';
import { parseIpv4, parsePrefix, prefixContains } from '../../record/address.ts';
import { FORMATS } from './formats.ts';
import { identify } from './identify.ts';
import { POOL_LOGS } from './pool.ts';
import { makePools, type PoolEntry } from './pools.ts';

const T = Date.UTC(2026, 9, 1, 3);
const S = 1_000;
const iso = (at: number) => new Date(at).toISOString();
const pool = (prefix: string, more: Partial<PoolEntry> = {}): PoolEntry => ({
  prefix,
  pool: 'dynamic',
  log: 'csv',
  ...more,
});

test('the narrowest pool that is valid at the instant, as a scan finds it', () => {
  const entries = [
    pool('10.0.0.0/8'),
    pool('10.1.0.0/16', { validTo: iso(T) }),
    pool('10.1.0.0/16', { validFrom: iso(T), infrastructure: true }),
    pool('10.1.2.0/24', { validFrom: iso(T + 60 * S), validTo: iso(T + 120 * S) }),
    pool('10.0.0.0/8', { realm: 'blue' }),
    pool('2001:db8::/32', { log: 'pd' }),
    pool('2001:db8:1::/48', { log: 'pd', validFrom: iso(T) }),
    pool('0.0.0.0/0', { realm: 'all' }),
  ];
  const pools = makePools(entries, 'pools');
  const scan = (family: 4 | 6, value: bigint, at: number, realm = '') =>
    pools.all
      .filter(p => p.realm === realm && prefixContains(p.prefix, { family, value }))
      .filter(p => (p.validFrom ?? 0) <= at && at < (p.validTo ?? Number.POSITIVE_INFINITY))
      .sort((a, b) => b.prefix.length - a.prefix.length)[0];
  const four = fc.constantFrom(
    '10.0.0.1',
    '10.1.0.0',
    '10.1.2.255',
    '10.1.3.0',
    '11.0.0.0',
    '255.255.255.255',
    '0.0.0.0',
  );
  const six = fc.constantFrom('2001:db8::', '2001:db8:1::1', '2001:db8:2::', '2001:db9::');
  fc.assert(
    fc.property(
      four,
      six,
      fc.integer({ min: -200, max: 200 }),
      fc.constantFrom('', 'blue', 'all'),
      (a, b, s, realm) => {
        const address = parseIpv4(a) as number;
        assert.equal(pools.of(address, T + s * S, realm), scan(4, BigInt(address), T + s * S, realm));
        assert.equal(pools.of6(ipv6(b), T + s * S), scan(6, ipv6(b), T + s * S));
      },
    ),
  );
});

test('a list that makes no sense is refused, by what is wrong', () => {
  const wrong = (entries: unknown, why: RegExp) => assert.throws(() => makePools(entries, 'pools.json'), why);
  wrong([pool('10.0.0.1/8')], /pools\.json: "10\.0\.0\.1\/8" is no prefix/);
  wrong(
    [pool('10.0.0.0/8'), pool('10.0.0.0/8', { validFrom: iso(T) })],
    /two pools have the prefix 10\.0\.0\.0\/8 at one time/,
  );
  wrong([pool('10.0.0.0/8', { validFrom: iso(T), validTo: iso(T) })], /ends before it begins/);
  wrong([pool('10.0.0.0/8', { validFrom: '2026-10-01' })], /no ISO 8601 instant/);
  wrong([{ ...pool('10.0.0.0/8'), lgo: 'csv' }], /lgo/);
  assert.ok(parsePrefix('10.0.0.0/8'));
});

test('every format that can be imported can be named by a pool', () => {
  for (const name of Object.keys(FORMATS)) assert.ok((POOL_LOGS as readonly string[]).includes(name), name);
});

/** The first worked example of RFC 7597, appendix A. */
const MAP: PoolEntry['map'] = [
  { kind: 'map-e', ipv4Prefix: '192.0.2.0/24', ipv6Prefix: '2001:db8::/40', eaBits: 16, psidOffset: 6 },
];
const mapPool = (more: Partial<PoolEntry> = {}): PoolEntry => ({
  prefix: '192.0.2.0/24',
  pool: 'map-e',
  log: 'pd',
  logClockErrorMs: 0,
  map: MAP,
  ...more,
});
const pd = (of: string, who: string, from = -600, to = 600): Listed => ({
  of,
  who,
  from: T + from * S,
  to: T + to * S,
});
const PD = [{ format: 'kea6' }];
const ask = (pools: readonly PoolEntry[], listed: readonly Listed[], port = 1232, clockErrorMs = 0) =>
  identify(scannedLogs(pools, listed, PD), { address: '192.0.2.18', port, at: T, clockErrorMs });

test('MAP: the rule leads to the delegated prefix, whose lease at that instant names the line', () => {
  const line = pd('2001:db8:12:3400::/56', 'a');
  assert.equal(ask([mapPool()], [line]).verdict, 'unique');
  assert.equal(ask([mapPool()], [line], 1023).verdict, 'shared_port_impossible');
  assert.equal(ask([mapPool()], [line], 1236).verdict, 'none_unassigned', "the next subscriber's ports");
  assert.equal(ask([mapPool()], [line], 0).verdict, 'shared_no_port');
  assert.equal(ask([mapPool()], [line, pd('2001:db8:12:3400::/56', 'b', 1, 900)]).verdict, 'ambiguous_edge');
  assert.equal(
    ask([mapPool()], [pd('2001:db8:12:3400::/64', 'a')]).verdict,
    'conflict_sources',
    'only a part is delegated',
  );
  assert.equal(ask([mapPool()], [pd('2001:db8:12::/48', 'a')]).verdict, 'unique', 'a whole block of one line');
  const v6: PoolEntry = { prefix: '2001:db8::/40', pool: 'dynamic', log: 'pd', infrastructure: true };
  assert.equal(ask([mapPool(), v6], [line]).verdict, 'infrastructure', 'the IPv6 pool has the last word');
});

test('MAP rules that change in mid-day: the rule of the instant, and an edge within the error', () => {
  const noon = T + 3 * S;
  const changed = [
    { ...(MAP as NonNullable<typeof MAP>)[0], validTo: iso(noon) },
    { ...(MAP as NonNullable<typeof MAP>)[0], ipv6Prefix: '2001:db8:ff00::/40', validFrom: iso(noon) },
  ] as PoolEntry['map'];
  const lines = [pd('2001:db8:12:3400::/56', 'a'), pd('2001:db8:ff12:3400::/56', 'b')];
  const at = (s: number, clockErrorMs: number) =>
    identify(scannedLogs([mapPool({ map: changed })], lines, PD), {
      address: '192.0.2.18',
      port: 1232,
      at: T + s * S,
      clockErrorMs,
    });
  assert.equal(at(0, 0).subscriber, '1');
  assert.equal(at(5, 0).subscriber, '2');
  assert.equal(at(0, 2 * S).verdict, 'ambiguous_edge');
  assert.equal(at(4, 1 * S).verdict, 'ambiguous_edge');
});
