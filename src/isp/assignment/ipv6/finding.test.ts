/** Findings on IPv6 addresses: in a delegated prefix, on the /64 of a link, on an address of IA_NA. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Listed, scannedLogs } from '../../../../test/fixtures/scanned-logs.ts';
import { identify } from '../identify.ts';

const T = 1_790_000_000_000;
const HOUR = 3_600_000;
const held = (of: string, who: string, from = T - HOUR, to = T + HOUR): Listed => ({ of, who, from, to });

/** The line, or the verdict where there is none. */
function who(address: string, listed: readonly Listed[], clockErrorMs = 500): string {
  const logs = scannedLogs([{ prefix: '2001:db8::/32', pool: 'dynamic', log: 'pd', logClockErrorMs: 0 }], listed, [
    { format: 'kea6' },
  ]);
  const said = identify(logs, { address, port: 23, at: T, clockErrorMs });
  if (said.verdict !== 'unique') return said.verdict;
  return ['a', 'b', 'c'].find(line => String(logs.numberOf(line)) === said.subscriber) ?? '?';
}

test('any address of a delegated prefix is the line that was delegated it, off the nibbles too', () => {
  const two = [held('2001:db8:0:20::/59', 'a'), held('2001:db8:0:40::/59', 'b')];
  assert.equal(who('2001:db8:0:20::', two), 'a');
  assert.equal(who('2001:db8:0:3f:ffff:ffff:ffff:ffff', two), 'a');
  assert.equal(who('2001:db8:0:40::1', two), 'b');
  assert.equal(who('2001:db8:0:60::', two), 'none_unassigned');
  assert.equal(who('2001:db9::1', two), 'not_mine');
});

test('a link of one line is a /64; on a shared link only the address of IA_NA names a line', () => {
  assert.equal(who('2001:db8:ff:1:0:5eff:fe00:1', [held('2001:db8:ff:1::/64', 'a')]), 'a');
  const shared = [held('2001:db8:ff:2::9/128', 'a'), held('2001:db8:ff:2::a/128', 'b')];
  assert.equal(who('2001:db8:ff:2::9', shared), 'a');
  assert.equal(who('2001:db8:ff:2::a', shared), 'b');
  assert.equal(who('2001:db8:ff:2::b', shared), 'none_unassigned', 'a neighbour on the link is nobody we know');
});

test('prefixes around one another name a line only where they are all its own (a link kept out of a delegation, RFC 6603)', () => {
  const own = [held('2001:db8:1::/48', 'a'), held('2001:db8:1:ff::/64', 'a'), held('2001:db8:1:ff::9/128', 'a')];
  assert.equal(who('2001:db8:1:ff::9', own), 'a');
  const others = [held('2001:db8:1::/48', 'a'), held('2001:db8:1:ff::/64', 'b')];
  assert.equal(who('2001:db8:1:fe::1', others), 'a');
  assert.equal(who('2001:db8:1:ff::1', others), 'ambiguous_overlap', 'either may be a hold whose end was written late');
});

test('one prefix of two clients is nobody; two prefixes of one line are that line', () => {
  const of = '2001:db8:2:100::/56';
  assert.equal(who('2001:db8:2:1ff::1', [held(of, 'a'), held(of, 'b')]), 'ambiguous_overlap');
  assert.equal(who('2001:db8:2:1ff::1', [held(of, 'a'), held('2001:db8:3::/56', 'a')]), 'a');
  assert.equal(
    who('2001:db8:2:1ff::1', [held(of, 'a', T - HOUR, T + 1_000), held(of, 'b', T + 1_000)]),
    'ambiguous_edge',
  );
  assert.equal(who('2001:db8:2:1ff::1', [held(of, 'a', T - HOUR, T + 2_000), held(of, 'b', T + 2_000)]), 'a');
});
