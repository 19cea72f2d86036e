import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { loopbackPaper } from '../../../test/fixtures/loopback-paper.ts';
import type { Gate } from '../../mandate/authority.ts';
import type { MandateLimits, Rate } from '../../record/mandate.ts';
import { openLedger } from '../round/ledger.ts';
import { makePermutation } from '../round/permutation.ts';
import { shardBounds, shardCount } from '../round/shards.ts';
import { makeSpace } from '../round/space.ts';
import { addTally, excludedOf, noTally, sentOf } from '../round/tally.ts';
import { ANSWERED, type Driver, LOCAL, type Outcome, PENDING, REFUSED, SILENT } from './driver.ts';
import { runEngine } from './engine.ts';
import type { Link } from './link.ts';
import type { Report, ToSender } from './messages.ts';

const BASE = 0x7f400000;

interface World {
  readonly addresses: number;
  readonly ports: readonly number[];
  readonly shardSize: number;
  readonly limits?: Partial<MandateLimits>;
  readonly concurrency?: number;
  readonly connectMs?: number;
  /** How an attempt on an address ends, and after how many ms of virtual time; 0 is at once. */
  readonly fate: (address: number, port: number, tries: number) => readonly [Outcome, number];
  readonly refuses?: (address: number, opened: number) => ReturnType<Gate['refuses']>;
  readonly paused?: (now: number) => boolean;
  readonly stopAfter?: number;
}

/** The engine in virtual time: sleeping moves the clock, sockets are promises of outcomes, everything is written down. */
async function play(world: World) {
  let now = 1000;
  const { body } = loopbackPaper(
    {
      isps: { a: [] },
      ports: world.ports,
      connectMs: world.connectMs ?? 300,
      ...(world.limits ? { limits: world.limits } : {}),
    },
    1e12,
  ).mandate;
  const half = BASE + (world.addresses >>> 1);
  const ranges =
    world.addresses > 1
      ? [
          { from: BASE, to: half - 1, isp: 'a' },
          { from: half, to: BASE + world.addresses - 1, isp: 'b' },
        ]
      : [{ from: BASE, to: BASE, isp: 'a' }];
  const space = makeSpace(ranges, world.ports);
  const plan = { total: space.size, shardSize: world.shardSize };
  const ledger = openLedger(undefined, 'test', plan);
  const opens: { address: number; port: number; at: number }[] = [];
  const reports: Report[] = [];
  const pending = new Map<number, { at: number; outcome: Outcome; address: number }>();
  const tries = new Map<string, number>();
  let asked: readonly [number, number] | undefined;
  let most = 0;
  let next = 0;
  let rounds = 0;
  const queue: ToSender[] = [];

  const gate = {
    mandate: body,
    refuses(address: number, port: number) {
      asked = [address, port];
      return world.refuses?.(address, opens.length);
    },
  } as unknown as Gate;
  const driver: Driver = {
    name: 'connect',
    sends: true,
    sourceTo: () => undefined,
    lastFault: () => 'EMFILE',
    open(slot, address, port) {
      assert.deepEqual(asked, [address, port], 'the gate was asked for exactly this, just before');
      asked = undefined;
      assert.ok(![...pending.values()].some(p => p.address === address), 'one connection per address');
      assert.ok(!pending.has(slot), 'the slot was free');
      const key = `${address}:${port}`;
      tries.set(key, (tries.get(key) ?? 0) + 1);
      const [outcome, after] = world.fate(address, port, tries.get(key) as number);
      if (outcome !== LOCAL || after > 0) opens.push({ address, port, at: now });
      // A connect takes time on the wall too.
      now += 0.01;
      if (after === 0) return outcome;
      pending.set(slot, { at: now + after, outcome, address });
      most = Math.max(most, pending.size);
      return PENDING;
    },
    wait(ms, ended) {
      const soonest = Math.min(...[...pending.values()].map(p => p.at));
      now = Math.max(now, Math.min(now + ms, soonest)) + 0.01;
      for (const [slot, { at, outcome }] of [...pending])
        if (at <= now) {
          pending.delete(slot);
          ended(slot, outcome);
        }
    },
    cancel: slot => assert.ok(pending.delete(slot)),
    close: () => undefined,
  };
  const link: Link = {
    get stopping() {
      assert.ok(++rounds < 2e6, 'the loop ends');
      return opens.length >= (world.stopAfter ?? Number.POSITIVE_INFINITY);
    },
    paused: at => world.paused?.(at) ?? false,
    take: () => queue.shift(),
    askShard() {
      const shard = next++;
      queue.push(
        shard < shardCount(plan)
          ? { type: 'shard', state: ledger.state(shard), to: shardBounds(plan, shard).to }
          : { type: 'none' },
      );
    },
    askReserve: () => assert.fail('not under at-least-once'),
    report(report) {
      reports.push(report);
      ledger.write(report.lines);
    },
    idle(ms) {
      now += Math.max(ms, 0.01);
    },
  };
  const ending = await runEngine({
    space,
    permutation: makePermutation(new Uint8Array(32).fill(7), space.size),
    plan,
    gate,
    driver,
    link,
    clocks: { calendar: () => 1e12 + now, monotonic: () => now },
    concurrency: world.concurrency ?? 32,
    reserve: 0,
  });
  let tally = noTally();
  for (let shard = 0; shard < shardCount(plan); shard++) tally = addTally(tally, ledger.state(shard).tally);
  return {
    ending,
    rounds,
    opens,
    reports,
    tally,
    total: space.size,
    most,
    now,
    pending: pending.size,
    hits: reports.flatMap(r => r.hits),
  };
}

