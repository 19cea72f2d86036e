import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { makePermutation } from './permutation.ts';

const keyOf = (text: string): Uint8Array => createHash('sha256').update(text).digest();

function assertBijective(key: Uint8Array, size: number): void {
  const permutation = makePermutation(key, size);
  const seen = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    const x = permutation.at(i);
    assert.ok(Number.isInteger(x) && x >= 0 && x < size, `at(${i}) = ${x} of ${size}`);
    assert.equal(seen[x], 0, `${x} of ${size} met twice`);
    seen[x] = 1;
    if (permutation.indexOf(x) !== i) assert.fail(`indexOf(${x}) = ${permutation.indexOf(x)}, not ${i} of ${size}`);
  }
}

test('every size from 1 to 512 is met whole and once, under two keys', () => {
  for (let size = 1; size <= 512; size++) for (const key of ['a', 'b']) assertBijective(keyOf(key), size);
});

test('sizes to 4096 around powers of two and at random are met whole and once', () => {
  for (const size of [1023, 1024, 1025, 2047, 2048, 2049, 4095, 4096]) assertBijective(keyOf('edge'), size);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.integer({ min: 1, max: 4096 }), (key, size) => {
      assertBijective(key, size);
    }),
    { numRuns: 60 },
  );
});

test('a million indices are met whole and once', () => assertBijective(keyOf('million'), 1_000_003));

test('up to 2^32, different indices go to different elements, all inside', () => {
  const size = fc.oneof(
    fc.constantFrom(2 ** 32, 2 ** 32 - 1, 2 ** 31 + 1, 2 ** 31),
    fc.integer({ min: 4097, max: 2 ** 32 }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), size, fc.nat(), (key, n, start) => {
      const permutation = makePermutation(key, n);
      const seen = new Set<number>();
      const step = Math.max(1, Math.floor(n / 3000));
      for (const i of [0, 1, n - 1, start % n, (start * 48_271) % n]) {
        assert.equal(permutation.indexOf(permutation.at(i)), i);
        assert.equal(permutation.at(permutation.indexOf(i)), i);
      }
      for (let i = 0; i < 3000; i++) seen.add(permutation.at((start + i * step) % n));
      assert.ok([...seen].every(x => x >= 0 && x < n));
      const asked = new Set(Array.from({ length: 3000 }, (_, i) => (start + i * step) % n));
      assert.equal(seen.size, asked.size);
    }),
    { numRuns: 50 },
  );
});

test('the key decides the order, and so does the size; the same asks give the same order', () => {
  const order = (key: string, size: number) =>
    Array.from({ length: 64 }, (_, i) => makePermutation(keyOf(key), size).at(i));
  assert.deepEqual(order('a', 1000), order('a', 1000));
  assert.notDeepEqual(order('a', 1000), order('b', 1000));
  assert.notDeepEqual(order('a', 1000), order('a', 1001));
});

test('neighbouring indices do not stay neighbours: no /24 of a /16 gets a burst', () => {
  const permutation = makePermutation(keyOf('spread'), 65536);
  const perNet = new Uint32Array(256);
  for (let i = 0; i < 8192; i++) perNet[permutation.at(i) >>> 8]!++;
  // 32 are expected; a Poisson count goes over 70 once in 10^9.
  assert.ok(Math.max(...perNet) <= 70 && Math.min(...perNet) >= 6, `${Math.min(...perNet)} to ${Math.max(...perNet)}`);
});

test('an index outside, a size outside, or a short key is refused', () => {
  const permutation = makePermutation(keyOf('a'), 10);
  for (const index of [-1, 10, Number.NaN]) {
    assert.throws(() => permutation.at(index), RangeError);
    assert.throws(() => permutation.indexOf(index), RangeError);
  }
  for (const size of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN])
    assert.throws(() => makePermutation(keyOf('a'), size), RangeError);
  assert.throws(() => makePermutation(new Uint8Array(16), 10), RangeError);
});
