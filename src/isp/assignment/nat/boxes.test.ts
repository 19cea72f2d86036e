import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeBoxes } from './boxes.ts';
import { seeded } from './world.ts';

const met = (at: number, number?: number, errorMs = 0) => ({ exporter: 'cgn', ours: true, at, errorMs, number });

test('a silence beyond the habit of a box means that records are missing; chance alone never is', () => {
  for (const mean of [200, 5_000, 60_000, 600_000])
    for (const burst of [1, 40]) {
      const random = seeded(mean + burst);
      const boxes = makeBoxes(undefined);
      let at = 0;
      // Two days; a burst comes as often as so many records would.
      for (let i = 0; at < 2 * 86_400_000 && i < 40_000; i++) {
        at += i % burst === 0 ? -Math.log(1 - random()) * mean * burst : 1;
        assert.equal(boxes.met(met(at)), undefined, `${mean} ${burst} ${i}`);
      }
      const lost = boxes.met(met(at + 200 * mean * burst + 600_000));
      assert.deepEqual([lost?.what, lost?.what === 'lost' && lost.from], ['lost', at]);
    }
});

test('nothing is concluded before the habit is known', () => {
  const boxes = makeBoxes(undefined);
  for (let i = 0; i < 99; i++) assert.equal(boxes.met(met(i * 60_000)), undefined);
  assert.equal(boxes.met(met(30 * 86_400_000)), undefined);
});

test('a declared silence counts instead; numbers say more than silence; clocks that are off say nothing', () => {
  const declared = makeBoxes(600_000);
  declared.met(met(0));
  assert.equal(declared.met(met(600_000)), undefined);
  assert.equal(declared.met(met(1_300_000))?.what, 'lost');
  const numbered = makeBoxes(undefined);
  for (let i = 0; i < 5_000; i++) numbered.met(met(i * 1_000, i));
  assert.equal(numbered.met(met(9_000_000, 5_000)), undefined);
  const off = makeBoxes(600_000);
  off.met(met(0));
  assert.equal(off.met(met(9e12, undefined, 1e12)), undefined);
  assert.equal(off.met(met(500_000)), undefined);
});
