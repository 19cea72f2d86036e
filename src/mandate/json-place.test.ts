import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { placesOf } from './json-place.ts';

test('members, list items and absent members are found on their lines', () => {
  const text = '{\n  "a": [\n    1,\n    {"b\\u0022": "x\\"}]"}\n  ],\n\n  "c": {}\n}\n';
  const { lineOf, defect } = placesOf(text);
  assert.equal(defect, undefined);
  assert.deepEqual(
    [[], ['a'], ['a', 0], ['a', 1], ['a', 1, 'b"'], ['c'], ['c', 'absent', 'below'], ['absent']].map(p => lineOf(p)),
    [1, 2, 3, 4, 4, 7, 7, 1],
  );
});

test('a member written twice is a defect wherever it stands; the same name in two places is none', () => {
  assert.deepEqual(placesOf('{"a":{"b":1},"c":{"b":1}}').defect, undefined);
  assert.deepEqual(placesOf('{"a":[{"b":1,\n"b":1}]}').defect, { line: 2, what: '"a.0.b" is written twice' });
  assert.deepEqual(placesOf('{"a":1,"\\u0061":1}').defect?.what, '"a" is written twice');
  assert.equal(placesOf('['.repeat(5_000) + ']'.repeat(5_000)).defect?.what, 'is nested too deep');
});

test('any JSON in any layout is walked to its end: the last member is on the last line that has one', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.integer({ min: 0, max: 3 }), (value, indent) => {
      const text = JSON.stringify({ value, last: 1 }, null, indent);
      const lines = text.split('\n');
      assert.equal(placesOf(text).lineOf(['last']), indent === 0 ? 1 : lines.length - 1);
    }),
  );
});
