import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chanceFrom } from './probe-chance.ts';

test('no byte is given twice, and a large request goes to the source', () => {
  const asked: number[] = [];
  let next = 0;
  const chance = chanceFrom(length => {
    asked.push(length);
    return Uint8Array.from({ length }, () => next++ & 255);
  });
  const first = chance(8);
  const second = chance(5);
  assert.deepEqual([...first, ...second], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  first.fill(0);
  assert.deepEqual([...second], [8, 9, 10, 11, 12], 'they share no memory');
  for (let n = 0; n < 1_000; n++) assert.equal(chance(8).length, 8);
  assert.equal(chance(1_000).length, 1_000);
  assert.deepEqual(asked, [4_096, 4_096, 1_000]);
});
