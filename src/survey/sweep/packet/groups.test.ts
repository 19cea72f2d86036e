import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Place } from '../../round/space.ts';
import { indexOfPair, makeGroups, pinnedAt } from './groups.ts';

const rate = (perSecond: number) => ({ perSecond, burst: 10 });

test('whoever would get more than the cap is pinned, nobody else, and the rest shares what is left', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 1, max: 1000 }),
      (weights, total, cap) => {
        const pinned = pinnedAt(weights, total, cap);
        const of = (i: number) => pinned[i] as boolean;
        const left = total - cap * pinned.filter(Boolean).length;
        const weight = weights.reduce((sum, w, i) => (of(i) ? sum : sum + w), 0);
        weights.forEach((w, i) => {
          if (of(i)) {
            // Heavier than all that are not pinned: taking it in again would give it more than the cap.
            assert.ok(((left + cap) * w) / (weight + w) > cap - 1e-9, `${w} is pinned for nothing`);
          } else assert.ok((left * w) / weight <= cap + 1e-9, `${w} gets more than the cap`);
        });
      },
    ),
  );
});

test('groups walk every pair of the round once, each answer finds its index, and ISPs are apart as planned', () => {
  const ranges = [
    { from: 1000, to: 1999, isp: 'big' },
    { from: 2000, to: 2099, isp: 'small' },
    { from: 3000, to: 3149, isp: 'other' },
    { from: 4000, to: 4999, isp: 'big' },
    { from: 5000, to: 7999, isp: 'huge' },
  ];
  const ports = [23, 8080];
  const key = new Uint8Array(32).fill(3);
  const groups = makeGroups(ranges, ports, key, { total: rate(1000), perIsp: rate(300) }, 100);
  assert.deepEqual(
    groups.list.map(g => [g.isps.map(r => groups.whole.isps[r]), g.pinned, g.rate]),
    [
      [['small', 'other'], false, 400],
      [['big'], true, 300],
      [['huge'], true, 300],
    ],
  );
  assert.equal(groups.seconds, 20);
  assert.equal(groups.plan.total, groups.whole.size);
  const seen = new Set<number>();
  const place: Place = { address: 0, port: 0, isp: 0, net: 0 };
  for (const group of groups.list)
    for (let i = 0; i < group.space.size; i++) {
      group.space.locate(group.permutation.at(i), place);
      const element = groups.whole.elementOf(place.address, place.port);
      seen.add(element);
      assert.ok(group.isps.includes(place.isp));
      assert.equal(indexOfPair(groups, element), group.first + i);
    }
  assert.equal(seen.size, groups.whole.size);
});

test('a cap that binds nobody leaves one group, in the order the key gives', () => {
  const ranges = [
    { from: 1000, to: 1999, isp: 'a' },
    { from: 2000, to: 2999, isp: 'b' },
  ];
  const groups = makeGroups(ranges, [23], new Uint8Array(32), { total: rate(1000), perIsp: rate(500) }, 100);
  assert.equal(groups.list.length, 1);
  assert.equal(groups.plan.firsts, undefined);
  const alone = makeGroups(ranges.slice(0, 1), [23], new Uint8Array(32), { total: rate(1000), perIsp: rate(5) }, 100);
  assert.deepEqual([alone.list.length, alone.list[0]?.rate, alone.list[0]?.pinned], [1, 5, false]);
});
