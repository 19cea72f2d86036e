import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { loopbackPaper } from '../../../../test/fixtures/loopback-paper.ts';
import { compileGate } from '../../../mandate/gate.ts';
import { type Prefix, parseIpv4, parsePrefix } from '../../../record/address.ts';
import { DAY, HOUR, isoOf } from '../../../record/instant.ts';
import { dryPackets } from './dry.ts';
import { makeFrames } from './frame.ts';
import { type AuditLaw, makeJudge } from './self-audit.ts';
import { lawOf } from './self-auditor.ts';

const NOW = Date.UTC(2026, 10, 20, 3, 0, 0);
const MAC = Uint8Array.of(2, 0, 0, 0, 0, 1);
const GATEWAY = Uint8Array.of(2, 0, 0, 0, 0, 2);
const ip = (text: string): number => parseIpv4(text) as number;
const prefix = (text: string): Prefix => parsePrefix(text) as Prefix;

const paper = loopbackPaper(
  {
    isps: { a: ['198.18.0.0/16', '10.1.2.0/25'], b: ['198.19.7.0/24'] },
    ports: [23, 2323],
    excluded: ['198.18.9.0/24', '10.1.2.77/32'],
    sources: ['192.0.2.0/29', '198.51.100.4'],
  },
  NOW,
);
const law: AuditLaw = {
  ...lawOf(paper, () => NOW),
  mac: MAC,
  gatewayMac: GATEWAY,
  source: ip('192.0.2.3'),
  sourcePort: 61_000,
};

/** What the sender would fill. */
function frameTo(address: number, port: number, source = law.source, options: 'mss' | 'windows' = 'mss'): Uint8Array {
  const { slots } = dryPackets(1);
  const frames = makeFrames(slots, { sourceMac: MAC, gatewayMac: GATEWAY, source, sourcePort: 61_000, options });
  frames.fill(0, address, port, 0x89abcdef, 0xbeef);
  return slots.memory.slice(slots.offset, slots.offset + frames.length);
}
const judged = (address: string, port = 23, changes: Partial<AuditLaw> = {}, at = NOW): string | undefined =>
  makeJudge({ ...law, ...changes }).judge(frameTo(ip(address), port), at);
const withMandate = (change: Partial<AuditLaw['mandate']>): Partial<AuditLaw> => ({
  mandate: { ...law.mandate, ...change },
});

test('what the mandate allows is right, with either kind of options', () => {
  for (const address of ['198.18.0.0', '198.18.255.255', '10.1.2.127', '198.19.7.9'])
    for (const port of [23, 2323]) assert.equal(judged(address, port), undefined);
  assert.equal(makeJudge(law).judge(frameTo(ip('198.18.1.1'), 23, law.source, 'windows'), NOW), undefined);
});

for (const [name, expected, address, port, changes] of [
  ['outside every target', /no target/, '198.17.255.255', 23, {}],
  ['the next address after a target', /no target/, '10.1.2.128', 23, {}],
  ['a port not named', /port that may not be swept/, '198.18.1.1', 24, {}],
  ['excluded', /excluded/, '198.18.9.255', 23, {}],
  ['an excluded address alone', /excluded/, '10.1.2.77', 23, {}],
  ['no consent of that ISP', /without a consent/, '198.19.7.1', 23, { consents: law.consents.slice(0, 1) }],
  [
    'a port without the act',
    /port that may not be swept/,
    '198.18.1.1',
    23,
    withMandate({ ports: [{ port: 23, protocol: 'telnet', acts: ['identify'] }] }),
  ],
  [
    'a port that is never touched, whoever named it',
    /port that may not be swept/,
    '198.18.1.1',
    502,
    withMandate({ ports: [{ port: 502, protocol: 'telnet', acts: ['sweep'] }] }),
  ],
  [
    'globally routed space',
    /may not be probed/,
    '8.8.8.8',
    23,
    withMandate({ targets: [{ isp: 'a', prefixes: ['8.8.8.0/24'] }] }),
  ],
  [
    'a source the mandate does not name',
    /source that the mandate/,
    '198.18.1.1',
    23,
    withMandate({ sources: { ...law.mandate.sources, addresses: ['192.0.2.4'] } }),
  ],
  ['another source than ours', /another source/, '198.18.1.1', 23, { source: ip('192.0.2.4') }],
  ['another source port', /another source/, '198.18.1.1', 23, { sourcePort: 61_001 }],
  ['another gateway', /gateway/, '198.18.1.1', 23, { gatewayMac: MAC }],
  ['another card', /hardware address/, '198.18.1.1', 23, { mac: GATEWAY }],
] as const)
  test(`wrong: ${name}`, () => {
    assert.match(judged(address, port, changes) ?? 'nothing', expected);
  });

