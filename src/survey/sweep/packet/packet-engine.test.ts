import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { loopbackPaper } from '../../../../test/fixtures/loopback-paper.ts';
import type { FrameGate, Refusal } from '../../../mandate/authority.ts';
import type { MandateLimits, Rate } from '../../../record/mandate.ts';
import { shardBounds, shardCount } from '../../round/shards.ts';
import type { Ending } from '../messages.ts';
import { makeGroups } from './groups.ts';
import { runPacketEngine } from './packet-engine.ts';
import type { RunLine, SendLink, SendReport, ToPacketSender } from './send-messages.ts';

const BASE = 0x7f400000;
const PORTS = [2323, 8080];
const KEY = new Uint8Array(32).fill(7);

interface World {
  readonly addresses: number;
  readonly shardSize: number;
  readonly limits?: Partial<MandateLimits>;
  /** How long a submission takes (ms), and how many of the frames leave in it. */
  readonly send?: (count: number, now: number) => readonly [ms: number, left: number];
  /** Asked for each frame; `sent` is how many have left. */
  readonly refuses?: (address: number, port: number, sent: number) => Refusal | undefined;
  readonly closed?: (now: number, sent: number) => Refusal | undefined;
  readonly paused?: (now: number) => boolean;
  readonly stopAfter?: number;
  /** Oversleeping of each sleep, ms. */
  readonly oversleep?: () => number;
  readonly pace?: (now: number) => number;
  readonly canaries?: readonly number[];
  readonly answered?: (element: number) => boolean;
  readonly mayGoOn?: () => boolean;
  readonly reserve?: number;
  readonly state?: ReadonlyMap<number, { cursor: number; left: readonly number[] }>;
}

interface Sent {
  readonly address: number;
  readonly port: number;
  readonly at: number;
}

