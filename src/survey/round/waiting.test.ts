import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeWaiting } from './waiting.ts';

test('nothing is lost or doubled, each queue is first-in first-out, and nobody leaves before it is due', () => {
  const act = fc.oneof(
    fc.record({ bucket: fc.nat(5), wait: fc.integer({ min: 0, max: 30 }) }),
    fc.record({ advance: fc.integer({ min: 0, max: 20 }) }),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), fc.integer({ min: 1, max: 20 }), (acts, capacity) => {
      const waiting = makeWaiting(6, capacity);
      const queues = Array.from({ length: 6 }, (): number[] => []);
      const earliest = new Map<number, number>();
      let now = 0;
      let item = 0;
      for (const a of acts) {
        if ('bucket' in a) {
          const fits = queues.flat().length < capacity;
          assert.equal(waiting.full, !fits);
          assert.equal(waiting.push(a.bucket, item, now + a.wait), fits);
          if (fits) {
            queues[a.bucket]!.push(item);
            earliest.set(
              a.bucket,
              Math.max(queues[a.bucket]!.length > 1 ? (earliest.get(a.bucket) ?? 0) : 0, now + a.wait),
            );
          }
          item++;
        } else {
          now += a.advance;
          for (;;) {
            const got = waiting.pop(now, bucket => {
              earliest.set(bucket, now + 3);
              return now + 3;
            });
            if (got < 0) break;
            const bucket = queues.findIndex(queue => queue[0] === got);
            assert.ok(bucket >= 0, `${got} is at the head of its queue`);
            queues[bucket]!.shift();
          }
          queues.forEach((queue, bucket) => {
            if (queue.length > 0) assert.ok((earliest.get(bucket) as number) > now, 'whoever is due has left');
          });
        }
        assert.equal(waiting.length, queues.flat().length);
        const soonest = Math.min(
          ...queues.flatMap((queue, bucket) => (queue.length > 0 ? [earliest.get(bucket) as number] : [])),
        );
        assert.equal(waiting.nextDue(), soonest);
      }
    }),
    { numRuns: 300 },
  );
});