test('instants: period, publication, hours and consents hold to their last moment, and a frame under way a second more', () => {
  const at = (instant: number, changes: Partial<AuditLaw> = {}) => judged('198.18.1.1', 23, changes, instant);
  assert.equal(at(NOW + DAY - 1), undefined);
  assert.equal(at(NOW + DAY + 900), undefined);
  assert.match(at(NOW + DAY + 1_001) ?? '', /period/);
  assert.match(at(NOW - DAY - 1) ?? '', /period/);
  const late = withMandate({ sources: { ...law.mandate.sources, publishedAt: isoOf(NOW - 7 * DAY + 1) } });
  assert.match(at(NOW, late) ?? '', /public/);
  assert.equal(at(NOW + 1, late), undefined);
  // NOW is noon in Japan.
  const night = withMandate({ hours: { from: '22:00', to: '06:00' } });
  assert.match(at(NOW, night) ?? '', /hours/);
  assert.equal(at(NOW + 10 * HOUR, night), undefined);
  assert.match(at(NOW + 10 * HOUR - 1, night) ?? '', /hours/);
  assert.equal(at(NOW + 18 * HOUR + 999, night), undefined);
  assert.match(at(NOW + 18 * HOUR + 1_000, night) ?? '', /hours/);
  const old = { consents: law.consents.map(c => ({ ...c, signedAt: isoOf(NOW - 40 * DAY) })) };
  assert.equal(at(NOW - 1, old), undefined);
  assert.match(at(NOW + 1_000, old) ?? '', /consent/);
});

test('an exclusion holds a second after it came, and not for what was filled before', () => {
  const judge = makeJudge(law);
  const frame = frameTo(ip('198.18.4.4'), 23);
  assert.equal(judge.judge(frame, NOW), undefined);
  judge.exclude([{ prefix: prefix('198.18.4.0/24'), since: NOW + 10 }]);
  assert.equal(judge.judge(frame, NOW + 9), undefined);
  assert.equal(judge.judge(frame, NOW + 1_010), undefined);
  assert.match(judge.judge(frame, NOW + 1_011) ?? '', /excluded/);
});

test('any other byte than the sender’s makes it wrong, wherever it lies', () => {
  const good = frameTo(ip('198.18.1.1'), 23);
  const judge = makeJudge(law);
  for (let at = 0; at < good.length; at++)
    for (const bit of [1, 0x80]) {
      const bent = Uint8Array.from(good);
      bent[at] = (bent[at] as number) ^ bit;
      assert.notEqual(judge.judge(bent, NOW), undefined, `byte ${at}`);
    }
  for (let length = 0; length < good.length; length++)
    assert.notEqual(judge.judge(good.subarray(0, length), NOW), undefined);
});

test('it says yes and no where the gate does, for any address and port', () => {
  const gate = compileGate(paper, { calendar: () => NOW, monotonic: () => 0 });
  assert.equal(gate.now(), undefined);
  const judge = makeJudge(law);
  const bases = ['198.18.0.0', '10.1.2.0', '198.19.7.0', '198.18.9.0', '0.0.0.0', '255.255.255.0'].map(ip);
  fc.assert(
    fc.property(
      fc.constantFrom(...bases),
      fc.oneof(fc.integer({ min: -300, max: 300 }), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
      fc.constantFrom(23, 2323, 502, 80, 1, 65_535),
      (base, offset, port) => {
        const address = (base + offset) >>> 0;
        assert.equal(
          judge.judge(frameTo(address, port), NOW) === undefined,
          gate.refusesFrame(address, port, 'sweep') === undefined,
          `${address} ${port}`,
        );
      },
    ),
    { numRuns: 5_000 },
  );
});

test('whatever bytes come, it judges and does not throw', () => {
  const judge = makeJudge(law);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 128 }), frame => {
      assert.notEqual(judge.judge(frame, NOW), undefined);
    }),
  );
});
