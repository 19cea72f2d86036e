import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeInstants } from './instants.ts';
import { makeWaiting } from './waiting.ts';

test('the first instant is the earliest, whatever is set, moved and taken away', () => {
  const act = fc.record({ who: fc.nat(9), due: fc.option(fc.nat(50)) });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 150 }), acts => {
      const instants = makeInstants(10, 10);
      const known = new Map<number, number>();
      for (const { who, due } of acts) {
        if (due === null) {
          instants.remove(who);
          known.delete(who);
        } else {
          instants.set(who, due);
          known.set(who, due);
        }
        assert.equal(instants.first(), Math.min(...known.values()));
        if (known.size > 0) assert.equal(known.get(instants.firstWho()), instants.first());
        for (let i = 0; i < 10; i++) assert.equal(instants.of(i), known.get(i) ?? Number.NEGATIVE_INFINITY);
      }
    }),
  );
});

const NETS = 6;
const ISPS = 2;

test('whatever waits comes back once, in the order of its /24, and not before its /24 or ISP is due', () => {
  const act = fc.oneof(
    fc.record({ net: fc.nat(NETS - 1), wait: fc.integer({ min: 0, max: 30 }), line: fc.boolean() }),
    fc.record({ advance: fc.integer({ min: 0, max: 20 }) }),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), fc.integer({ min: 1, max: 20 }), (acts, capacity) => {
      let now = 0;
      // A /24 and an ISP are due again three ticks after they gave something.
      const waiting = makeWaiting(
        NETS,
        ISPS,
        capacity,
        () => now + 3,
        () => now + 3,
      );
      const queues = Array.from({ length: NETS }, (): number[] => []);
      const earliest: number[] = [];
      const random = (item: number): number => (Math.imul(item + 1, 0x9e3779b1) >>> 8) % ISPS;
      let item = 0;
      const take = (): boolean => {
        const got = waiting.pop(now);
        if (got < 0) return false;
        const queue = queues.find(q => q[0] === got);
        assert.ok(queue, `${got} is at the head of its queue`);
        queue.shift();
        assert.ok((earliest[got] as number) <= now, 'not before its time');
        return true;
      };
      for (const a of acts) {
        if ('net' in a) {
          const fits = waiting.length < capacity;
          const queue = queues[a.net] as number[];
          const kept = a.line
            ? waiting.line(random(item), a.net, item, now + a.wait)
            : waiting.push(a.net, item, now + a.wait);
          assert.equal(kept, fits);
          if (fits) {
            // Alone in its queue an item decides when; behind others, or in line at an ISP, the queue does.
            if (a.line) for (const other of queue) earliest[other] = now;
            earliest[item] = queue.length === 0 && !a.line ? now + a.wait : now;
            queue.push(item);
          }
          item++;
        } else {
          now += a.advance;
          while (take());
          assert.ok(waiting.nextDue() > now);
        }
        assert.equal(waiting.length, queues.flat().length);
        assert.equal(waiting.full, waiting.length === capacity);
        assert.equal(waiting.nextDue() === Number.POSITIVE_INFINITY, waiting.length === 0);
      }
      for (let rounds = 0; waiting.length > 0; rounds++) {
        assert.ok(rounds < 100, 'everybody comes back');
        now += 40;
        while (take());
      }
    }),
    { numRuns: 300 },
  );
});

test('a token moves a few waiters, not all of them', () => {
  let asked = 0;
  let ispFree = 0;
  const netDue = (): number => 0;
  const waiting = makeWaiting(1000, 1, 4096, netDue, () => ispFree);
  for (let i = 0; i < 4096; i++) waiting.push(i % 1000, i, 0);
  // Every /24 is ready, the one ISP gives a token a tick: a hundred ticks move everybody once, and then one each.
  for (let now = 0; now < 100; now++) {
    ispFree = now;
    for (let sent = false; ; ) {
      const item = waiting.pop(now);
      if (item < 0) break;
      asked++;
      if (sent || ispFree > now) waiting.line(0, item % 1000, item, now + 1);
      else {
        sent = true;
        ispFree = now + 1;
      }
    }
  }
  assert.equal(waiting.length, 4096 - 100);
  assert.ok(asked < 1500, `${asked} tries for 100 tokens`);
});
