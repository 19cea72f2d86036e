/** Worked vectors, bijection, and what a wrong setting does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatIpv4, parseIpv4 } from '../../../../record/address.ts';
import { behind, type NatRule, outsideOf, planOf } from './plan.ts';
import { insideOf, natLeads, standing } from './proven.ts';
import { type NatRuleEntry, natRuleShape, natRulesShape } from './shape.ts';

const ip = (text: string) => parseIpv4(text) as number;

/** Inside base 10.0.0.1 and outside base 203.0.113.1, as both leave their boundary addresses out. */
const ENTRY: NatRuleEntry = {
  inside: '10.0.0.0/21',
  outside: '203.0.113.0/28',
  block: 256,
  insideBoundary: false,
  outsideBoundary: false,
  proofs: [
    { inside: '10.0.1.45', outside: '203.0.113.2', port: 13_312 },
    { inside: '10.0.0.1', outside: '203.0.113.1', port: 1_279 },
  ],
};
const rule = natRuleShape.parse(ENTRY);

test('offset 300 has 203.0.113.2, ports 13312-13567, and back', () => {
  const inside = ip('10.0.0.1') + 300;
  assert.deepEqual(outsideOf(rule, inside), { address: ip('203.0.113.2'), portFrom: 13_312, portTo: 13_567 });
  for (const port of [13_312, 13_400, 13_567])
    assert.deepEqual(insideOf(rule, ip('203.0.113.2'), port), { to: 'inside', address: inside });
  // (1 x 64512 + 13312 - 1024) / 256
  assert.equal((64_512 + 13_312 - 1_024) / 256, 300);
});

test('the other boundary setting names the neighbour, so a rule with it is refused or leads nowhere', () => {
  const wrong = { ...rule, insideBoundary: true };
  const there = behind(wrong, planOf(wrong), ip('203.0.113.2'), 13_312);
  assert.deepEqual(there, { to: 'inside', address: ip('10.0.0.1') + 299 });
  assert.equal(standing(wrong), 'contradicted');
  const led = insideOf(wrong, ip('203.0.113.2'), 13_312);
  assert.ok(led.to === 'none' && led.verdict === 'conflict_sources');
  const read = natRuleShape.safeParse({ ...ENTRY, insideBoundary: true });
  assert.ok(!read.success && read.error.issues[0]?.path[0] === 'proofs');
});

test('a rule with no proofs, one, the same twice, or none beyond the first address leads nowhere', () => {
  const proofs = ENTRY.proofs;
  for (const few of [[], proofs.slice(0, 1), [proofs[0], proofs[0]]]) {
    const read = natRuleShape.parse({ ...ENTRY, proofs: few });
    const led = insideOf(read, ip('203.0.113.2'), 13_312);
    assert.ok(led.to === 'none' && led.verdict === 'log_gap', JSON.stringify(led));
  }
  // Here both spreads would fit what was seen: 2046 inside, 14 outside, 147 blocks an address if even, 252 if full.
  const early = [
    { inside: '10.0.0.1', outside: '203.0.113.1', port: 1_024 },
    { inside: '10.0.0.147', outside: '203.0.113.1', port: 1_024 + 146 * 256 },
  ];
  assert.equal(standing(natRuleShape.parse({ ...ENTRY, proofs: early })), 'unproven');
});

test('what is never given away', () => {
  const verdict = (address: string, port: number) => {
    const led = insideOf(rule, ip(address), port);
    return led.to === 'none' ? led.verdict : led.to;
  };
  assert.equal(verdict('203.0.113.1', 1_023), 'shared_port_impossible');
  assert.equal(verdict('203.0.113.1', 23), 'shared_port_impossible');
  assert.equal(verdict('203.0.113.0', 2_000), 'none_unassigned');
  assert.equal(verdict('203.0.113.15', 2_000), 'none_unassigned');
  // 2046 inside addresses end in the middle of the ninth outside address.
  assert.equal(verdict('203.0.113.10', 2_000), 'none_unassigned');
  assert.equal(verdict('203.0.113.9', 1_024), 'inside');
  assert.equal(verdict('203.0.113.9', 65_535), 'none_unassigned');
});

test('a block the box divides by itself: 64512 / ceil(6 / 2) = 21504', () => {
  const read = natRuleShape.parse({ ...ENTRY, inside: '10.0.0.0/29', outside: '203.0.113.0/30', block: 0, proofs: [] });
  assert.equal(planOf(read).block, 21_504);
  assert.deepEqual(outsideOf(read, ip('10.0.0.4')), { address: ip('203.0.113.2'), portFrom: 1_024, portTo: 22_527 });
});

test('entries that make no sense are refused by field', () => {
  const field = (changed: Partial<NatRuleEntry>) => {
    const read = natRuleShape.safeParse({ ...ENTRY, proofs: [], ...changed });
    return read.success ? undefined : read.error.issues[0]?.path.join('.');
  };
  assert.equal(field({}), undefined);
  assert.equal(field({ inside: '10.0.0.1/21' }), 'inside');
  assert.equal(field({ inside: '2001:db8::/32' }), 'inside');
  assert.equal(field({ outside: '203.0.113.0/29' }), 'outside');
  assert.equal(field({ block: 1_000 }), 'block');
  assert.equal(field({ block: 65_536 }), 'block');
  assert.equal(field({ spread: 'even', block: 4_096 }), 'block');
  assert.equal(field({ portsFrom: 3_000, portsTo: 2_000 }), 'portsTo');
  assert.equal(field({ validFrom: '2026-11-02T00:00:00Z', validTo: '2026-11-01T00:00:00Z' }), 'validTo');
  assert.equal(field({ validFrom: '2026-11-02' }), 'validFrom');
  const { insideBoundary: _, ...silent } = ENTRY;
  assert.ok(!natRuleShape.safeParse(silent).success, 'the setting is never assumed');
});

