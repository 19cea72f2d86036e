import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefused } from '../isp/assignment/event.ts';
import { pdFormat } from '../isp/assignment/ipv6/pd.ts';
import { addressOf, type Prefix6, portsOf } from '../isp/assignment/map/forward.ts';
import { mapRulesShape } from '../isp/assignment/map/rules.ts';
import { formatIpv4, parseIpv4, parsePrefix } from '../record/address.ts';
import { type CountryIsp, LEAST_ADDRESSES, MOST_ADDRESSES, makeCountry, rangesOf } from './country.ts';
import { canHave } from './lines.ts';
import { delegationLog, delegationOf, mapPoolsOf, mapRulesOf, portsOfLine, psidOfPort, SHARERS } from './map-plan.ts';

const ispOf = (addresses: number): CountryIsp => {
  const isp = makeCountry(addresses).find(i => i.pool === 'map-e');
  assert.ok(isp);
  return isp;
};
const prefix6 = (text: string): Prefix6 => ({
  prefix: parsePrefix(text)?.base ?? -1n,
  length: parsePrefix(text)?.length ?? 0,
});

test('sixteen lines have all ports from 4096 on, fifteen ranges each, and nobody has the others', () => {
  const owner = new Int8Array(65_536).fill(-1);
  for (let psid = 0; psid < SHARERS; psid++) {
    assert.equal(portsOfLine(psid).length, 15);
    for (const { from, to } of portsOfLine(psid))
      for (let port = from; port <= to; port++) {
        assert.equal(owner[port], -1);
        owner[port] = psid;
      }
  }
  const isp = ispOf(LEAST_ADDRESSES);
  for (let port = 0; port < 65_536; port++) {
    assert.equal(psidOfPort(port), owner[port] === -1 ? undefined : owner[port]);
    assert.equal(canHave(isp, port), psidOfPort(port) !== undefined);
  }
});

for (const addresses of [LEAST_ADDRESSES, 65_536, MOST_ADDRESSES])
  test(`the rules of a country of ${addresses} addresses give each line its ports`, () => {
    const isp = ispOf(addresses);
    const rules = mapRulesShape.parse(mapRulesOf(isp));
    assert.equal(rules.length, isp.prefixes.length);
    const seen = new Set<string>();
    for (const [i, { from, to }] of rangesOf(isp).entries()) {
      const rule = rules[i];
      assert.ok(rule);
      assert.equal(rule.endUserLength, 56);
      for (const n of [from, from + 1, Math.floor((from + to) / 2), to])
        for (let psid = 0; psid < SHARERS; psid++) {
          const text = delegationOf(isp, formatIpv4(n), psid);
          assert.match(text, /^2001:db8:/);
          assert.ok(!seen.has(text), `${text} twice`);
          seen.add(text);
          assert.deepEqual(addressOf(rule, prefix6(text)), { address: n, length: 32 });
          assert.deepEqual(portsOf(rule, prefix6(text)), portsOfLine(psid));
        }
    }
    assert.deepEqual(
      mapPoolsOf(isp).map(pool => [pool.prefix, pool.map.length, pool.map[0]?.ipv4Prefix]),
      isp.prefixes.map(prefix => [prefix, 1, prefix]),
    );
  });

test('the log of delegations is one that the importer reads', () => {
  const isp = ispOf(65_536);
  const address = formatIpv4((rangesOf(isp)[0]?.from ?? 0) + 9);
  const T = 1_790_000_000_000;
  const text = delegationLog(isp, [
    { address, psid: 3, subscriber: 'UM-0000001', from: T, to: null },
    { address, psid: 4, subscriber: 'UM-0000002', from: T, to: T + 60_000 },
  ]);
  const parser = pdFormat.open('delegations.csv', {});
  const events = text.split('\n').flatMap((line, i) => {
    const given = parser.line?.(line, i + 1) ?? [];
    assert.ok(!isRefused(given), line);
    return given;
  });
  const held = events.flatMap(e => (e.what === 'held' ? [[e.subscriber, e.holder, e.to]] : []));
  const holder = (psid: number) => ({ family: 6, ...prefix6(delegationOf(isp, address, psid)) });
  assert.deepEqual(held, [
    ['UM-0000001', holder(3), null],
    ['UM-0000002', holder(4), T + 60_000],
  ]);
  assert.throws(() => delegationOf(isp, formatIpv4((parseIpv4(address) ?? 0) + 2 ** 24), 0), /in none of the rules/);
});
