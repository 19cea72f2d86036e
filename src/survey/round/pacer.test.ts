import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MandateLimits, Rate } from '../../record/mandate.ts';
import { GO, ISP_EMPTY, makePacer, NET_EMPTY, type Pacer, TOTAL_EMPTY } from './pacer.ts';

const rate = fc.record({
  perSecond: fc.double({ min: 0.1, max: 5000, noNaN: true }),
  burst: fc.integer({ min: 1, max: 50 }),
});
const limits = (total: Rate, perIsp: Rate, per24: Rate): MandateLimits => ({
  total,
  perIsp,
  per24,
  triesPerDevicePerDay: 1,
  triesPerAccountPerDay: 1,
  gapMs: 0,
});
const free: Rate = { perSecond: 1e9, burst: 1e6 };

interface Send {
  readonly at: number;
  readonly key: number;
}

/** Every window between two sends of one bucket; windows in between hold no more. */
function assertLaw(sends: readonly Send[], { perSecond, burst }: Rate, what: string): void {
  const by = new Map<number, number[]>();
  for (const { at, key } of sends) by.set(key, [...(by.get(key) ?? []), at]);
  for (const [key, times] of by)
    for (let i = 0; i < times.length; i++)
      for (let j = i; j < times.length; j++) {
        const window = ((times[j] as number) - (times[i] as number)) / 1000;
        const allowed = perSecond * window + burst + 1e-6;
        if (j - i + 1 > allowed) assert.fail(`${what} ${key}: ${j - i + 1} in ${window} s, ${allowed} allowed`);
      }
}

test('in any window no bucket passes rate × window + burst, with any clock, and across restarts', () => {
  // A step is a wait (mostly short, now and then a suspended machine) and how often is asked; a crash starts empty.
  const step = fc.record({
    wait: fc.oneof(fc.double({ min: 0, max: 20, noNaN: true }), fc.double({ min: 0, max: 60_000, noNaN: true })),
    asks: fc.integer({ min: 1, max: 12 }),
    crash: fc.integer({ min: 0, max: 19 }),
  });
  fc.assert(
    fc.property(
      rate,
      rate,
      rate,
      fc.array(step, { minLength: 20, maxLength: 80 }),
      fc.nat(),
      (total, perIsp, per24, steps, seed) => {
        const law = limits(total, perIsp, per24);
        let now = 1e6 + (seed % 1000);
        let pacer = makePacer(law, 2, 4, now);
        let mix = seed;
        const sends: { at: number; isp: number; net: number }[] = [];
        for (const { wait, asks, crash } of steps) {
          now += wait;
          if (crash === 0) pacer = makePacer(law, 2, 4, now);
          for (let i = 0; i < asks; i++) {
            mix = (Math.imul(mix, 1664525) + 1013904223) >>> 0;
            const net = mix >>> 30;
            const isp = net >>> 1;
            if (pacer.take(isp, net, now) === GO) sends.push({ at: now, isp, net });
          }
        }
        assertLaw(
          sends.map(s => ({ at: s.at, key: 0 })),
          total,
          'total',
        );
        assertLaw(
          sends.map(s => ({ at: s.at, key: s.isp })),
          perIsp,
          'isp',
        );
        assertLaw(
          sends.map(s => ({ at: s.at, key: s.net })),
          per24,
          'net',
        );
      },
    ),
    { numRuns: 120 },
  );
});

/** Sends as soon as the bucket in the way says it is due. */
function pump(pacer: Pacer, isp: number, net: number, from: number, until: number): number[] {
  const times: number[] = [];
  for (let now = from; now <= until; ) {
    const blocked = pacer.take(isp, net, now);
    if (blocked === GO) times.push(now);
    else
      now = Math.max(
        now,
        blocked === TOTAL_EMPTY ? pacer.totalDue() : blocked === NET_EMPTY ? pacer.netDue(net) : pacer.ispDue(isp),
      );
  }
  return times;
}

test('who asks when it is due gets the whole rate, and no wait is for nothing', () => {
  const pacer = makePacer(limits(free, { perSecond: 50, burst: 5 }, { perSecond: 100, burst: 1 }), 1, 1, 1000);
  const times = pump(pacer, 0, 0, 1000, 11_000);
  assert.ok(Math.abs(times.length - 500) <= 1, `${times.length} in ten seconds`);
  assert.ok((times[0] as number) >= 1020, 'starts empty');
});

test('sleeping longer by the slack loses nothing', () => {
  const pacer = makePacer(limits({ perSecond: 1000, burst: 8 }, free, free), 1, 1, 0);
  assert.ok(Math.abs(pacer.slack - 7) < 1e-9);
  let sent = 0;
  for (let now = pacer.totalDue() + pacer.slack; now <= 1000; now = pacer.totalDue() + pacer.slack)
    while (pacer.take(0, 0, now) === GO) sent++;
  assert.ok(sent >= 990, `${sent} of 1000`);
});

test('a suspended machine comes back with a burst, not with a backlog', () => {
  const pacer = makePacer(limits({ perSecond: 10, burst: 3 }, free, free), 1, 1, 0);
  assert.equal(pump(pacer, 0, 0, 3_600_000, 3_600_000).length, 3);
});

test('the bucket in the way is named, and a refused packet costs the other buckets nothing', () => {
  const pacer = makePacer(
    limits({ perSecond: 1000, burst: 10 }, { perSecond: 1000, burst: 2 }, { perSecond: 1000, burst: 1 }),
    2,
    3,
    0,
  );
  assert.equal(pacer.take(0, 0, 0), TOTAL_EMPTY);
  assert.equal(pacer.take(0, 0, 100), GO);
  assert.equal(pacer.take(0, 0, 100), NET_EMPTY);
  assert.equal(pacer.take(0, 1, 100), GO);
  assert.equal(pacer.take(0, 2, 100), ISP_EMPTY, 'the first ISP is at its burst');
  assert.equal(pacer.take(1, 2, 100), GO, 'the /24 was not charged when the ISP refused');
});

test('a rate that lets nothing leave is refused, naming the remedy', () => {
  for (const bad of [
    { perSecond: 10, burst: 0 },
    { perSecond: 0, burst: 5 },
    { perSecond: Number.NaN, burst: 5 },
  ])
    assert.throws(() => makePacer(limits(bad, free, free), 1, 1, 0), /burst of at least 1/);
});
