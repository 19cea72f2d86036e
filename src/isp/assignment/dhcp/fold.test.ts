import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Held, Holder, LogEvent } from '../event.ts';
import { UNTRUSTED } from '../hold.ts';
import { IDLE_MS, LATENESS_MS, makeLeaseFolder } from './fold.ts';
import { oracleHolds } from './oracle.ts';

const S = 1_000;
const four = (address: number): Holder => ({ family: 4, address, portFrom: 0, portTo: 65_535 });
type Lease = Extract<LogEvent, { what: 'lease' }>;
type OfLease = Extract<LogEvent, { what: 'lease' | 'release' | 'held' }>;

const common = (subscriber: string, at: number, address = 1) => ({
  ...{ at: at * S, errorMs: 0, exporter: '', session: subscriber, subscriber, holder: four(address) },
});
const lease = (who: string, at: number, life: number, address = 1): Lease => ({
  ...common(who, at, address),
  what: 'lease',
  until: (at + life) * S,
});
const release = (who: string, at: number, address = 1): OfLease => ({ ...common(who, at, address), what: 'release' });
const declined = (at: number, life: number, address = 1): OfLease => ({
  ...common('', at, address),
  what: 'held',
  from: at * S,
  to: (at + life) * S,
});
const listed = (who: string, at: number, life: number, address = 1): LogEvent[] => [
  { ...common(who, at, address), what: 'ended-by' },
  lease(who, at, life, address),
];
const listEnds = (at: number): LogEvent => ({ what: 'reset', at: at * S, errorMs: 0, exporter: '' });
const fileBegins = (at: number, span: number): LogEvent => ({
  what: 'reset',
  at: at * S,
  errorMs: span * S,
  exporter: '',
});

const ended: LogEvent = { what: 'heard', at: 1_000 * S, errorMs: 0, exporter: '' };

const text = (h: Held) =>
  JSON.stringify([
    h.holder.family === 4 ? h.holder.address : `${h.holder.prefix}/${h.holder.length}`,
    h.subscriber,
    ...[h.possibleFrom, h.sureFrom, h.sureTo, h.possibleTo].map(t => (t === Number.POSITIVE_INFINITY ? 'inf' : t)),
  ]);
const texts = (all: readonly Held[]) => all.map(text).sort();
const extents = (all: readonly Held[]) =>
  all
    .map(h => [h.subscriber, ...[h.possibleFrom, h.sureFrom, h.sureTo, h.possibleTo].map(t => t / S)])
    .sort((a, b) => `${a[0]}`.localeCompare(`${b[0]}`) || Number(a[2]) - Number(b[2]));

/** Drains every so often, and goes on from what was saved. */
function fold(events: readonly LogEvent[], every = 1_000_000): Held[] {
  let folder = makeLeaseFolder();
  const out: Held[] = [];
  for (const [i, event] of events.entries()) {
    folder.take(event);
    if (i % every !== every - 1) continue;
    out.push(...folder.closed());
    if (i % 2 === 0) folder = makeLeaseFolder(JSON.parse(JSON.stringify(folder.save())));
  }
  out.push(...folder.closed());
  return [...out, ...folder.open()];
}

test('a lease is sure from grant to expiry, renewals extend it, an exact release ends it', () => {
  assert.deepEqual(extents(fold([lease('a', 1_000, 600), lease('a', 1_300, 600)])), [['a', 400, 1_000, 1_900, 1_900]]);
  assert.deepEqual(extents(fold([lease('a', 1_000, 600), release('a', 1_100)])), [['a', 400, 1_000, 1_100, 1_100]]);
});

test('where nobody wrote down when it ended, it is sure to the last renewal only', () => {
  assert.deepEqual(extents(fold([lease('a', 1_000, 600), lease('a', 1_300, 600), lease('b', 1_500, 600)])), [
    ['a', 400, 1_000, 1_300, 1_500],
    ['b', 1_500, 1_500, 2_100, 2_100],
  ]);
  assert.deepEqual(extents(fold([lease('a', 1_000, 600), release('a', 1_000)])), [['a', 400, 1_000, 1_000, 1_600]]);
  assert.deepEqual(extents(fold([lease('a', 1_000, 600), release('a', 1_000), lease('a', 1_200, 600)])), [
    ['a', 400, 1_000, 1_000, 1_200],
    ['a', 1_200, 1_200, 1_800, 1_800],
  ]);
});

test('a declined address was held by somebody unknown since the last evidence of whoever had it', () => {
  assert.deepEqual(extents(fold([lease('a', 1_000, 600), declined(1_200, 900)])), [
    ['', 1_000, 1, 0, 2_100],
    ['a', 400, 1_000, 1_000, 1_200],
  ]);
});

test('a release of a lease that was never seen proves that the client was there, since nobody knows when', () => {
  assert.deepEqual(extents(fold([release('a', 1_000), lease('b', 1_400, 600)])), [
    ['a', 0, 1_000, 1_000, 1_400],
    ['b', 1_400, 1_400, 2_000, 2_000],
  ]);
});

