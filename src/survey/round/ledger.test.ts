import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { type LedgerHit, type LedgerPolicy, openLedger, type ShardLine } from './ledger.ts';
import { openShard, type ShardProgress } from './progress.ts';
import { shardBounds, shardCount } from './shards.ts';
import { excludedOf, FATES, type Fate, noTally, sentOf } from './tally.ts';

const dir = mkdtempSync(join(tmpdir(), 'notice-ledger-'));
after(() => rmSync(dir, { recursive: true }));
let files = 0;
const newFile = (): string => join(dir, `ledger-${files++}`);

/** A small generator, so that fast-check shrinks one number. */
function chance(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return below => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return state % below;
  };
}

const fateOf = (index: number): Fate =>
  (['refused', 'answered', 'silent', 'excluded', 'unreachable'] as const)[(index * 7) % 5] as Fate;

/** One life of a sweeper with answers out of order; ends by crash (nothing more is written) or rest after `steps`. */
function live(
  file: string,
  policy: LedgerPolicy,
  total: number,
  shardSize: number,
  random: (n: number) => number,
  steps: number,
  crash: boolean,
  sent: number[],
): boolean {
  const plan = { total, shardSize };
  const ledger = openLedger(file, 'space', plan, policy);
  for (let shard = 0; shard < shardCount(plan); shard++) {
    if (ledger.done(shard)) continue;
    const { to } = shardBounds(plan, shard);
    const progress: ShardProgress = openShard(ledger.state(shard), to);
    const flight: number[] = [];
    let hits: LedgerHit[] = [];
    let reserved = ledger.state(shard).cursor;
    if (policy === 'never-twice') ledger.write([progress.line([], reserve(reserved))]);
    function reserve(from: number): number {
      reserved = Math.min(to, from + 8);
      return reserved;
    }
    const finish = (place: number): void => {
      const [index] = flight.splice(place, 1) as [number];
      const fate = fateOf(index);
      if (fate === 'answered') hits.push([index, 1]);
      progress.end(index, fate);
    };
    while (!progress.done) {
      if (steps-- <= 0) {
        if (crash) {
          if (random(2) === 0) appendFileSync(file, '{"shard":0,"cur');
        } else {
          while (flight.length > 0) finish(random(flight.length));
          ledger.write([progress.restLine(hits)]);
        }
        ledger.close();
        return false;
      }
      const what = random(10);
      if (what < 5 && !progress.drawn && flight.length < 12) {
        const index = progress.draw();
        if (policy === 'never-twice' && index >= reserved)
          ledger.write([progress.line(hits.splice(0), reserve(index))]);
        if (fateOf(index) !== 'excluded') sent[index] = (sent[index] ?? 0) + 1;
        flight.push(index);
      } else if (what < 9 && flight.length > 0) finish(random(flight.length));
      else if (what === 9) {
        ledger.write([progress.line(hits, reserved)]);
        hits = [];
      }
    }
    ledger.write([progress.line(hits, to)]);
  }
  ledger.close();
  return true;
}

