import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { groupOf, type ShardPlan, shardBounds, shardCount, shardOf } from './shards.ts';

const plans = fc
  .tuple(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 600 }))
  .map(([sizes, shardSize]): ShardPlan => {
    let total = 0;
    const firsts = sizes.map(size => {
      total += size;
      return total - size;
    });
    return { total, shardSize, ...(sizes.length > 1 ? { firsts } : {}) };
  });

test('the shards are the whole, one after another, none in two groups, and each index knows its own', () => {
  fc.assert(
    fc.property(plans, plan => {
      let next = 0;
      for (let shard = 0; shard < shardCount(plan); shard++) {
        const { from, to } = shardBounds(plan, shard);
        assert.equal(from, next);
        assert.ok(to > from && to - from <= plan.shardSize);
        for (const index of [from, to - 1, (from + to) >>> 1]) {
          assert.equal(shardOf(plan, index), shard);
          assert.equal(groupOf(plan, index), groupOf(plan, from));
          assert.ok(((plan.firsts ?? [0])[groupOf(plan, index)] as number) <= index);
        }
        next = to;
      }
      assert.equal(next, plan.total);
    }),
  );
});