test('a lease for ever, and one whose clocks disagree', () => {
  const forever = { ...lease('a', 1_000, 600), until: Number.POSITIVE_INFINITY };
  assert.deepEqual(extents(fold([forever, lease('b', 5_000, 600)])), [
    ['a', 0, 1_000, 1_000, 5_000],
    ['b', 5_000, 5_000, 5_600, 5_600],
  ]);
  const [held] = fold([{ ...lease('a', 9_000, 600), errorMs: 3_600 * S }]);
  assert.deepEqual([held?.sureFrom, held?.sureTo], [UNTRUSTED.sureFrom, UNTRUSTED.sureTo]);
  const [near] = fold([{ ...lease('a', 9_000, 600), errorMs: 2 * S }]);
  assert.deepEqual(
    [near?.possibleFrom, near?.sureFrom, near?.sureTo, near?.possibleTo],
    [8_398_000, 9_002_000, 9_598_000, 9_602_000],
  );
});

test('one prefix with two clients gives both holds for as long as both are good, through JSON and back', () => {
  const holder: Holder = { family: 6, prefix: 0x20010db8_00000000_00000000_00000000n, length: 56 };
  const folder = makeLeaseFolder();
  folder.take({ ...lease('duid-1', 1_000, 600), holder });
  folder.take({ ...lease('duid-2', 1_000, 600), holder });
  folder.take({ ...lease('duid-1', 1_100, 600), holder });
  const again = makeLeaseFolder(JSON.parse(JSON.stringify(folder.save())));
  assert.deepEqual(texts(again.open()), texts(folder.open()));
  assert.deepEqual(extents(again.open()), [
    ['duid-1', 400, 1_000, 1_000, 1_600],
    ['duid-1', 1_100, 1_100, 1_700, 1_700],
    ['duid-2', 1_000, 1_000, 1_000, 1_600],
  ]);
  assert.equal(again.open()[0]?.holder.family, 6);
});

test('an hour of the journal that nobody read leaves no lease sure across it', () => {
  const before = [lease('a', 1_000, 90_000), lease('b', 1_000, 90_000, 2)];
  const after = [fileBegins(40_000, 3_600), lease('a', 40_000, 90_000), lease('c', 50_000, 90_000, 2)];
  assert.deepEqual(extents(fold([...before, ...after])), [
    ['a', 0, 1_000, 1_000, 40_000],
    ['a', 0, 40_000, 130_000, 130_000],
    ['b', 0, 1_000, 1_000, 50_000],
    ['c', 0, 50_000, 140_000, 140_000],
  ]);
  // The next journal begins before one that was dropped could have been filled, if only the one before was read to its end.
  assert.deepEqual(extents(fold([...before, ended, fileBegins(4_599, 3_600), lease('a', 4_599, 90_000)]))[0], [
    ...['a', 0, 1_000, 94_599, 94_599],
  ]);
});

test('a list of what is held proves what it names and nothing between', () => {
  const journal = [lease('a', 1_000, 90_000), lease('b', 1_000, 90_000, 2), lease('c', 1_000, 90_000, 3)];
  const list = [...listed('a', 1_000, 90_000), ...listed('b', 20_000, 90_000, 2), listEnds(20_000)];
  const next = [fileBegins(20_100, 3_600), lease('a', 40_000, 90_000), lease('b', 40_000, 90_000, 2)];
  const held = extents(fold([...journal, ...list, ...next]));
  const of = (who: string) => held.filter(h => h[0] === who);
  assert.deepEqual(of('a'), [['a', 0, 1_000, 130_000, 130_000]], 'nothing was written about it in between');
  assert.deepEqual(of('b'), [
    ['b', 0, 1_000, 1_000, 20_000],
    ['b', 0, 20_000, 130_000, 130_000],
  ]);
  assert.deepEqual(of('c'), [['c', 0, 1_000, 1_000, 91_000]], 'it went, nobody knows when');
  // Read again it changes nothing, nor does it when it is read late.
  assert.deepEqual(extents(fold([...journal, ...list, ...next, listEnds(20_000)])), held);
  assert.deepEqual(extents(fold([...journal, lease('d', 30_000, 90_000, 4), ...list]))[0], [
    'a',
    0,
    1_000,
    91_000,
    91_000,
  ]);
});

test('lists alone, day by day: what came and went between them makes nobody sure', () => {
  const day = 86_400;
  const first = [...listed('a', 1_000, 2 * day), ...listed('z', 1_100, 2 * day, 9), listEnds(1_100)];
  const second = [...listed('a', 1_000 + day, 2 * day), ...listed('z', 1_100 + day, 2 * day, 9), listEnds(1_100 + day)];
  const held = fold([...first, ...second]);
  const at = (1_000 + day / 2) * S;
  assert.ok(!held.some(h => h.sureFrom <= at && at <= h.sureTo));
  assert.ok(held.some(h => h.possibleFrom <= at && at <= h.possibleTo));
});

