/** Whole coverage, index by index: every size to 4,096, and the shards of a round of national size. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePermutation } from './permutation.ts';
import { shardBounds, shardCount } from './shards.ts';

test('every size from 1 to 4,096 is met whole and once, and each element finds its index', () => {
  const met = new Uint16Array(4_096);
  for (let size = 1; size <= 4_096; size++) {
    const { at, indexOf } = makePermutation(new Uint8Array(32).fill(size & 255), size);
    for (let index = 0; index < size; index++) {
      const element = at(index);
      // Met in this size, or outside.
      if (met[element] !== size - 1 || indexOf(element) !== index) assert.fail(`${element} at ${index} of ${size}`);
      met[element] = size;
    }
    met[size] = size;
  }
});

test('the shards of 200 million pairs are disjoint, and together meet each pair once', () => {
  const plan = { total: 200_000_000, shardSize: 1 << 20 };
  const { walk } = makePermutation(new Uint8Array(32).fill(3), plan.total);
  const met = new Uint32Array(Math.ceil(plan.total / 32));
  let twice = 0;
  let next = 0;
  const shards = shardCount(plan);
  assert.equal(shards, 191);
  for (let shard = 0; shard < shards; shard++) {
    const { from, to } = shardBounds(plan, shard);
    assert.equal(from, next);
    next = to;
    for (let index = from; index < to; index++) {
      const element = walk(index);
      const word = met[element >>> 5] as number;
      const bit = 1 << (element & 31);
      if ((word & bit) !== 0) twice++;
      met[element >>> 5] = word | bit;
    }
  }
  assert.equal(next, plan.total);
  assert.equal(twice, 0);
  // So many different ones, none twice: all of them, if none lies outside.
  assert.ok(met.every(word => word === 0xffffffff));
});
