import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { digestSet, numberSet, placeOf } from './probe-sets.ts';

test('a set of numbers is a set, whatever is added and however often', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), { maxLength: 6_000 }), values => {
      const ours = numberSet();
      const theirs = new Set<number>();
      for (const value of [...values, ...values.slice(0, 50)]) {
        assert.equal(ours.add(value), !theirs.has(value));
        theirs.add(value);
      }
      assert.equal(ours.size, theirs.size);
    }),
    { numRuns: 30 },
  );
});

test('neighbours in one /8 do not crowd: a hundred thousand services are added in a moment', () => {
  const ours = numberSet();
  for (let n = 0; n < 100_000; n++) assert.ok(ours.add(placeOf(0x7f000000 + n, 23, 0)));
  for (let n = 0; n < 100_000; n += 997) assert.ok(!ours.add(placeOf(0x7f000000 + n, 23, 0)));
  assert.equal(ours.size, 100_000);
});

test('no two services share a place', () => {
  const service = fc.tuple(
    fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    fc.integer({ min: 1, max: 65_535 }),
    fc.integer({ min: 0, max: 7 }),
  );
  fc.assert(
    fc.property(service, service, (a, b) => {
      assert.equal(
        placeOf(...a) === placeOf(...b),
        a.every((part, i) => part === b[i]),
      );
      assert.ok(Number.isSafeInteger(placeOf(...a)));
    }),
  );
});

test('a set of digests finds all it was given and nothing else, through every growth', () => {
  const digest = (n: number): Buffer => createHash('sha256').update(`${n}`).digest().subarray(0, 16);
  for (const expected of [0, 20_000]) {
    const ours = digestSet(expected);
    for (let n = 0; n < 20_000; n++) ours.add(digest(n));
    ours.add(digest(7));
    assert.equal(ours.size, 20_000);
    for (let n = 0; n < 20_000; n += 7) assert.ok(ours.has(digest(n)));
    for (let n = 20_000; n < 21_000; n++) assert.ok(!ours.has(digest(n)));
  }
});
