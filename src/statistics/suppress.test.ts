import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cell, LEAST, suppressParts } from './suppress.ts';

test('a cell under ten is never published, ten is', () => {
  assert.equal(cell(9), null);
  assert.equal(cell(0), null);
  assert.equal(cell(10), 10);
});

test('a single small part takes the next smallest with it', () => {
  assert.deepEqual(suppressParts([200, 3, 40]), [200, null, null]);
  assert.deepEqual(suppressParts([200, 30, 40]), [200, 30, 40]);
});

test('two parts whose sum is small do not stay alone', () => {
  assert.deepEqual(suppressParts([2, 3, 50, 60]), [null, null, null, 60]);
});

test('from published parts and their total nobody computes a hidden cell under ten', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }), parts => {
      const cells = suppressParts(parts);
      const total = parts.reduce((a, b) => a + b, 0);
      const hidden = parts.flatMap((count, at) => (cells[at] === null ? [count] : []));
      const difference = total - cells.reduce<number>((a, b) => a + (b ?? 0), 0);
      for (const [at, count] of parts.entries()) if (count < LEAST) assert.equal(cells[at], null);
      if (hidden.length === 0) return;
      // What subtraction gives is the sum of the hidden parts: it names one only when there is one.
      assert.equal(
        difference,
        hidden.reduce((a, b) => a + b, 0),
      );
      if (total >= LEAST && parts.length > 1)
        assert.ok(hidden.length >= 2 && difference >= LEAST, JSON.stringify({ parts, cells }));
    }),
  );
});
