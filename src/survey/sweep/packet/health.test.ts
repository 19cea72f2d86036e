import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Counters, makeHealth } from './health.ts';

const zero: Counters = {
  kernelDrops: 0,
  sent: 0,
  faults: 0,
  canariesSent: 0,
  canariesAnswered: 0,
  replies: 0,
  prohibited: 0,
};

/** Adds one window's differences at a time. */
function feed() {
  const health = makeHealth();
  let sum = zero;
  return (difference: Partial<Counters>) => {
    sum = Object.fromEntries(
      Object.entries(sum).map(([name, value]) => [name, value + (difference[name as keyof Counters] ?? 0)]),
    ) as unknown as Counters;
    return health.look(sum);
  };
}

test('each sign of trouble halves the pace and is named; without one it stays whole', () => {
  const signs: readonly (readonly [Partial<Counters>, RegExp])[] = [
    [{ kernelDrops: 1 }, /dropped 1/],
    [{ sent: 900, faults: 100 }, /100 frames/],
    [{ canariesSent: 10, canariesAnswered: 7 }, /7 of 10 canaries/],
    [{ replies: 100, prohibited: 60 }, /filtered/],
  ];
  for (const [difference, word] of signs) {
    const look = feed();
    assert.equal(look({ sent: 1000, replies: 100, canariesSent: 10, canariesAnswered: 10 }).factor, 1);
    const { factor, alarms, stop } = look(difference);
    assert.equal(factor, 0.5);
    assert.match(alarms.join(), word);
    assert.equal(stop, undefined);
  }
});

test('few canaries are gathered until they can be judged', () => {
  const look = feed();
  for (let n = 0; n < 3; n++) assert.equal(look({ canariesSent: 2 }).factor, 1);
  assert.equal(look({ canariesSent: 2 }).factor, 0.5);
  assert.equal(look({}).factor, 0.5, 'judged once');
});

test('it recovers slowly, and stops when nothing helps', () => {
  const look = feed();
  look({ kernelDrops: 5 });
  assert.equal(look({}).factor, 0.5);
  assert.equal(look({}).factor, 0.5);
  assert.equal(look({}).factor, 0.625);
  for (let n = 0; n < 9; n++) look({});
  assert.equal(look({}).factor, 1);
  let windows = 0;
  for (; look({ kernelDrops: 1 }).stop === undefined; windows++) assert.ok(windows < 30);
  assert.ok(windows >= 12, `${windows} windows`);
  assert.match(look({ kernelDrops: 1 }).stop ?? '', /dropped/);
});