for (const policy of ['at-least-once', 'never-twice'] as const)
  test(`${policy}: crashes and rests at any point, and every index is accounted for once`, () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 120 }),
        (seed, total, shardSize) => {
          const file = newFile();
          const random = chance(seed);
          const sent: number[] = [];
          let crashes = 0;
          for (let lives = 0; ; lives++) {
            const crash = random(3) > 0;
            // Later lives last longer, so that the whole ends.
            if (live(file, policy, total, shardSize, random, 10 + random(40) + lives * 40, crash, sent)) break;
            crashes += Number(crash);
          }
          const plan = { total, shardSize };
          const ledger = openLedger(file, 'space', plan, policy);
          const tally = noTally();
          const hits = new Set<number>();
          for (let shard = 0; shard < shardCount(plan); shard++) {
            assert.ok(ledger.done(shard));
            const state = ledger.state(shard);
            for (const fate of FATES) tally[fate] += state.tally[fate];
            for (const [index] of state.hits) hits.add(index);
          }
          ledger.close();
          assert.equal(sentOf(tally) + excludedOf(tally), total);
          const indices = Array.from({ length: total }, (_, i) => i);
          if (policy === 'at-least-once') {
            const mustSend = indices.filter(i => fateOf(i) !== 'excluded');
            assert.ok(
              mustSend.every(i => (sent[i] ?? 0) >= 1),
              'no gap',
            );
            assert.equal(sentOf(tally), mustSend.length);
            if (crashes === 0)
              assert.ok(
                mustSend.every(i => sent[i] === 1),
                'a rest repeats nothing',
              );
            assert.deepEqual(
              [...hits].sort((a, b) => a - b),
              indices.filter(i => fateOf(i) === 'answered'),
            );
          } else {
            assert.ok(
              sent.every(times => (times ?? 0) <= 1),
              'never twice',
            );
            if (crashes === 0) assert.equal(tally.assumed, 0);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

const line = (over: Partial<ShardLine>): ShardLine => ({
  shard: 0,
  cursor: 4,
  reserved: 4,
  left: [],
  tally: { ...noTally(), refused: 4 },
  hits: [],
  rest: false,
  ...over,
});
const plan = { total: 100, shardSize: 50 };

test('a torn last line is forgotten, and what follows it is read again', () => {
  const file = newFile();
  const first = openLedger(file, 's', plan);
  assert.equal(first.resumed, false);
  first.write([line({ cursor: 4 }), line({ cursor: 9, hits: [[3, 77]] })]);
  first.close();
  appendFileSync(file, '{"shard":0,"cursor":1');
  const second = openLedger(file, 's', plan);
  assert.equal(second.resumed, true);
  assert.equal(second.state(0).cursor, 9);
  assert.deepEqual(second.state(0).hits, [[3, 77]]);
  second.write([line({ cursor: 20 })]);
  second.close();
  const third = openLedger(file, 's', plan);
  assert.equal(third.state(0).cursor, 20);
  assert.deepEqual(third.state(0).hits, [[3, 77]]);
  assert.equal(third.state(1).cursor, 50);
  third.close();
});

test('a reservation outlives a line made before it was granted, in memory and on disk', () => {
  const file = newFile();
  const ledger = openLedger(file, 's', plan, 'never-twice');
  ledger.write([line({ reserved: 30 })]);
  ledger.write([line({ cursor: 6, reserved: 6, tally: { ...noTally(), refused: 6 } })]);
  assert.equal(ledger.state(0).reserved, 30);
  ledger.close();
  const after = openLedger(file, 's', plan, 'never-twice');
  assert.deepEqual([after.state(0).cursor, after.state(0).tally.assumed], [30, 24]);
  after.write([{ ...after.state(0), hits: [] }]);
  after.close();
  const rested = openLedger(file, 's', plan, 'never-twice');
  assert.deepEqual([rested.state(0).cursor, rested.state(0).tally.assumed], [30, 24]);
  rested.close();
});

test('a ledger of another space, or a line that was never ours, stops with file and line, and is left as it was', () => {
  const file = newFile();
  const ledger = openLedger(file, 's', plan);
  ledger.write([line({})]);
  ledger.close();
  const before = readFileSync(file, 'utf8');
  assert.throws(() => openLedger(file, 'other', plan), /ledger-\d+:1: belongs to another round/);
  assert.throws(() => openLedger(file, 's', { ...plan, shardSize: 51 }), /another round/);
  assert.equal(readFileSync(file, 'utf8'), before);
  writeFileSync(file, `${before}{"shard":0,"cursor":-3}\n${before}`);
  assert.throws(() => openLedger(file, 's', plan), /ledger-\d+:3: is no line of a ledger/);
});

test('shards are disjoint and together the whole', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 32 }),
      fc.integer({ min: 1 << 16, max: 2 ** 32 }),
      (total, shardSize) => {
        let next = 0;
        for (let shard = 0; shard < shardCount({ total, shardSize }); shard++) {
          const { from, to } = shardBounds({ total, shardSize }, shard);
          assert.equal(from, next);
          assert.ok(to > from);
          next = to;
        }
        assert.equal(next, total);
      },
    ),
    { numRuns: 50 },
  );
});