/** Deterministic fates: some refuse at once, some later, some answer, some never do. */
const mixed = (address: number, port: number): readonly [Outcome, number] => {
  const kind = (Math.imul(address ^ (port << 4), 0x9e3779b1) >>> 28) & 7;
  return kind === 0
    ? [ANSWERED, 20]
    : kind === 1
      ? [ANSWERED, 0]
      : kind === 2
        ? [SILENT, 1e9]
        : kind === 3
          ? [REFUSED, 40]
          : [REFUSED, 0];
};

const within = (sends: readonly { at: number }[], { perSecond, burst }: Rate, what: string): void => {
  for (let i = 0; i < sends.length; i++)
    for (let j = i; j < sends.length; j++) {
      const allowed =
        (perSecond * ((sends[j] as { at: number }).at - (sends[i] as { at: number }).at)) / 1000 + burst + 1e-6;
      if (j - i + 1 > allowed) assert.fail(`${what}: ${j - i + 1} sent where ${allowed} are allowed`);
    }
};

test('every pair once, at the lawful pace for the whole, each ISP and each /24, one connection per address', async () => {
  const rate = fc.record({ perSecond: fc.integer({ min: 40, max: 3000 }), burst: fc.integer({ min: 1, max: 20 }) });
  await fc.assert(
    fc.asyncProperty(
      rate,
      rate,
      rate,
      fc.integer({ min: 1, max: 700 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 20, max: 500 }),
      async (total, perIsp, per24, addresses, concurrency, shardSize) => {
        const run = await play({
          addresses,
          ports: [2323, 8080],
          shardSize,
          concurrency,
          limits: { total, perIsp, per24 },
          fate: mixed,
        });
        assert.deepEqual(run.ending, { type: 'done' });
        assert.equal(run.opens.length, run.total);
        assert.equal(new Set(run.opens.map(o => `${o.address}:${o.port}`)).size, run.total);
        assert.equal(sentOf(run.tally) + excludedOf(run.tally), run.total);
        assert.ok(run.most <= concurrency);
        assert.ok(
          run.rounds < 20 * run.total + 5 * run.now,
          `${run.rounds} looks for ${run.total} pairs in ${run.now} ms`,
        );
        const half = BASE + (addresses >>> 1);
        within(run.opens, total, 'total');
        for (const isp of [0, 1])
          within(
            run.opens.filter(o => Number(o.address >= half) === isp),
            perIsp,
            'isp',
          );
        for (let net = 0; net < 3; net++)
          within(
            run.opens.filter(o => (o.address - BASE) >>> 8 === net),
            per24,
            'net',
          );
        const expected = run.opens.filter(o => mixed(o.address, o.port)[0] === ANSWERED).length;
        assert.equal(run.hits.length, expected);
        assert.equal(run.tally.answered, expected);
      },
    ),
    { numRuns: 25 },
  );
});

test('a slow /24 does not hold up the others: the whole takes as long as its slowest part', async () => {
  const run = await play({
    addresses: 768,
    ports: [23],
    shardSize: 768,
    fate: () => [REFUSED, 0],
    limits: { per24: { perSecond: 100, burst: 5 } },
  });
  assert.equal(run.opens.length, 768);
  // 256 at 100 a second are 2.56 s; one after the other would be 7.68.
  assert.ok(run.now - 1000 < 3200, `${run.now - 1000} ms`);
});

