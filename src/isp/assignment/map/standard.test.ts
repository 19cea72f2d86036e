/** The worked examples of RFC 7597 appendix A, and splits of the port as they are in use. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAddress, formatIpv4, formatPrefix, parseAddress, parsePrefix } from '../../../record/address.ts';
import { delegatedPrefixOf } from './backward.ts';
import { addressOf, mapAddressOf, type Prefix6, portsOf } from './forward.ts';
import { type MapRule, type MapRuleEntry, mapRulesShape } from './rules.ts';

const NOW = 0;

function one(entry: Omit<MapRuleEntry, 'kind'> & { readonly kind?: MapRuleEntry['kind'] }): MapRule {
  const [rule] = mapRulesShape.parse([{ kind: 'map-e', ...entry }]);
  assert.ok(rule);
  return rule;
}
function prefix6(text: string): Prefix6 {
  const prefix = parsePrefix(text);
  assert.equal(prefix?.family, 6, text);
  return { prefix: prefix?.base ?? 0n, length: prefix?.length ?? 0 };
}
const ipv4 = (text: string) => Number(parseAddress(text)?.value);
/** What is behind (address, port), as text. */
function behind(rule: MapRule, address: string, port: number): string {
  const found = delegatedPrefixOf([rule], ipv4(address), port, NOW);
  return found.to === 'prefix'
    ? formatPrefix({ family: 6, base: found.prefix, length: found.length })
    : found.to === 'none'
      ? found.verdict
      : found.to;
}
const box = (rule: MapRule, endUser: string) => {
  const value = mapAddressOf(rule, prefix6(endUser));
  return value === undefined ? undefined : formatAddress({ family: 6, value });
};
const canonical = (text: string) => formatAddress({ family: 6, value: parseAddress(text)?.value ?? -1n });

const END_USER = '2001:db8:12:3400::/56';

test('RFC 7597 appendix A, example 1: a shared address', () => {
  const rule = one({ ipv4Prefix: '192.0.2.0/24', ipv6Prefix: '2001:db8::/40', eaBits: 16, psidOffset: 6 });
  const at = addressOf(rule, prefix6(END_USER));
  assert.deepEqual(at && [formatIpv4(at.address), at.length], ['192.0.2.18', 32]);
  assert.equal(rule.psidLength, 8);
  const ports = portsOf(rule, prefix6(END_USER)) ?? [];
  assert.equal(ports.length, 63);
  assert.deepEqual(
    [ports[0], ports[1], ports[61], ports[62]],
    [
      { from: 1232, to: 1235 },
      { from: 2256, to: 2259 },
      { from: 63_696, to: 63_699 },
      { from: 64_720, to: 64_723 },
    ],
  );
  assert.equal(
    ports.reduce((sum, r) => sum + r.to - r.from + 1, 0),
    252,
  );
  assert.equal(box(rule, END_USER), canonical('2001:db8:0012:3400:0000:c000:0212:0034'));
  for (const port of [1232, 1235, 64_723]) assert.equal(behind(rule, '192.0.2.18', port), END_USER);
  assert.equal(behind(rule, '192.0.2.18', 1231), '2001:db8:12:3300::/56');
  assert.equal(behind(rule, '192.0.2.18', 1236), '2001:db8:12:3500::/56');
  assert.equal(behind(rule, '192.0.2.19', 1232), '2001:db8:13:3400::/56');
  for (const port of [0, 23, 1023]) assert.equal(behind(rule, '192.0.2.18', port), 'shared_port_impossible');
  assert.equal(behind(rule, '192.0.3.18', 1232), 'log_gap');
});

test('RFC 7597 appendix A, example 4: a whole address without EA bits', () => {
  const rule = one({ ipv4Prefix: '192.0.2.18/32', ipv6Prefix: END_USER, eaBits: 0 });
  assert.deepEqual(portsOf(rule, prefix6(END_USER)), [{ from: 0, to: 65_535 }]);
  assert.equal(box(rule, END_USER), canonical('2001:db8:0012:3400:0000:c000:0212:0000'));
  for (const port of [0, 23, 1232, 65_535]) assert.equal(behind(rule, '192.0.2.18', port), END_USER);
});

test('RFC 7597 appendix A, example 5: a port set that the rule names itself', () => {
  // RFC 7599 prints PSID 0x20 in its copy; erratum 5324 corrects it.
  for (const kind of ['map-e', 'map-t'] as const) {
    const rule = one({
      kind,
      ipv4Prefix: '192.0.2.18/32',
      ipv6Prefix: END_USER,
      eaBits: 0,
      psidOffset: 6,
      psidLength: 8,
      psid: 0x34,
    });
    const ports = portsOf(rule, prefix6(END_USER)) ?? [];
    assert.deepEqual([ports.length, ports[0], ports[62]], [63, { from: 1232, to: 1235 }, { from: 64_720, to: 64_723 }]);
    assert.equal(box(rule, END_USER), canonical('2001:db8:0012:3400:0000:c000:0212:0034'));
    assert.equal(behind(rule, '192.0.2.18', 2257), END_USER);
    assert.equal(behind(rule, '192.0.2.18', 1236), 'none_unassigned');
    assert.equal(behind(rule, '192.0.2.18', 23), 'shared_port_impossible');
  }
});

