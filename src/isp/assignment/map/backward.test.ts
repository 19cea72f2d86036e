/** Both ways against each other and against counting everything out, for rules by chance. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatAddress, formatIpv4 } from '../../../record/address.ts';
import { delegatedPrefixOf } from './backward.ts';
import { addressOf, portsOf } from './forward.ts';
import { portsGiven } from './ports.ts';
import { type MapRule, type MapRuleEntry, mapRulesShape } from './rules.ts';

const NOW = 1_790_000_000_000;
const HOUR = 3_600_000;

/** Any rule that makes sense: EA bits with PSID, whole addresses, IPv4 prefixes, port sets that the rule names. */
const entry: fc.Arbitrary<MapRuleEntry> = fc
  .record({
    kind: fc.constantFrom('map-e' as const, 'map-t' as const),
    way: fc.constantFrom('psid', 'whole', 'prefix', 'named'),
    suffix: fc.integer({ min: 0, max: 24 }),
    k: fc.integer({ min: 1, max: 16 }),
    a: fc.nat(15),
    base4: fc.nat(0xffffffff),
    base6: fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
    spare: fc.nat(40),
    psid: fc.nat(0xffff),
  })
  .map(({ kind, way, suffix, k, a, base4, base6, spare, psid }) => {
    const length4 = way === 'prefix' ? Math.min(31, 32 - suffix) : 32 - suffix;
    const eaBits = way === 'psid' ? suffix + k : way === 'prefix' ? Math.floor((32 - length4) / 2) : suffix;
    const length6 = Math.max(0, 128 - eaBits - 48 - spare);
    const shared = way === 'psid' || way === 'named';
    return {
      kind,
      ipv4Prefix: `${formatIpv4(Number((BigInt(base4) >> BigInt(32 - length4)) << BigInt(32 - length4)))}/${length4}`,
      ipv6Prefix: `${formatAddress({ family: 6, value: (base6 >> BigInt(128 - length6)) << BigInt(128 - length6) })}/${length6}`,
      eaBits,
      ...(shared ? { psidOffset: Math.min(a, 16 - k) } : {}),
      ...(way === 'named' ? { psidLength: k, psid: psid % 2 ** k } : {}),
    };
  });

const ruleOf = (e: MapRuleEntry): MapRule => mapRulesShape.parse([e])[0] as MapRule;

test('(address, port) to prefix and back', () => {
  let found = 0;
  fc.assert(
    fc.property(entry, fc.nat(0xffffffff), fc.nat(0xffff), (e, host, port) => {
      const rule = ruleOf(e);
      const address = rule.ipv4Base + (host % 2 ** (32 - rule.ipv4Length));
      const to = delegatedPrefixOf([rule], address, port, NOW);
      const given = portsGiven(rule).some(r => r.from <= port && port <= r.to);
      assert.equal(to.to === 'prefix', given, JSON.stringify(e));
      if (to.to !== 'prefix') return;
      found++;
      assert.equal(to.length, rule.endUserLength);
      const at = addressOf(rule, to);
      assert.ok(at);
      assert.ok(at.address <= address && address < at.address + 2 ** (32 - at.length));
      const ranges = portsOf(rule, to) ?? [];
      assert.equal(ranges.filter(r => r.from <= port && port <= r.to).length, 1);
    }),
    { numRuns: 1_000 },
  );
  assert.ok(found > 300, `only ${found}`);
});

test('prefix to (address, port) and back', () => {
  fc.assert(
    fc.property(entry, fc.bigInt({ min: 0n, max: (1n << 48n) - 1n }), fc.nat(0xffff), (e, number, pick) => {
      const rule = ruleOf(e);
      const ea = number & ((1n << BigInt(rule.eaBits)) - 1n);
      const endUser = {
        prefix: rule.ipv6Base | (ea << BigInt(128 - rule.endUserLength)),
        length: rule.endUserLength,
      };
      const at = addressOf(rule, endUser);
      const ranges = portsOf(rule, endUser);
      assert.ok(at && ranges);
      const range = ranges[pick % ranges.length];
      assert.ok(range);
      for (const port of [range.from, range.to]) {
        const to = delegatedPrefixOf([rule], at.address, port, NOW);
        assert.deepEqual(to, { to: 'prefix', ...endUser });
      }
    }),
    { numRuns: 1_000 },
  );
});

