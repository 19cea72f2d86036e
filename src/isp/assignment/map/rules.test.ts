import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MapRuleEntry, mapRulesShape } from './rules.ts';

const GOOD: MapRuleEntry = {
  kind: 'map-e',
  ipv4Prefix: '192.0.2.0/24',
  ipv6Prefix: '2001:db8::/40',
  eaBits: 16,
  psidOffset: 6,
};
const ONE: MapRuleEntry = { ...GOOD, ipv4Prefix: '192.0.2.18/32', ipv6Prefix: '2001:db8:12:3400::/56', eaBits: 0 };

/** The first complaint, as path and words; undefined when the list is accepted. */
function complaint(entries: unknown): string | undefined {
  const [issue] = mapRulesShape.safeParse(entries).error?.issues ?? [];
  return issue && `${issue.path.join('.')} ${issue.message}`;
}

test('what follows from the lengths', () => {
  const [rule] = mapRulesShape.parse([{ ...GOOD, validFrom: '2026-11-01T00:00:00Z' }]);
  assert.ok(rule);
  assert.deepEqual([rule.suffixBits, rule.psidLength, rule.psidOffset, rule.endUserLength], [8, 8, 6, 56]);
  assert.equal(rule.psid, undefined);
  assert.equal(rule.validFrom, Date.UTC(2026, 10, 1));
  const [whole] = mapRulesShape.parse([ONE]);
  assert.deepEqual([whole?.psidLength, whole?.psidOffset, whole?.endUserLength], [0, 0, 56]);
});

test('every field that is wrong is named', () => {
  const wrong: [Partial<Record<keyof MapRuleEntry, unknown>>, RegExp][] = [
    [{ kind: 'lw4o6' }, /^0\.kind must be map-e or map-t/],
    [{ ipv4Prefix: '192.0.2.1/24' }, /^0\.ipv4Prefix must be an IPv4 prefix/],
    [{ ipv4Prefix: '2001:db8::/40' }, /^0\.ipv4Prefix /],
    [{ ipv6Prefix: '2001:db8::/20' }, /^0\.ipv6Prefix must be an IPv6 prefix/],
    [{ ipv6Prefix: '192.0.2.0/24' }, /^0\.ipv6Prefix /],
    [{ eaBits: 49 }, /^0\.eaBits must be 48 or less/],
    [{ eaBits: 1.5 }, /^0\.eaBits must be a whole number/],
    [{ eaBits: 25 }, /^0\.eaBits leave 17 bits for the PSID/],
    [{ ipv6Prefix: '2001:db8::/120' }, /^0\.eaBits do not fit behind a prefix of 120 bits/],
    [{ psidOffset: 16 }, /^0\.psidOffset must be 15 or less/],
    [{ psidOffset: undefined }, /^0\.psidOffset is missing/],
    [{ psidOffset: 9 }, /^0\.psidOffset leaves no 8 bits/],
    [{ psidLength: 6 }, /^0\.psidLength must be 8/],
    [{ psid: 3 }, /^0\.psid is in the EA bits already/],
    [{ eaBits: 4, psidLength: 2 }, /^0\.psidLength must be 0/],
    [{ eaBits: 8, psid: 1 }, /^0\.psid says nothing without psidLength/],
    [{ eaBits: 8, psidLength: 4 }, /^0\.psid is missing/],
    [{ eaBits: 8, psidLength: 4, psid: 16 }, /^0\.psid does not fit in 4 bits/],
    [{ validFrom: '2026-11-01' }, /^0\.validFrom must be an instant with its zone/],
    [{ validFrom: '2026-11-02T00:00:00Z', validTo: '2026-11-02T00:00:00Z' }, /^0\.validTo must be later/],
    [{ psidOfset: 4 } as object, /psidOfset/],
  ];
  for (const [change, words] of wrong) assert.match(complaint([{ ...GOOD, ...change }]) ?? 'accepted', words);
  assert.match(complaint([]) ?? '', /is empty/);
  assert.match(complaint('rules') ?? '', /array/);
  assert.match(complaint([GOOD, { ...ONE, psidLength: 99 }]) ?? '', /^1\.psidLength /);
  assert.equal(complaint([GOOD]), undefined);
});

test('rules that contradict each other at one time are refused, and only those', () => {
  const elsewhere = { ...GOOD, ipv6Prefix: '2001:db8:1000::/40' };
  const shared = (psid: number, ipv6Prefix: string, more: Partial<MapRuleEntry> = {}): MapRuleEntry => ({
    ...ONE,
    ipv6Prefix,
    psidLength: 8,
    psid,
    ...more,
  });
  assert.match(complaint([GOOD, elsewhere]) ?? '', /^1\.ipv4Prefix .* rule 1 of this list/);
  assert.match(complaint([elsewhere, ONE]) ?? '', /^1\.ipv4Prefix /, 'a whole address inside a shared prefix');
  assert.match(complaint([ONE, elsewhere]) ?? '', /^1\.ipv4Prefix /, 'the narrow one first');
  assert.match(complaint([GOOD, { ...GOOD, ipv4Prefix: '198.51.100.0/24' }]) ?? '', /^1\.ipv6Prefix is that of rule 1/);
  const [a, b] = ['2001:db8:1::/56', '2001:db8:2::/56'];
  assert.equal(complaint([shared(0x34, a), shared(0x35, b)]), undefined, 'one address, two port sets');
  assert.match(complaint([shared(0x34, a), shared(0x34, b)]) ?? '', /^1\.ipv4Prefix /);
  // With offset 4 the PSID 3 of four bits has ports 0x1300-0x13ff, ...; with offset 6 PSID 0xc0 of eight bits has 0x1300-0x1303.
  assert.match(
    complaint([shared(3, a, { psidLength: 4, psidOffset: 4 }), shared(0xc0, b)]) ?? '',
    /^1\.ipv4Prefix /,
    'the same port by two splits',
  );
  const until = { ...GOOD, validTo: '2026-11-10T03:00:00Z' };
  const after = { ...elsewhere, validFrom: '2026-11-10T03:00:00Z' };
  assert.equal(complaint([until, after]), undefined, 'one follows the other');
  assert.equal(complaint([after, until]), undefined);
  assert.match(complaint([until, { ...after, validFrom: '2026-11-10T02:59:59Z' }]) ?? '', /^1\.ipv4Prefix /);
  const wide = { ...GOOD, ipv4Prefix: '198.51.100.0/24', ipv6Prefix: '2001:db8::/39' };
  assert.equal(complaint([wide, GOOD]), undefined, 'a narrower IPv6 prefix is no contradiction: the longest counts');
});
