import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { type Alarm, arm, disarm, lookEveryTick, NEVER } from './alarms.ts';

function alarm(onRing: () => void = () => {}): Alarm & { readonly rang: number[] } {
  const rang: number[] = [];
  return {
    due: NEVER,
    placed: NEVER,
    seat: 0,
    rang,
    ring() {
      rang.push(performance.now());
      onRing();
    },
  };
}

test('rings once, not early, whatever the distance, and the earliest of several instants counts', async () => {
  const began = performance.now();
  const wishes = [0, 1, 4, 50, 333, 2_047, 2_300];
  const alarms = wishes.map(ms => {
    const each = alarm();
    arm(each, ms + 400);
    arm(each, ms);
    arm(each, ms + 100);
    return each;
  });
  await sleep(2_400);
  wishes.forEach((ms, i) => {
    const rang = alarms[i]?.rang ?? [];
    assert.equal(rang.length, 1, `${ms} ms`);
    assert.ok((rang[0] ?? 0) - began >= ms, `${ms} ms rang after ${(rang[0] ?? 0) - began}`);
  });
});

test('what is disarmed does not ring, and may be armed again', async () => {
  const gone = alarm();
  const back = alarm();
  arm(gone, 20);
  disarm(gone);
  arm(back, 20);
  disarm(back);
  arm(back, 60);
  await sleep(50);
  assert.equal(back.rang.length, 0);
  await sleep(50);
  assert.deepEqual([gone.rang.length, back.rang.length], [0, 1]);
});

test('an alarm may arm itself, and others, while it rings', async () => {
  const other = alarm();
  let left = 5;
  const again = alarm(() => {
    arm(other, 1);
    if (--left > 0) arm(again, 5);
  });
  arm(again, 5);
  await sleep(150);
  assert.equal(again.rang.length, 5);
  assert.ok(other.rang.length >= 1);
});

test('after a stall what arrived is looked at before anything rings', async () => {
  const log: string[] = [];
  let looking = true;
  lookEveryTick(() => {
    log.push('look');
    return looking ? 0 : -1;
  });
  arm(
    alarm(() => log.push('ring')),
    30,
  );
  await sleep(10);
  log.length = 0;
  const until = performance.now() + 80;
  while (performance.now() < until);
  await sleep(20);
  looking = false;
  assert.deepEqual(log.slice(0, 2), ['look', 'ring']);
  await sleep(30);
  const { length } = log;
  await sleep(30);
  assert.equal(log.length, length, 'nobody looks any more');
});

test('thousands of random alarms, moved and disarmed, ring as a list would', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(120), fc.option(fc.nat(120)), fc.boolean()), { minLength: 500, maxLength: 1_500 }),
      async plan => {
        const began = performance.now();
        const all = plan.map(([first, second, off]) => {
          const each = alarm();
          arm(each, first);
          if (second !== null) arm(each, second);
          if (off) disarm(each);
          return { each, ms: Math.min(first, second ?? first), off };
        });
        await sleep(160);
        for (const { each, ms, off } of all) {
          assert.equal(each.rang.length, off ? 0 : 1);
          if (!off) assert.ok((each.rang[0] as number) - began >= ms);
        }
      },
    ),
    { numRuns: 4 },
  );
});

test('with nothing armed there is no timer that holds a process', async () => {
  const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length;
  await sleep(20);
  const before = timers();
  const each = alarm();
  arm(each, 1_000);
  arm(each, 50);
  assert.equal(timers(), before + 1);
  disarm(each);
  assert.equal(timers(), before);
  arm(each, 10);
  await sleep(40);
  assert.deepEqual([each.rang.length, timers()], [1, before]);
});
