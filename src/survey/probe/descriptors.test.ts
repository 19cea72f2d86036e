import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { conversationsThatFit, openFileLimit } from './descriptors.ts';

const limits = (soft: string) =>
  `Limit                     Soft Limit           Hard Limit           Units\nMax processes             10                   10                   processes\nMax open files            ${soft}                1048576              files\n`;

test('the soft limit is read, also where there is none', () => {
  assert.equal(openFileLimit(limits('1024')), 1024);
  assert.equal(openFileLimit(limits('unlimited')), Number.POSITIVE_INFINITY);
  assert.equal(openFileLimit(''), undefined);
  assert.ok((openFileLimit() ?? 0) > 0, 'of this process');
});

test('never more than the limit leaves, never less than one, and the remedy is enough', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20_000 }),
      fc.integer({ min: 0, max: 20_000 }),
      fc.nat(500),
      (n, limit, used) => {
        const { concurrency, why } = conversationsThatFit(n, limit, used);
        assert.ok(concurrency >= 1 && concurrency <= n);
        assert.ok(concurrency === 1 || concurrency + used < limit);
        assert.equal(why === undefined, concurrency === n);
        const enough = Number(/ulimit -n (\d+)/.exec(why ?? '')?.[1] ?? limit);
        if (why) assert.equal(conversationsThatFit(n, enough, used).concurrency, n);
      },
    ),
  );
  assert.deepEqual(conversationsThatFit(500, Number.POSITIVE_INFINITY), { concurrency: 500 });
});
