/** The small parts of a sweep: slots, limits of descriptors, the heartbeat, the doctor. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';
import { concurrencyFor, openFilesLimit } from './concurrency.ts';
import { doctorSweep } from './doctor.ts';
import { makeFlight } from './flight.ts';
import { DEAD_AFTER, makeLink } from './link.ts';
import { CONTROL, type Report } from './messages.ts';
import { makeRetries } from './retries.ts';

test('slots: who departed first expires first, busy is exactly who flies, no slot is given twice', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.array(fc.nat(20), { maxLength: 200 }), (slots, acts) => {
      const flight = makeFlight(slots);
      const flying: { slot: number; address: number }[] = [];
      acts.forEach((act, now) => {
        if (act < 10 && flying.length < slots) {
          const slot = flight.free;
          assert.ok(!flying.some(f => f.slot === slot));
          flight.depart(now, 1000 + now, now);
          flying.push({ slot, address: 1000 + now });
        } else if (flying.length > 0) {
          const [gone] = flying.splice(act % flying.length, 1) as [{ slot: number; address: number }];
          assert.equal(flight.addressOf(gone.slot), gone.address);
          assert.equal(flight.indexOf(gone.slot), gone.address - 1000);
          flight.land(gone.slot);
          assert.equal(flight.busy(gone.address), false);
        }
        assert.equal(flight.count, flying.length);
        assert.equal(flight.full, flying.length === slots);
        assert.equal(flight.oldest, flying[0]?.slot ?? -1);
        for (const f of flying) assert.ok(flight.busy(f.address));
      });
    }),
  );
});

test('as many connects at once as descriptors allow, and never none', () => {
  const text =
    'Limit                     Soft Limit           Hard Limit           Units\nMax open files            1024                 524288               files\n';
  assert.equal(openFilesLimit(text), 1024);
  assert.equal(openFilesLimit(text.replace('1024  ', 'unlimited')), Number.POSITIVE_INFINITY);
  assert.equal(openFilesLimit('nothing'), undefined);
  assert.equal(concurrencyFor(undefined, 20_000, 30), 1000);
  assert.equal(concurrencyFor(undefined, 1024, 30), 930);
  assert.equal(concurrencyFor(5000, Number.POSITIVE_INFINITY, 30), 5000);
  assert.equal(concurrencyFor(undefined, 64, 60), 1);
});

test('without a heartbeat for five seconds, or far ahead of who reads, the sender pauses; both are mended by a sign', () => {
  let now = 0;
  const control = new Int32Array(new SharedArrayBuffer(16));
  const { port1, port2 } = new MessageChannel();
  const link = makeLink(port1, control, () => now);
  assert.equal(link.paused(now), false);
  now = DEAD_AFTER;
  assert.equal(link.paused(now), false);
  now = DEAD_AFTER + 1;
  assert.equal(link.paused(now), true);
  Atomics.add(control, CONTROL.beat, 1);
  assert.equal(link.paused(now), false);
  for (let i = 0; i < 17; i++) link.report({} as Report);
  assert.equal(link.paused(now), true);
  Atomics.add(control, CONTROL.read, 1);
  assert.equal(link.paused(now), false);
  assert.equal(link.stopping, false);
  Atomics.add(control, CONTROL.stop, 1);
  assert.equal(link.stopping, true);
  port1.close();
  port2.close();
});

test('a failure is tried again later each time; alone it ends as unsent, and when all fail it is the machine', () => {
  const alone = makeRetries();
  let at = 0;
  for (let tries = 1; tries < 8; tries++) {
    const remedy = alone.failed(1, at);
    assert.ok(remedy.type === 'again' && remedy.at > at && remedy.at <= at + 1000);
    at = remedy.at;
    alone.departed(2, at);
  }
  assert.deepEqual(alone.failed(1, at), { type: 'unsent' });
  const all = makeRetries();
  for (let now = 0; now <= 10_000; now += 500) assert.equal(all.failed(now, now).type, 'again');
  assert.deepEqual(all.failed(1, 10_001), { type: 'stop' });
  assert.equal(all.count, 22);
});

test('the doctor says which drivers this machine has, and what to do about the others', async () => {
  const facts = await doctorSweep();
  assert.deepEqual(
    facts.map(fact => fact.part),
    ['sweep connect', 'sweep mmsg', 'sweep xdp'],
  );
  assert.match(facts[0]?.fact ?? '', /^raw connects, [\d,]+ at once, IPv4/);
  for (const { state, fact, remedy } of facts) {
    assert.equal(state === 'works', remedy === '', fact);
    if (/CAP_NET_RAW/.test(fact)) assert.match(remedy, /run as root, or: setcap cap_net_raw\+ep \//);
  }
});