/** What a server writes about one holder, in the order of writing: grants, renewals, three ways to end, declines, repetitions. */
const stay = fc.record({
  who: fc.constantFrom('a', 'b', 'c'),
  life: fc.constantFrom(60, 600, 600),
  renewals: fc.array(fc.integer({ min: 1, max: 550 }), { maxLength: 4 }),
  ends: fc.constantFrom('released', 'deleted', 'silent', 'silent', 'declined', 'taken'),
  after: fc.constantFrom(0, 0, 1, 30, 400),
});
const journal = fc
  .tuple(fc.integer({ min: 2_000, max: 3_000 }), fc.array(stay, { minLength: 1, maxLength: 9 }), fc.boolean())
  .map(([start, stays, exact]) => {
    const out: OfLease[] = [];
    let now = start;
    for (const s of stays) {
      let renewed = now;
      out.push(lease(s.who, now, s.life));
      for (const gap of s.renewals) {
        if (gap > s.life) continue;
        renewed += gap;
        out.push(lease(s.who, renewed, s.life));
      }
      now = renewed;
      // A server writes the instants of releases down, or it does not.
      const given = s.ends === 'released' || s.ends === 'deleted';
      if (given && exact) {
        now += 1 + Math.floor(s.life / 3);
        out.push(release(s.who, now));
      }
      if (given && !exact) {
        out.push(release(s.who, renewed));
        now += Math.floor(s.life / 4);
      }
      if (s.ends === 'taken') now += Math.floor(s.life / 5);
      if (s.ends === 'silent') now += s.life;
      if (s.ends === 'declined') {
        now += 5;
        out.push(declined(now, 50));
        now += 50;
      }
      now += s.after;
    }
    return out;
  });
/** An instant at which nothing else happens decides between two clients of one second only by the order of writing. */
const inOrder = (events: readonly OfLease[]) => [...events].sort((a, b) => a.at - b.at);

test('as a stream, with repetitions and restarts, it is what going through everything gives', () => {
  fc.assert(
    fc.property(journal, fc.infiniteStream(fc.nat(9)), fc.integer({ min: 1, max: 5 }), (events, chance, every) => {
      const expected = texts(oracleHolds(inOrder(events)));
      assert.deepEqual(texts(fold(events, every)), expected);
      const again = events.flatMap((e, i) => {
        const back = events[Math.max(0, i - (chance.next().value as number))] as OfLease;
        return (chance.next().value as number) < 3 ? [e, back] : [e];
      });
      assert.deepEqual(texts(fold(again)), expected);
      assert.deepEqual(texts(fold([...events, ...events], every)), expected);
    }),
    { numRuns: 1_500 },
  );
});

const uniqueAt = (held: readonly Held[], at: number): string | undefined => {
  const possible = held.filter(h => h.possibleFrom <= at && at <= h.possibleTo);
  const who = possible[0]?.subscriber;
  if (!who || possible.some(h => h.subscriber !== who)) return undefined;
  return possible.some(h => h.sureFrom <= at && at <= h.sureTo) ? who : undefined;
};

test('in any order: whoever is the only one is at least possible by all records in their order', () => {
  let unique = 0;
  fc.assert(
    fc.property(
      journal.chain(events => fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length }))),
      fc.integer({ min: 1, max: 6 }),
      ([events, order], every) => {
        const truth = oracleHolds(inOrder(events));
        const held = fold(order, every);
        const first = Math.min(...events.map(e => e.at));
        const last = Math.max(...events.map(e => e.at)) + 700 * S;
        for (let at = first - 5_500; at <= last; at += 17 * S) {
          const who = uniqueAt(held, at);
          if (who === undefined) continue;
          unique++;
          const there = truth.filter(h => h.possibleFrom <= at && at <= h.possibleTo);
          assert.ok(there.length === 0 || there.some(h => h.subscriber === who), JSON.stringify({ at, who, order }));
        }
      },
    ),
    { numRuns: 600 },
  );
  assert.ok(unique > 10_000, `${unique}`);
});

test('memory is bounded by the holders, and by those in use where there are more', () => {
  const folder = makeLeaseFolder(undefined, 50);
  let given = 0;
  let saved = 0;
  for (let n = 0; n < 8_000; n++) {
    folder.take(lease(`c${n % 977}`, 1_000 + n * 3_600, 600, n % 40));
    folder.take(lease(`c${n % 977}`, 1_000 + n * 3_600, 600, 1_000 + n));
    if (n % 100 !== 0) continue;
    given += folder.closed().length;
    saved = Math.max(saved, JSON.stringify(folder.save()).length);
  }
  given += folder.closed().length;
  assert.equal(given + folder.open().length, 16_000);
  // One new holder an hour, forgotten after a month: 720, or twice as many before anybody looks.
  assert.ok(saved < 1_000_000, `${saved}`);
  assert.ok(LATENESS_MS < IDLE_MS);
});
