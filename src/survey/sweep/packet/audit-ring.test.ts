import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeAuditRing, makeSampler, makeSamples, SAMPLED } from './audit-ring.ts';
import { dryPackets } from './dry.ts';

const LENGTH = 58;

/** A sender whose frames carry their own number, and an auditor that looks when it is asked to. */
function world(random: () => number) {
  const { slots } = dryPackets();
  const ring = makeAuditRing();
  const sampler = makeSampler(ring, slots, LENGTH, () => 1_234.5, random);
  const samples = makeSamples(ring);
  let frames = 0;
  return {
    sampler,
    samples,
    send(count: number): void {
      for (let n = 0; n < count; n++)
        new DataView(slots.memory.buffer).setUint32(n * slots.stride + slots.offset, frames + n);
      sampler.offer(count);
      frames += count;
    },
    look(wrong = false): number[] {
      const seen: number[] = [];
      while (
        samples.next((frame, at) => {
          assert.equal(at, 1_234.5);
          assert.equal(frame.length, LENGTH);
          seen.push(new DataView(frame.buffer).getUint32(0));
          return !wrong;
        }, 0)
      );
      return seen;
    },
  };
}

test('of every 1,024 frames exactly one is copied, whole, whichever it is and however they come in batches', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 256 }), { minLength: 1, maxLength: 200 }),
      fc.array(fc.nat(), { minLength: 1, maxLength: 20 }),
      (batches, numbers) => {
        let turn = 0;
        const { send, look } = world(() => numbers[turn++ % numbers.length] as number);
        const seen: number[] = [];
        for (const count of batches) {
          send(count);
          seen.push(...look());
        }
        const total = batches.reduce((sum, count) => sum + count, 0);
        assert.equal(seen[0], 0, 'the very first');
        const strata = seen.map(frame => Math.floor(frame / SAMPLED));
        assert.deepEqual(strata, [...strata.keys()]);
        assert.ok(seen.length >= Math.floor(total / SAMPLED));
      },
    ),
  );
});

test('nobody goes on before every copy is judged, and after a wrong one nobody ever', () => {
  const { sampler, samples, send, look } = world(() => 700);
  assert.equal(sampler.mayGoOn(), true);
  send(256);
  assert.equal(sampler.mayGoOn(), false);
  assert.deepEqual(look(), [0]);
  assert.equal(sampler.mayGoOn(), true);
  for (let batch = 1; batch < 6; batch++) send(256);
  assert.equal(sampler.mayGoOn(), true, 'none of those was copied');
  send(256);
  assert.equal(sampler.mayGoOn(), false);
  assert.deepEqual(look(true), [1024 + 700]);
  assert.equal(samples.stopped, true);
  assert.equal(sampler.mayGoOn(), false);
  for (let batch = 0; batch < 8; batch++) send(256);
  look();
  assert.equal(sampler.mayGoOn(), false);
});

test('a sender that never asks is stopped when there is no room to be seen in', () => {
  const { sampler, send, look } = world(() => 0);
  for (let batch = 0; batch < 16 * 4; batch++) send(256);
  assert.equal(sampler.mayGoOn(), false);
  look();
  assert.equal(sampler.mayGoOn(), true);
  for (let batch = 0; batch < 17 * 4; batch++) send(256);
  look();
  assert.equal(sampler.mayGoOn(), false);
});