/** The engine in virtual time: sleeping and submitting move the clock, and everything that left is written down. */
function play(world: World) {
  let now = 1000;
  const { body } = loopbackPaper(
    { isps: { a: [] }, ports: PORTS, ...(world.limits ? { limits: world.limits } : {}) },
    1e12,
  ).mandate;
  const third = Math.max(1, Math.floor(world.addresses / 3));
  const ranges = [
    { from: BASE, to: BASE + third - 1, isp: 'a' },
    { from: BASE + third, to: BASE + world.addresses, isp: 'b' },
  ];
  const groups = makeGroups(ranges, PORTS, KEY, body.limits, world.shardSize);
  const { plan } = groups;
  const sent: Sent[] = [];
  const slots = new Map<number, { address: number; port: number }>();
  const reports: SendReport[] = [];
  const lines = new Map<number, RunLine>();
  const queue: ToPacketSender[] = [];
  const granted = new Set<number>();
  const reserved = new Map<number, number>();
  let askedNow = Number.NEGATIVE_INFINITY;
  let rounds = 0;
  let worstBatch = 0;
  const gate = {
    mandate: body,
    now() {
      askedNow = now;
      return world.closed?.(now, sent.length);
    },
    refusesFrame: (address: number, port: number) => world.refuses?.(address, port, sent.length),
  } as unknown as FrameGate;
  const memory = new Uint8Array(0);
  const link: SendLink = {
    get stopping() {
      assert.ok(++rounds < 3e5, 'the loop ends');
      return sent.length >= (world.stopAfter ?? Number.POSITIVE_INFINITY);
    },
    paused: at => world.paused?.(at) ?? false,
    take: () => queue.shift(),
    post(word) {
      if (word.type === 'started') return;
      if (word.type === 'reserve') {
        reserved.set(word.shard, word.upTo);
        queue.push({ ...word, type: 'reserved' });
        return;
      }
      for (let shard = 0; shard < shardCount(plan); shard++) {
        const { from, to } = shardBounds(plan, shard);
        const first = groups.list[word.group]?.first as number;
        const last = groups.list[word.group + 1]?.first ?? plan.total;
        if (granted.has(shard) || from < first || from >= last) continue;
        granted.add(shard);
        const state = world.state?.get(shard) ?? { cursor: from, left: [] };
        queue.push({ type: 'shard', group: word.group, shard, to, ...state });
        return;
      }
      queue.push({ type: 'none', group: word.group });
    },
    report(report) {
      reports.push(report);
      for (const line of report.lines) lines.set(line.shard, line);
    },
    get pace() {
      return world.pace?.(now) ?? 1;
    },
    idle(ms) {
      // The main thread's word wakes a sleeper.
      now += (queue.length > 0 ? 0.01 : Math.max(ms, 0.01)) + (world.oversleep?.() ?? 0);
    },
  };
  const ending = runPacketEngine({
    groups,
    gate,
    driver: {
      name: 'mmsg',
      sends: true,
      slots: { memory, stride: 128, offset: 2, count: 256 },
      send(count) {
        assert.equal(askedNow, now, 'the gate was asked in this very batch');
        assert.ok(count <= 256);
        worstBatch = Math.max(worstBatch, count);
        const [ms, left] = world.send?.(count, now) ?? [0.2, count];
        for (let n = 0; n < left; n++) {
          const slot = slots.get(n) as { address: number; port: number };
          sent.push({ address: slot.address, port: slot.port, at: now + (ms * (n + 1)) / count });
        }
        slots.clear();
        now += ms;
        return left;
      },
      lastFault: () => 'ENOBUFS',
      down: false,
      close: () => undefined,
    },
    frames: {
      fill(slot, address, port, sequence) {
        assert.equal(sequence, (address ^ port) >>> 0);
        slots.set(slot, { address, port });
        assert.equal(world.refuses?.(address, port, sent.length), undefined, 'nothing refused is filled');
      },
    },
    cookie(address, source, port) {
      assert.equal(source, 61_000);
      return (address ^ port) >>> 0;
    },
    sourcePort: 61_000,
    link,
    clocks: { calendar: () => 1e12 + now, monotonic: () => now },
    reserve: world.reserve ?? 0,
    canaries: world.canaries ?? [],
    ...(world.answered ? { answered: { has: world.answered } } : {}),
    ...(world.mayGoOn ? { audit: { offer: () => undefined, mayGoOn: world.mayGoOn } } : {}),
    seed: 5,
  });
  const sum = (name: 'sent' | 'excluded' | 'known') => [...lines.values()].reduce((all, line) => all + line[name], 0);
  return {
    ending,
    sent,
    lines,
    reports,
    last: reports.at(-1) as SendReport,
    counts: { sent: sum('sent'), excluded: sum('excluded'), known: sum('known') },
    left: [...lines.values()].flatMap(line => line.left),
    total: plan.total,
    groups,
    reserved,
    now,
    rounds,
    worstBatch,
  };
}

const keyOf = ({ address, port }: Sent): string => `${address}:${port}`;
const isDone = (ending: Ending): void => assert.deepEqual(ending, { type: 'done' });

/** rate × window + burst, for every window that begins and ends with a send. Linear: the worst window is kept. */
function within(sends: readonly Sent[], { perSecond, burst }: Rate, what: string): void {
  // A window from send i to send j holds j-i+1; the law says (j+1) - rate × t_j ≤ i - rate × t_i + burst for every i ≤ j.
  let least = Number.POSITIVE_INFINITY;
  [...sends]
    .sort((a, b) => a.at - b.at)
    .forEach(({ at }, j) => {
      const paced = (perSecond * at) / 1000;
      least = Math.min(least, j - paced);
      const over = j + 1 - paced - least - burst;
      if (over > 1e-6) assert.fail(`${what}: ${over} more than ${perSecond}/s + ${burst} allow, at ${at}`);
    });
}

const rate = fc.record({ perSecond: fc.integer({ min: 40, max: 5000 }), burst: fc.integer({ min: 1, max: 300 }) });