/** Address sharing as ISPs have published it: prefixes, EA bits and offset, then what must follow. */
const PLANS = [
  {
    rule: { ipv4Prefix: '192.0.2.0/24', ipv6Prefix: '2001:db8::/40', eaBits: 16, psidOffset: 6 },
    k: 8,
    ranges: 63,
    each: 4,
    lines: 256,
    never: 1023,
    endUser: 56,
  },
  {
    rule: { ipv4Prefix: '106.72.0.0/15', ipv6Prefix: '240b:10::/31', eaBits: 25, psidOffset: 4 },
    k: 8,
    ranges: 15,
    each: 16,
    lines: 256,
    never: 4095,
    endUser: 56,
  },
  {
    rule: { ipv4Prefix: '153.240.0.0/16', ipv6Prefix: '2400:4050::/34', eaBits: 22, psidOffset: 6 },
    k: 6,
    ranges: 63,
    each: 16,
    lines: 64,
    never: 1023,
    endUser: 56,
  },
] as const;

test('plans in use: ranges, ports a line, lines an address, ports never given', () => {
  for (const { rule: entry, k, ranges, each, lines, never, endUser } of PLANS) {
    const rule = one(entry);
    assert.deepEqual([rule.psidLength, rule.endUserLength], [k, endUser]);
    const ports = portsOf(rule, { prefix: rule.ipv6Base, length: rule.endUserLength }) ?? [];
    assert.equal(ports.length, ranges);
    assert.ok(ports.every(range => range.to - range.from + 1 === each));
    const address = formatIpv4(rule.ipv4Base + 5);
    const found = new Set<string>();
    for (let port = 0; port < 65_536; port++) found.add(behind(rule, address, port));
    assert.equal(found.delete('shared_port_impossible'), true);
    assert.equal(found.size, lines);
    assert.equal(behind(rule, address, never), 'shared_port_impossible');
    assert.notEqual(behind(rule, address, never + 1), 'shared_port_impossible');
  }
});

test('a rule off the nibbles, worked by hand', () => {
  // 106.73.2.3 is 0x10203 behind 106.72.0.0/15; port 0x5a7c has A 5, PSID 0xa7, rest 0xc.
  const rule = one(PLANS[1].rule);
  const ea = (0x10203n << 8n) | 0xa7n;
  const expected = (0x240b0010n << 96n) | (ea << 72n);
  assert.equal(behind(rule, '106.73.2.3', 0x5a7c), formatPrefix({ family: 6, base: expected, length: 56 }));
  assert.equal(behind(rule, '106.73.2.3', 0x5a7c), '240b:11:203:a700::/56');
});

test('a line with an IPv4 prefix, and a prefix of more than 64 bits', () => {
  const rule = one({ ipv4Prefix: '192.0.2.0/24', ipv6Prefix: '2001:db8:5::/48', eaBits: 4 });
  assert.deepEqual(addressOf(rule, prefix6('2001:db8:5:3000::/52')), { address: ipv4('192.0.2.48'), length: 28 });
  for (const last of [48, 55, 63]) assert.equal(behind(rule, `192.0.2.${last}`, 80), '2001:db8:5:3000::/52');
  assert.equal(behind(rule, '192.0.2.64', 80), '2001:db8:5:4000::/52');
  assert.equal(
    mapAddressOf(rule, prefix6('2001:db8:5:3000::/52'), ipv4('192.0.2.50')),
    parseAddress('2001:db8:5:3000:0:c000:230:0')?.value,
  );
  const mapT = one({ kind: 'map-t', ipv4Prefix: '192.0.2.0/24', ipv6Prefix: '2001:db8:5::/48', eaBits: 4 });
  assert.equal(
    mapAddressOf(mapT, prefix6('2001:db8:5:3000::/52'), ipv4('192.0.2.50')),
    parseAddress('2001:db8:5:3000:0:c000:232:0')?.value,
  );
  const long = one({ ipv4Prefix: '192.0.2.0/24', ipv6Prefix: '2001:db8:6::/64', eaBits: 16, psidOffset: 6 });
  assert.equal(behind(long, '192.0.2.18', 1232), '2001:db8:6:0:1234::/80');
  assert.equal(box(long, '2001:db8:6:0:1234::/80'), canonical('2001:db8:6:0:1234:c000:0212:0034'));
});

test('a prefix that is not one of the rule names no address', () => {
  const rule = one(PLANS[0].rule);
  for (const text of ['2001:db9:12:3400::/56', '2001:db8::/48', '2001:db8::/40']) {
    assert.equal(addressOf(rule, prefix6(text)), undefined, text);
    assert.equal(portsOf(rule, prefix6(text)), undefined, text);
    assert.equal(mapAddressOf(rule, prefix6(text)), undefined, text);
  }
  // The /64 that a router advertises from the end-user prefix is the same line's.
  assert.deepEqual(portsOf(rule, prefix6('2001:db8:12:3407::/64')), portsOf(rule, prefix6(END_USER)));
});
