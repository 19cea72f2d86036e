import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { consentBody, type LabIsp, labBody, labClocks, NOW } from '../../test/mandate/lab-paper.ts';
import { type Address, formatAddress, type Prefix, parseAddress, parsePrefix } from '../record/address.ts';
import { DAY, HOUR } from '../record/instant.ts';
import type { MandateBody } from '../record/mandate.ts';
import { parseExclusions } from './exclusions.ts';
import { compileGate6, gate6FromTables, namesIpv6 } from './gate6.ts';
import type { Paper } from './paper.ts';
import { isOwnScope } from './rules.ts';

function paperOf(isps: readonly LabIsp[], exclusions = '', changes: Partial<MandateBody> = {}): Paper {
  const name = 'lab';
  return {
    mandate: { body: labBody(isps, changes), signatures: [] },
    digest: 'd'.repeat(64),
    trust: { format: 'notice-trust/1', operator: [], authority: [], isps: {}, within: [] },
    consents: isps.map(isp => ({ body: consentBody(isp), signatures: [] })),
    exclusions: parseExclusions(exclusions, name),
    catalogueText: '{}',
    files: { mandate: name, trust: name, consents: name, exclusions: name, catalogue: name },
    where: () => name,
  };
}
const at = (text: string): bigint => (parseAddress(text) as Address).value;
const isps = (...prefixes: string[]): LabIsp[] => [{ isp: 'isp-a', prefixes }];

test('open are loopback, unique local, documentation and benchmark space that is named; nothing else is, whatever is signed', () => {
  const gate = compileGate6(paperOf(isps('::/0'), '2001:db8:9::/48\n::1'), labClocks());
  for (const open of [
    'fd00::1',
    'fc12:3::9',
    '2001:db8::',
    '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff',
    '3fff:fff::1',
    '2001:2::1',
  ])
    assert.equal(gate.refuses(at(open), 23, 'sweep'), undefined, open);
  for (const reserved of [
    '::',
    'fe80::1',
    'ff02::1',
    'fec0::1',
    '::ffff:127.0.0.1',
    '64:ff9b::1',
    '100::1',
    '2002:7f00:1::',
    '2001::1',
    '5f00::1',
    '4000::1',
  ])
    assert.equal(gate.refuses(at(reserved), 23, 'sweep'), 'reserved', reserved);
  for (const routed of ['2400::1', '2a00:1450::1', '2001:200::1', '3ffe::1', '3fff:1000::1'])
    assert.equal(gate.refuses(at(routed), 23, 'sweep'), 'outside-scope', routed);
  for (const excluded of ['::1', '2001:db8:9::77']) assert.equal(gate.refuses(at(excluded), 23, 'sweep'), 'excluded');
  assert.equal(gate.refuses(at('fd00::1'), 24, 'sweep'), 'port-not-named');
  assert.equal(gate.refuses(at('fd00::1'), 502, 'sweep'), 'never-touch');
  assert.equal(gate.ispOf(at('fd00::1')), 'isp-a');
});

test('a mandate without such space compiles to nothing, and says so', () => {
  for (const prefix of ['2400::/16', 'fe80::/10', 'ff00::/8', '127.0.0.0/8', '::ffff:127.0.0.0/104'])
    assert.throws(() => compileGate6(paperOf(isps(prefix)), labClocks()), /no IPv6 address may be probed/, prefix);
  assert.equal(namesIpv6(labBody(isps('2400::/16'))), false);
  assert.equal(namesIpv6(labBody(isps('::1'))), true);
});

test('the gate equals a naive oracle under random prefixes and exclusions, also those added later, in both threads', () => {
  const BASES = ['fd00:1:2:3::', '2001:db8::', '::', '2400:8::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ff00'].map(at);
  const address = fc
    .tuple(fc.constantFrom(...BASES), fc.bigInt({ min: 0n, max: 0xfffn }))
    .map(([base, more]) => (base + more) & ((1n << 128n) - 1n));
  const prefix = fc.tuple(address, fc.integer({ min: 114, max: 128 })).map(([a, length]): Prefix => {
    const host = BigInt(128 - length);
    return { family: 6, base: (a >> host) << host, length };
  });
  const text = (p: Prefix) => `${formatAddress({ family: 6, value: p.base })}/${p.length}`;
  const within = (p: Prefix, a: bigint) => a >> BigInt(128 - p.length) === p.base >> BigInt(128 - p.length);
  const FREE = ['fc00::/7', '2001:db8::/32', '::1/128'].map(t => parsePrefix(t) as Prefix);
  fc.assert(
    fc.property(
      fc.array(prefix, { minLength: 1, maxLength: 6 }),
      fc.array(prefix, { maxLength: 4 }),
      fc.array(prefix, { maxLength: 4 }),
      fc.array(address, { minLength: 20, maxLength: 60 }),
      (named, excluded, later, asked) => {
        const paper = paperOf(isps('fd12::/64', ...named.map(text)), excluded.map(text).join('\n'));
        const clocks = labClocks();
        const gate = compileGate6(paper, clocks);
        const other = gate6FromTables(structuredClone(gate.tables), clocks);
        gate.exclude(later);
        for (const a of asked) {
          const open =
            FREE.some(p => within(p, a)) &&
            named.some(p => within(p, a)) &&
            ![...excluded, ...later].some(p => within(p, a));
          assert.equal(gate.refuses(a, 23, 'sweep') === undefined, open, formatAddress({ family: 6, value: a }));
          assert.equal(gate.refuses(a, 23, 'sweep'), other.refuses(a, 23, 'sweep'));
        }
      },
    ),
  );
});

test('consents end, clocks jump, a stop holds, and too many new exclusions close everything', () => {
  const clocks = labClocks();
  const one = { isp: 'isp-a', prefixes: ['fd00::/64'], signedAt: NOW - 39 * DAY };
  const gate = compileGate6(paperOf([one]), clocks);
  const a = at('fd00::1');
  clocks.pass(DAY - 1);
  assert.equal(gate.refuses(a, 23, 'sweep'), undefined);
  clocks.pass(1);
  assert.equal(gate.refuses(a, 23, 'sweep'), 'consent-expired');

  const jumping = labClocks();
  const second = compileGate6(paperOf(isps('fd00::/64')), jumping);
  jumping.jump(HOUR);
  assert.equal(second.refuses(a, 23, 'sweep'), 'clock-jumped');
  jumping.jump(-HOUR);
  assert.equal(second.refuses(a, 23, 'sweep'), 'clock-jumped');

  const third = compileGate6(paperOf(isps('fd00::/64')), labClocks());
  const other = gate6FromTables(structuredClone(third.tables), labClocks());
  const host = (n: number): Prefix => ({ family: 6, base: at('fd00::') + BigInt(n), length: 128 });
  third.exclude(Array.from({ length: 4096 }, (_, n) => host(2 * n + 2)));
  assert.equal(other.refuses(at('fd00::2'), 23, 'sweep'), 'excluded');
  assert.equal(other.refuses(a, 23, 'sweep'), undefined);
  third.exclude([host(9001)]);
  assert.equal(other.refuses(a, 23, 'sweep'), 'stopped');
});

test('the ceilings may be exceeded on loopback and unique local space, in both families', () => {
  assert.equal(isOwnScope(labBody(isps('::1/128', 'fd00::/8', '127.0.0.0/8'))), true);
  assert.equal(isOwnScope(labBody(isps('::1/128', '2001:db8::/32'))), false);
  assert.equal(isOwnScope(labBody(isps('fc00::/6'))), false);
});
