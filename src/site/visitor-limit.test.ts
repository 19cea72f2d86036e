import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeVisitorLimit, networkOf } from './visitor-limit.ts';

test('in any window a visitor gets at most the burst and what the window refills', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 80 }),
      (burst, everyMs, gaps) => {
        let now = 0;
        const limit = makeVisitorLimit({ burst, everyMs, monotonic: () => now });
        const granted: number[] = [];
        for (const gap of gaps) {
          now += gap;
          const wait = limit.take('192.0.2.1');
          assert.ok(wait >= 0);
          if (wait === 0) granted.push(now);
        }
        granted.forEach((from, i) => {
          for (let j = i; j < granted.length; j++)
            assert.ok(j - i + 1 <= burst + Math.floor(((granted[j] as number) - from) / everyMs));
        });
      },
    ),
  );
});

test('waiting as long as it says is enough', () => {
  let now = 0;
  const limit = makeVisitorLimit({ burst: 2, everyMs: 100, monotonic: () => now });
  assert.deepEqual([limit.take('192.0.2.1'), limit.take('192.0.2.1')], [0, 0]);
  const wait = limit.take('192.0.2.1');
  assert.equal(wait, 100);
  now += wait - 1;
  assert.equal(limit.take('192.0.2.1'), 1);
  now += 1;
  assert.equal(limit.take('192.0.2.1'), 0);
});

test('memory is bounded, and who came last is remembered', () => {
  const limit = makeVisitorLimit({ burst: 1, everyMs: 1000, monotonic: () => 0, most: 100 });
  for (let i = 0; i < 1000; i++) limit.take(`10.0.${i >> 8}.${i & 255}`);
  assert.equal(limit.size, 100);
  assert.ok(limit.take('10.0.3.231') > 0);
});

test('an IPv6 visitor counts by /64, IPv4 in IPv6 clothes as IPv4', () => {
  assert.equal(networkOf('2001:db8:1:2:aaaa::1', 32, 64), networkOf('2001:db8:1:2:bbbb::2', 32, 64));
  assert.equal(networkOf('::ffff:192.0.2.9', 24, 48), '192.0.2.0/24');
  assert.equal(networkOf('rubbish', 24, 48), 'unknown');
});
