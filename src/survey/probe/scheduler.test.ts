import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runChecks } from './scheduler.ts';

const target = (address: string, port: number) => ({ address, port });
const many = (addresses: number, each: number) =>
  Array.from({ length: addresses * each }, (_, i) => target(`10.0.0.${i % addresses}`, i));

test('every target once, never two of one address at a time, never more than allowed', async () => {
  const open = new Map<string, number>();
  let running = 0;
  let most = 0;
  const seen = new Set<number>();
  const { done } = await runChecks(
    many(7, 30),
    async t => {
      assert.equal(open.get(t.address) ?? 0, 0, 'one connection an address');
      open.set(t.address, 1);
      most = Math.max(most, ++running);
      await sleep(t.port % 3);
      running--;
      open.set(t.address, 0);
      return t.port;
    },
    { concurrency: 5 },
    (_, port) => void seen.add(port),
  );
  assert.equal(done, 210);
  assert.equal(seen.size, 210);
  assert.ok(most <= 5 && most > 1, `${most} at once`);
});

test('takes a target only when there is room', async () => {
  let pulled = 0;
  let finished = 0;
  async function* source() {
    for (let i = 0; i < 200; i++) {
      pulled++;
      yield target(`10.0.1.${i}`, i);
    }
  }
  await runChecks(
    source(),
    async () => {
      await sleep(1);
      finished++;
      assert.ok(pulled - finished <= 9, `${pulled} pulled, ${finished} finished`);
    },
    { concurrency: 8 },
    () => {},
  );
  assert.equal(finished, 200);
});

test('one busy address does not swallow the source', async () => {
  let pulled = 0;
  async function* source() {
    for (let i = 0; i < 1_000; i++) {
      pulled++;
      yield target('10.0.2.1', i);
    }
  }
  const signal = AbortSignal.timeout(50);
  await runChecks(
    source(),
    () => sleep(5),
    { concurrency: 4, signal },
    () => {},
  );
  assert.ok(pulled <= 30, `${pulled} pulled`);
});

test('a source that stays silent does not hold a stop', async () => {
  const stop = new AbortController();
  const silent = {
    [Symbol.asyncIterator]: () => ({ next: () => new Promise<IteratorResult<{ address: string }>>(() => {}) }),
  };
  setTimeout(() => stop.abort(), 10);
  const { done } = await runChecks(
    silent,
    async () => {},
    { concurrency: 2, signal: stop.signal },
    () => {},
  );
  assert.equal(done, 0);
});

test('a check that throws stops the run and is thrown again, after the others have ended', async () => {
  let running = 0;
  let begun = 0;
  await assert.rejects(
    runChecks(
      many(50, 1),
      async t => {
        begun++;
        running++;
        await sleep(2);
        running--;
        if (t.port === 3) throw new Error('the log is full');
      },
      { concurrency: 4 },
      () => {},
    ),
    /the log is full/,
  );
  assert.equal(running, 0);
  assert.ok(begun < 20, `${begun} begun`);
});