test('the port sets of one address are disjoint and cover everything but A = 0', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), fc.nat(15), (k, offset) => {
      const a = Math.min(offset, 16 - k);
      const rule = ruleOf({
        kind: 'map-e',
        ipv4Prefix: '192.0.2.0/24',
        ipv6Prefix: '2001:db8::/32',
        eaBits: 8 + k,
        psidOffset: a,
      });
      const owner = new Int32Array(65_536).fill(-1);
      for (let psid = 0; psid < 2 ** k; psid++) {
        const ranges = portsOf(rule, {
          prefix: rule.ipv6Base | (BigInt(psid) << BigInt(128 - rule.endUserLength)),
          length: rule.endUserLength,
        });
        for (const { from, to } of ranges ?? [])
          for (let port = from; port <= to; port++) {
            assert.equal(owner[port], -1, `port ${port} twice`);
            owner[port] = psid;
          }
      }
      const first = a === 0 ? 0 : 2 ** (16 - a);
      for (let port = 0; port < 65_536; port++) {
        assert.equal(owner[port] === -1, port < first);
        const bits = port.toString(2).padStart(16, '0');
        if (port >= first) assert.equal(owner[port], Number.parseInt(bits.slice(a, a + k), 2));
      }
    }),
    { numRuns: 12 },
  );
});

/** Small rules of one block, whose every end-user prefix can be counted out; times and prefixes collide often. */
const small = fc.record({
  kind: fc.constant('map-e' as const),
  length4: fc.integer({ min: 28, max: 32 }),
  base4: fc.nat(31),
  length6: fc.constantFrom(50, 52),
  block6: fc.nat(7),
  k: fc.nat(3),
  a: fc.nat(3),
  from: fc.option(fc.nat(4), { nil: undefined }),
  hours: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
});

test('lists of rules against counting every end-user prefix out', () => {
  let named = 0;
  let refused = 0;
  const iso = (hours: number) => new Date(NOW + hours * HOUR).toISOString();
  fc.assert(
    fc.property(fc.array(small, { minLength: 1, maxLength: 4 }), fc.nat(0xffffffff), (picks, seed) => {
      const entries = picks.map(({ kind, length4, base4, length6, block6, k, a, from, hours }): MapRuleEntry => {
        const base = (base4 >> (32 - length4)) << (32 - length4);
        const eaBits = 32 - length4 + k;
        return {
          kind,
          ipv4Prefix: `10.0.0.${base}/${length4}`,
          ipv6Prefix: `2001:db8:0:${((block6 * 0x1000) & (length6 === 50 ? 0xc000 : 0xf000)).toString(16)}::/${length6}`,
          eaBits,
          ...(k > 0 ? { psidOffset: a } : {}),
          ...(from === undefined ? {} : { validFrom: iso(from) }),
          ...(hours === undefined ? {} : { validTo: iso((from ?? 0) + hours) }),
        };
      });
      const read = mapRulesShape.safeParse(entries);
      if (!read.success) {
        refused++;
        return;
      }
      const rules = read.data;
      for (let i = 0; i < 40; i++) {
        const draw = Math.imul(seed + i * 0x9e3779b9, 0x85ebca6b) >>> 0;
        const address = 0x0a000000 + (draw & 31);
        const port = (draw >>> 5) & 0xffff;
        const at = NOW + ((draw >>> 21) % 10) * (HOUR / 2);
        const valid = rules.filter(
          r => (r.validFrom ?? Number.NEGATIVE_INFINITY) <= at && at < (r.validTo ?? Number.POSITIVE_INFINITY),
        );
        const holders: string[] = [];
        for (const rule of valid)
          for (let ea = 0n; ea < 1n << BigInt(rule.eaBits); ea++) {
            const endUser = {
              prefix: rule.ipv6Base | (ea << BigInt(128 - rule.endUserLength)),
              length: rule.endUserLength,
            };
            // The box behind a prefix goes by the longest rule prefix around it, so it is not this rule's when another's is longer.
            const last = endUser.prefix + (1n << BigInt(128 - endUser.length)) - 1n;
            const meets = (r: MapRule) =>
              r.ipv6Base <= last && endUser.prefix < r.ipv6Base + (1n << BigInt(128 - r.ipv6Length));
            if (valid.some(r => r.ipv6Length > rule.ipv6Length && meets(r))) continue;
            const own = addressOf(rule, endUser);
            if (own?.address !== address) continue;
            if (portsOf(rule, endUser)?.some(r => r.from <= port && port <= r.to))
              holders.push(`${endUser.prefix}/${endUser.length}`);
          }
        const to = delegatedPrefixOf(rules, address, port, at);
        assert.ok(holders.length <= 1, 'rules that were accepted never give one port to two');
        assert.equal(to.to === 'prefix' ? `${to.prefix}/${to.length}` : undefined, holders[0], JSON.stringify(entries));
        if (to.to === 'prefix') named++;
        else if (to.to === 'none') {
          const covered = valid.some(r => r.ipv4Base <= address && address < r.ipv4Base + 2 ** (32 - r.ipv4Length));
          assert.equal(to.verdict === 'log_gap', !covered);
        }
      }
    }),
    { numRuns: 600 },
  );
  assert.ok(named > 1_000 && refused > 40, JSON.stringify({ named, refused }));
});