test('rules change at an instant; two that lead apart name nobody', () => {
  const change = Date.parse('2026-11-10T03:00:00Z');
  const later = {
    ...ENTRY,
    inside: '10.0.8.0/21',
    proofs: [
      { inside: '10.0.9.45', outside: '203.0.113.2', port: 13_312 },
      { inside: '10.0.8.1', outside: '203.0.113.1', port: 1_279 },
    ],
  };
  const at = { validTo: new Date(change).toISOString() };
  const apart = natLeads(
    natRulesShape.parse([
      { ...ENTRY, ...at },
      { ...later, validFrom: at.validTo },
    ]),
  );
  const ask = (leads: typeof apart, moment: number) => leads.ask(ip('203.0.113.2'), 13_312, moment);
  assert.deepEqual(ask(apart, change - 1), { to: 'inside', address: ip('10.0.1.45') });
  assert.deepEqual(ask(apart, change), { to: 'inside', address: ip('10.0.9.45') });
  const both = ask(natLeads(natRulesShape.parse([ENTRY, later])), change);
  assert.ok(both.to === 'none' && both.verdict === 'ambiguous_overlap');
  const never = ask(natLeads(natRulesShape.parse([{ ...ENTRY, ...at }])), change);
  assert.ok(never.to === 'none' && never.verdict === 'log_gap');
});

const settings = fc.record({
  insideBoundary: fc.boolean(),
  outsideBoundary: fc.boolean(),
  spread: fc.constantFrom('full' as const, 'even' as const),
});
const plain = fc
  .record({
    settings,
    insideLength: fc.integer({ min: 20, max: 30 }),
    outsideLength: fc.integer({ min: 24, max: 32 }),
    block: fc.constantFrom(0, 64, 128, 256, 504, 1_008, 2_016),
  })
  .map(
    ({ settings, insideLength, outsideLength, block }): NatRule => ({
      ...settings,
      inside: { base: ip('10.0.0.0'), length: insideLength },
      outside: { base: ip('203.0.112.0'), length: outsideLength },
      block,
      portsFrom: 1_024,
      portsTo: 65_535,
      proofs: [],
    }),
  );

test('bijective: every inside address has a block of its own, and every port of it leads back', () => {
  fc.assert(
    fc.property(plain, fc.array(fc.nat(4_095), { minLength: 2, maxLength: 30 }), (by, offsets) => {
      const plan = planOf(by);
      const seen = new Map<string, number>();
      for (const offset of new Set(offsets)) {
        const inside = by.inside.base + offset;
        const block = outsideOf(by, inside);
        if (!block) continue;
        assert.ok(block.portFrom >= 1_024 && block.portTo <= 65_535);
        for (const port of [block.portFrom, block.portTo])
          assert.deepEqual(behind(by, plan, block.address, port), { to: 'inside', address: inside });
        const key = `${block.address}:${block.portFrom}`;
        assert.equal(seen.get(key), undefined);
        seen.set(key, inside);
      }
    }),
    { numRuns: 500 },
  );
});

test('back and forth: what (address, port) leads to has a block with that port in it', () => {
  fc.assert(
    fc.property(plain, fc.nat(300), fc.nat(65_535), (by, host, port) => {
      const address = by.outside.base + host;
      const plan = planOf(by);
      if (plan.block < 1) return;
      const led = behind(by, plan, address, port);
      if (led.to !== 'inside') return;
      const block = outsideOf(by, led.address);
      assert.ok(block && block.address === address && block.portFrom <= port && port <= block.portTo);
    }),
    { numRuns: 1_000 },
  );
});

test('proofs of the true settings never let a wrong one be believed', () => {
  let believed = 0;
  fc.assert(
    fc.property(
      plain,
      settings,
      fc.array(fc.nat(4_095), { minLength: 3, maxLength: 9 }),
      fc.nat(63),
      (truth, said, seen, step) => {
        const proofs = seen.flatMap(offset => {
          const inside = truth.inside.base + offset;
          const block = outsideOf(truth, inside);
          return block ? [{ inside, outside: block.address, port: block.portFrom + (step % planOf(truth).block) }] : [];
        });
        const told: NatRule = { ...truth, ...said, proofs };
        if (standing(told) !== 'proven') return;
        believed++;
        for (let offset = 0; offset < 4_096; offset += 7) {
          const inside = truth.inside.base + offset;
          const block = outsideOf(truth, inside);
          const led = block && insideOf(told, block.address, block.portFrom);
          if (led?.to === 'inside') assert.equal(formatIpv4(led.address), formatIpv4(inside));
        }
      },
    ),
    { numRuns: 2_000 },
  );
  assert.ok(believed > 50, `only ${believed}`);
});
