import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeAnswered } from './answered.ts';

test('it is a set: true the first time, and every holder of the memory sees it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), fc.array(fc.nat(4_999)), (size, raw) => {
      const elements = raw.map(element => element % size);
      const ours = makeAnswered(size);
      const theirs = makeAnswered(size, ours.memory);
      const oracle = new Set<number>();
      for (const element of elements) {
        assert.equal(ours.mark(element), !oracle.has(element));
        oracle.add(element);
      }
      for (let element = 0; element < size; element++) assert.equal(theirs.has(element), oracle.has(element));
      assert.equal(theirs.count(), oracle.size);
    }),
  );
});

test('the last element that a space can have is held like any other', () => {
  const all = makeAnswered(2 ** 32);
  for (const element of [0, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
    assert.equal(all.has(element), false);
    assert.equal(all.mark(element), true);
    assert.equal(all.mark(element), false);
    assert.equal(all.has(element), true);
  }
});

test('memory of another size is refused', () => {
  assert.throws(() => makeAnswered(64, new SharedArrayBuffer(4)), RangeError);
});