test('every pair once, and the law for the whole, each ISP and each /24, over slow sockets, partial sends, suspends and alarms', () => {
  fc.assert(
    fc.property(
      rate,
      rate,
      rate,
      fc.integer({ min: 1, max: 900 }),
      fc.integer({ min: 20, max: 700 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 99 })),
      (total, perIsp, per24, addresses, shardSize, chance) => {
        const dice = (): number => chance.next().value as number;
        const limits = { total, perIsp, per24 };
        const run = play({
          addresses,
          shardSize,
          limits,
          send: count => [
            dice() < 90 ? dice() / 100 : dice(),
            dice() < 70 ? count : Math.floor((count * dice()) / 100),
          ],
          oversleep: () => (dice() < 97 ? dice() / 100 : dice() * 50),
          pace: at => (at % 700 < 200 ? 0.25 : 1),
        });
        isDone(run.ending);
        assert.equal(run.sent.length, run.total);
        assert.equal(new Set(run.sent.map(keyOf)).size, run.total);
        assert.deepEqual(run.counts, { sent: run.total, excluded: 0, known: 0 });
        assert.deepEqual(run.left, []);
        within(run.sent, total, 'total');
        const third = BASE + Math.max(1, Math.floor(addresses / 3));
        for (const isp of [0, 1])
          within(
            run.sent.filter(s => Number(s.address >= third) === isp),
            perIsp,
            'isp',
          );
        for (let net = 0; net < 4; net++)
          within(
            run.sent.filter(s => (s.address - BASE) >>> 8 === net),
            per24,
            'net',
          );
      },
    ),
    { numRuns: 40 },
  );
});

test('the pace is kept: a thousand a second, ten thousand a second, with a socket that takes its time', () => {
  for (const perSecond of [1_000, 10_000]) {
    const run = play({
      addresses: 10_000,
      shardSize: 5_000,
      limits: { total: { perSecond, burst: perSecond / 20 } },
      send: count => [count * 0.01, count],
      oversleep: () => 0.06,
    });
    isDone(run.ending);
    const seconds = (run.now - 1000) / 1000;
    assert.ok(seconds < (run.total / perSecond) * 1.02, `${run.total} in ${seconds} s at ${perSecond}/s`);
  }
});

test('an ISP at its cap is walked apart, and the others are done no later for it', () => {
  const run = play({
    addresses: 3000,
    shardSize: 10_000,
    limits: { total: { perSecond: 3000, burst: 50 }, perIsp: { perSecond: 1500, burst: 50 } },
  });
  isDone(run.ending);
  assert.equal(run.groups.list.length, 2);
  const small = run.sent.filter(s => s.address < BASE + 1000);
  assert.ok(Math.max(...small.map(s => s.at)) < 1000 + 1500, 'the smaller one has its share of the rate');
  assert.ok((run.now - 1000) / 1000 < run.groups.seconds * 1.05, `${run.now} ms, ${run.groups.seconds} s planned`);
});

test('a slow /24 holds up nobody but itself', () => {
  const run = play({
    addresses: 767,
    shardSize: 2000,
    limits: { per24: { perSecond: 200, burst: 5 } },
  });
  assert.equal(run.sent.length, 1536);
  assert.ok(run.now - 1000 < 3000, `${run.now - 1000} ms for 512 at 200 a second`);
});

test('what may not be probed is counted, from the batch on in which that is known, and resume is not disturbed', () => {
  const run = play({
    addresses: 2000,
    shardSize: 300,
    refuses: (address, _port, sent) =>
      address % 4 === 0 || (sent >= 1024 && address % 4 === 1) ? 'excluded' : undefined,
  });
  isDone(run.ending);
  assert.equal(run.counts.sent + run.counts.excluded, run.total);
  assert.equal(run.sent.length, run.counts.sent);
  assert.ok(run.counts.excluded > run.total / 4);
  // The batch in which it came to be known had been filled.
  assert.ok(run.sent.slice(1024 + 256).every(s => s.address % 4 >= 2));
});