test('an attempt ends before the kernel would repeat its SYN, whatever the mandate allows', async () => {
  const run = await play({ addresses: 4, ports: [23], shardSize: 4, connectMs: 60_000, fate: () => [SILENT, 1e9] });
  assert.equal(run.tally.silent, 4);
  assert.ok(run.now - 1000 < 1000 + 50, `${run.now - 1000} ms`);
});

test('what this machine cannot send for a while is sent later, and never counted against a device', async () => {
  const run = await play({
    addresses: 300,
    ports: [23],
    shardSize: 100,
    fate: (a, _p, tries) => (a % 3 === 0 && tries < 4 ? [LOCAL, tries === 2 ? 5 : 0] : [REFUSED, 0]),
  });
  assert.deepEqual(run.ending, { type: 'done' });
  assert.equal(run.tally.refused, 300);
  assert.equal(run.reports.at(-1)?.faults, 300);
});

test('one address that can never be sent to ends as unsent, beside those that can', async () => {
  const run = await play({
    addresses: 100,
    ports: [23],
    shardSize: 100,
    limits: { total: { perSecond: 50, burst: 1 } },
    fate: a => (a === BASE + 5 ? [LOCAL, 0] : [REFUSED, 0]),
  });
  assert.deepEqual(run.ending, { type: 'done' });
  assert.equal(run.tally.refused, 99);
  assert.equal(run.tally.unsent, 1);
});

test('when nothing leaves for ten seconds the sweep stops, says why, and nothing is counted as done', async () => {
  const run = await play({ addresses: 50, ports: [23], shardSize: 50, fate: () => [LOCAL, 0] });
  assert.equal(run.ending.type, 'fault');
  assert.match(run.ending.type === 'fault' ? run.ending.what : '', /EMFILE/);
  assert.deepEqual(run.tally, noTally());
  assert.ok(run.now < 1000 + 15_000);
});

test('a refusal of a target is counted; a refusal of everything ends the sweep at once', async () => {
  const some = await play({
    addresses: 200,
    ports: [23],
    shardSize: 64,
    fate: mixed,
    refuses: a => (a % 4 === 0 ? 'excluded' : a % 4 === 1 ? 'consent-expired' : undefined),
  });
  assert.deepEqual(some.ending, { type: 'done' });
  assert.equal(some.tally.excluded, 100);
  assert.ok(some.opens.every(o => o.address % 4 >= 2));
  for (const refusal of ['expired', 'not-yet', 'clock-jumped', 'outside-hours', 'not-published', 'stopped'] as const) {
    const all = await play({
      addresses: 200,
      ports: [23],
      shardSize: 64,
      fate: mixed,
      refuses: (_a, opened) => (opened >= 30 ? refusal : undefined),
    });
    assert.deepEqual(all.ending, { type: 'refused', refusal });
    assert.equal(all.opens.length, 30);
    assert.equal(sentOf(all.tally), 30, 'what was in flight is waited for');
    assert.equal(all.tally.excluded, 0);
  }
});

test('a stop is obeyed before the next connect', async () => {
  const run = await play({ addresses: 500, ports: [23], shardSize: 100, fate: mixed, stopAfter: 77 });
  assert.deepEqual(run.ending, { type: 'asked' });
  assert.equal(run.opens.length, 77);
  assert.equal(sentOf(run.tally), 77);
  assert.equal(run.pending, 0);
});

test('while nobody keeps the books, nothing leaves', async () => {
  const quiet = (at: number) => at > 1100 && at < 9000;
  const run = await play({
    addresses: 500,
    ports: [23],
    shardSize: 100,
    limits: { total: { perSecond: 200, burst: 1 } },
    fate: mixed,
    paused: quiet,
  });
  assert.equal(run.opens.length, 500);
  // The look is once in a loop, so what left within the same loop may be a little late.
  assert.deepEqual(
    run.opens.filter(o => o.at > 1110 && o.at < 9000),
    [],
  );
});

test('reports come at most five a second, lines at least once a second', async () => {
  const run = await play({
    addresses: 600,
    ports: [23],
    shardSize: 600,
    limits: { total: { perSecond: 100, burst: 1 } },
    fate: mixed,
  });
  const seconds = (run.now - 1000) / 1000;
  assert.ok(run.reports.length <= seconds * 5 + 3, `${run.reports.length} in ${seconds} s`);
  assert.ok(run.reports.filter(r => r.lines.length > 0).length >= Math.floor(seconds) - 1);
});
