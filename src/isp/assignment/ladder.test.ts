import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeLadder } from './ladder.ts';

test('how many are not greater, of any number of numbers, repeated or not', () => {
  const number = fc.oneof(fc.nat(50), fc.nat(100_000), fc.constantFrom(0xffffffff, 0xfffffffe, 0));
  fc.assert(
    fc.property(
      fc.array(number, { maxLength: 700 }),
      fc.array(number, { minLength: 30, maxLength: 30 }),
      (all, asked) => {
        const sorted = Uint32Array.from(all).sort();
        const ladder = makeLadder(sorted);
        for (const wanted of [...asked, ...all.slice(0, 20)])
          assert.equal(ladder(wanted), all.filter(n => n <= wanted).length);
      },
    ),
  );
});