test('a stop, or a gate that closes, ends it within a batch; what is left is exact, and resumes to the whole', () => {
  const refusals: Refusal[] = ['expired', 'outside-hours', 'clock-jumped', 'stopped'];
  for (const how of [...refusals, 'asked'] as const) {
    let dice = 1;
    const first = play({
      addresses: 2000,
      shardSize: 700,
      limits: { per24: { perSecond: 300, burst: 10 } },
      send(count) {
        dice = (dice * 75) % 65_537;
        return [0.3, dice % 3 === 0 ? count >>> 1 : count];
      },
      ...(how === 'asked' ? { stopAfter: 900 } : { closed: (_now, sent) => (sent >= 900 ? how : undefined) }),
    });
    assert.deepEqual(first.ending, how === 'asked' ? { type: 'asked' } : { type: 'refused', refusal: how });
    assert.ok(first.sent.length >= 900 && first.sent.length < 900 + 256);
    assert.equal(first.counts.sent, first.sent.length);
    for (const { shard, cursor, left, sent } of first.lines.values())
      assert.equal(cursor - shardBounds(first.groups.plan, shard).from, sent + left.length);
    const second = play({ addresses: 2000, shardSize: 700, state: first.lines });
    isDone(second.ending);
    const all = [...first.sent, ...second.sent].map(keyOf);
    assert.equal(all.length, first.total, 'nothing twice');
    assert.equal(new Set(all).size, first.total, 'nothing missing');
  }
});

test('while nobody keeps the books, or a sample is not judged, nothing leaves, and then no burst', () => {
  const limits = { total: { perSecond: 500, burst: 100 } };
  const quiet = (at: number): boolean => at > 1100 && at < 9000;
  const run = play({ addresses: 500, shardSize: 300, limits, paused: quiet });
  isDone(run.ending);
  assert.deepEqual(
    run.sent.filter(s => s.at > 1110 && s.at < 9000),
    [],
  );
  assert.ok(run.sent.filter(s => s.at >= 9000 && s.at < 9010).length < 20, 'what was missed is not caught up');
  let asks = 0;
  const judged = play({ addresses: 500, shardSize: 300, limits, mayGoOn: () => ++asks % 3 === 0 });
  isDone(judged.ending);
  assert.equal(judged.sent.length, judged.total);
});

test('when nothing leaves for ten seconds it stops and says why, and nothing is counted', () => {
  const run = play({ addresses: 50, shardSize: 500, send: () => [1, 0] });
  assert.match(run.ending.type === 'fault' ? run.ending.what : '', /ENOBUFS/);
  assert.equal(run.counts.sent, 0);
  assert.equal(run.left.length, run.total);
  assert.ok(run.now < 1000 + 12_000 && run.last.faults > 0);
  assert.ok(run.rounds < 12_000);
});

test('canaries leave with every shard, apart from the count, evenly over it', () => {
  const run = play({ addresses: 1499, shardSize: 1000, canaries: [0, 7, 100] });
  isDone(run.ending);
  assert.equal(run.total, 3000);
  assert.deepEqual(run.counts, { sent: 3000, excluded: 0, known: 0 });
  assert.deepEqual(run.last.canaries, [3, 3, 3]);
  assert.equal(run.sent.length, 3009);
});

test('a later pass skips what answered, and counts it apart', () => {
  const run = play({ addresses: 1000, shardSize: 300, answered: element => element % 5 === 0 });
  isDone(run.ending);
  assert.equal(run.counts.known, Math.ceil(run.total / 5));
  assert.equal(run.counts.known + run.counts.sent, run.total);
  assert.ok(run.sent.every(s => run.groups.whole.elementOf(s.address, s.port) % 5 !== 0));
});

test('never-twice: nothing leaves that is not reserved', () => {
  const run = play({ addresses: 1000, shardSize: 900, reserve: 128 });
  isDone(run.ending);
  assert.equal(run.sent.length, run.total);
  for (const [shard, upTo] of run.reserved) assert.equal(upTo, shardBounds(run.groups.plan, shard).to);
});