test('two rules that lead apart at one instant name nobody, though such a list is never read', () => {
  const base: MapRuleEntry = {
    kind: 'map-e',
    ipv4Prefix: '192.0.2.0/24',
    ipv6Prefix: '2001:db8::/40',
    eaBits: 16,
    psidOffset: 6,
  };
  const a = ruleOf(base);
  const b = ruleOf({ ...base, ipv6Prefix: '2001:db8:1000::/40' });
  const asked = (rules: readonly MapRule[]) => {
    const to = delegatedPrefixOf(rules, 0xc0000212, 1232, NOW);
    return to.to === 'none' ? to.verdict : to.to;
  };
  assert.equal(asked([a, b]), 'ambiguous_overlap');
  assert.equal(asked([a, ruleOf(base)]), 'prefix', 'the same rule twice leads to one place');
  assert.equal(asked([]), 'log_gap');
});

test('of rules around an address the one with the longest IPv4 prefix counts, wherever it stands in the list', () => {
  const wide = ruleOf({
    kind: 'map-e',
    ipv4Prefix: '192.0.2.0/24',
    ipv6Prefix: '2001:db8::/40',
    eaBits: 16,
    psidOffset: 6,
  });
  const one = ruleOf({ kind: 'map-e', ipv4Prefix: '192.0.2.18/32', ipv6Prefix: '2001:db8:ff00::/56', eaBits: 0 });
  const asked = (rules: readonly MapRule[], address: number) => {
    const to = delegatedPrefixOf(rules, address, 1232, NOW);
    return to.to === 'prefix' ? formatAddress({ family: 6, value: to.prefix }) : to.to;
  };
  for (const rules of [
    [wide, one],
    [one, wide],
  ]) {
    assert.equal(asked(rules, 0xc0000212), '2001:db8:ff00::');
    assert.equal(asked(rules, 0xc0000213), '2001:db8:13:3400::');
  }
});

test('the instant of the finding decides which rule counts', () => {
  const rules = mapRulesShape.parse([
    {
      kind: 'map-e',
      ipv4Prefix: '192.0.2.0/24',
      ipv6Prefix: '2001:db8::/40',
      eaBits: 16,
      psidOffset: 6,
      validTo: '2026-11-10T03:00:00Z',
    },
    {
      kind: 'map-e',
      ipv4Prefix: '192.0.2.0/24',
      ipv6Prefix: '2001:db8::/40',
      eaBits: 14,
      psidOffset: 4,
      validFrom: '2026-11-10T03:00:00Z',
    },
  ]);
  const at = (text: string) => delegatedPrefixOf(rules, 0xc0000212, 0x1234, Date.parse(text));
  const before = at('2026-11-10T02:59:59.999Z');
  const after = at('2026-11-10T03:00:00Z');
  assert.ok(before.to === 'prefix' && after.to === 'prefix');
  assert.deepEqual([before.length, after.length], [56, 54]);
  assert.notEqual(before.prefix, after.prefix);
  assert.equal(delegatedPrefixOf(rules, 0xc0000212, 0x0800, Date.parse('2026-11-10T02:00:00Z')).to, 'prefix');
  const lower = delegatedPrefixOf(rules, 0xc0000212, 0x0800, Date.parse('2026-11-10T04:00:00Z'));
  assert.equal(lower.to === 'none' && lower.verdict, 'shared_port_impossible', 'offset 4 leaves out more ports than 6');
});
