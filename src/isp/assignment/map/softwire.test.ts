import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ipv6, type Listed, scannedLogs } from '../../../../test/fixtures/scanned-logs.ts';
import { parseIpv4, parsePrefix } from '../../../record/address.ts';
import { behindOf, behindText } from '../chain.ts';
import { identify } from '../identify.ts';
import { behindBox, type InsideOfBox } from './softwire.ts';

const T = 1_790_000_000_000;
const HOUR = 3_600_000;
const four = (text: string) => parseIpv4(text) ?? -1;

test('a softwire or translator address leads on, and comes back from the log as it was', () => {
  for (const text of ['2001:db8:12:3400::1', '2001:db8:12:34ff:0:c000:1:0', 'fd00::7']) {
    const behind = behindBox({ ipv6: ipv6(text), ipv4: four('192.0.0.2') });
    assert.deepEqual(behind, { family: 6, address: ipv6(text) });
    assert.ok(typeof behind === 'object');
    assert.deepEqual(behindOf(behindText(behind)), behind);
  }
  assert.deepEqual(behindBox({ ipv4: four('10.0.0.9'), realm: 'blue' }), {
    family: 4,
    address: four('10.0.0.9'),
    realm: 'blue',
  });
});

test('what is no line, or every line, names nobody', () => {
  const pref64 = parsePrefix('2001:db8:64::/96');
  const translates = [{ prefix: pref64?.base ?? 0n, length: 96 }];
  const wrong: [InsideOfBox, RegExp][] = [
    [{}, /names nobody/],
    [{ ipv4: four('192.0.0.2') }, /behind every softwire/],
    [{ ipv4: four('192.0.0.7') }, /behind every softwire/],
    [{ ipv6: 0n, ipv4: four('10.0.0.9') }, /no address/],
    [{ ipv6: 1n }, /the box itself/],
    [{ ipv6: ipv6('::ffff:192.0.2.1') }, /IPv4 in IPv6/],
    [{ ipv6: ipv6('fe80::1') }, /one link/],
    [{ ipv6: ipv6('ff02::1') }, /a group/],
    [{ ipv6: ipv6('64:ff9b::192.0.2.1') }, /IPv4 destination/],
    [{ ipv6: ipv6('64:ff9b:1:7::1') }, /IPv4 destination/],
    [{ ipv6: ipv6('2001:db8:64::c000:201'), translates }, /IPv4 destination/],
  ];
  for (const [inside, words] of wrong) {
    const said = behindBox(inside);
    assert.match(typeof said === 'string' ? said : 'leads on', words);
  }
  assert.equal(typeof behindBox({ ipv6: ipv6('2001:db8:64:0:1::1'), translates }), 'object');
  assert.equal(typeof behindBox({ ipv4: four('192.0.0.8') }), 'object');
});

/** A log of ports outside that names the IPv6 address inside, then the log of delegated prefixes. */
function ask(inside: string, delegated: readonly Listed[], at = T) {
  const logs = scannedLogs(
    [
      { prefix: '192.0.2.0/24', pool: 'cgn', log: 'cgn-a10', logClockErrorMs: 0 },
      { prefix: '2001:db8::/32', pool: 'dynamic', log: 'pd', logClockErrorMs: 0 },
    ],
    [
      { of: '192.0.2.1/32', ports: [2048, 3071], who: inside, from: T - HOUR, to: T + HOUR, source: 'aftr' },
      ...delegated.map(d => ({ ...d, source: 'pd' })),
    ],
    [
      { name: 'aftr', format: 'cgn-a10' },
      { name: 'pd', format: 'pd' },
    ],
  );
  const said = identify(logs, { address: '192.0.2.1', port: 2500, at, clockErrorMs: 500 });
  const who = (line: string) => String(logs.numberOf(line));
  return { ...said, is: (line: string) => said.verdict === 'unique' && said.subscriber === who(line) };
}
const said = (text: string): string => {
  const behind = behindBox({ ipv6: ipv6(text) });
  assert.ok(typeof behind === 'object');
  return behindText(behind);
};
const held = (of: string, who: string, from = T - HOUR, to = T + HOUR): Listed => ({ of, who, from, to });

test('the softwire stands in a delegated prefix, on the /64 of the link, or is the address of IA_NA itself', () => {
  const softwire = said('2001:db8:12:3407::2');
  assert.ok(ask(softwire, [held('2001:db8:12:3400::/56', 'a')]).is('a'));
  assert.ok(ask(softwire, [held('2001:db8:12:3407::/64', 'a'), held('2001:db8:12:3408::/64', 'b')]).is('a'));
  assert.ok(ask(softwire, [held('2001:db8:12:3407::2/128', 'a'), held('2001:db8:12:3407::3/128', 'b')]).is('a'));
  assert.equal(ask(softwire, [held('2001:db8:12:3407::3/128', 'b')]).verdict, 'none_unassigned');
});

test('both steps are asked at the instant of the finding: a prefix that changed hands refuses or names the holder then', () => {
  const softwire = said('2001:db8:12:3400::1');
  const both = (change: number) => [
    held('2001:db8:12:3400::/56', 'a', T - HOUR, change),
    held('2001:db8:12:3400::/56', 'b', change, T + HOUR),
  ];
  assert.ok(ask(softwire, both(T + 60_000)).is('a'));
  assert.ok(ask(softwire, both(T - 60_000)).is('b'));
  for (const change of [T, T - 1_000, T + 1_000]) assert.notEqual(ask(softwire, both(change)).verdict, 'unique');
  // Each step adds its own granularity of a second.
  assert.equal(ask(softwire, both(T + 2_400)).verdict, 'ambiguous_edge');
  assert.ok(ask(softwire, both(T + 2_600)).is('a'));
});
