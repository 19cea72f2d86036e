import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Held, LogEvent } from '../event.ts';
import { UNTRUSTED } from '../hold.ts';
import { LATENESS_MS, LINGER_MS, makeSessionFolder } from './fold.ts';
import { oracleHolds } from './oracle.ts';

const S = 1_000;
const NEVER = Number.POSITIVE_INFINITY;
type Ports = readonly [from: number, to: number];
const WHOLE: Ports = [0, 65_535];
const of = (session: string, subscriber: string, address = 1, exporter = 'nas', [portFrom, portTo] = WHOLE) => {
  const common = {
    holder: { family: 4 as const, address, portFrom, portTo },
    session,
    subscriber,
    exporter,
    errorMs: 0,
  };
  return {
    begin: (at: number): LogEvent => ({ ...common, what: 'begin', at }),
    alive: (at: number, since?: number): LogEvent => ({
      ...common,
      what: 'alive',
      at,
      ...(since === undefined ? {} : { since }),
    }),
    end: (at: number, since?: number): LogEvent => ({
      ...common,
      what: 'end',
      at,
      ...(since === undefined ? {} : { since }),
    }),
    endedBy: (at: number): LogEvent => ({ ...common, what: 'ended-by', at }),
  };
};
const reset = (at: number, exporter = 'nas'): LogEvent => ({ what: 'reset', at, errorMs: 0, exporter });

const row = (h: Held) =>
  JSON.stringify([
    h.exporter,
    h.subscriber,
    h.holder.family === 4
      ? [h.holder.address, h.holder.portFrom, h.holder.portTo]
      : [`${h.holder.prefix}`, h.holder.length],
    ...[h.possibleFrom, h.sureFrom, h.sureTo, h.possibleTo].map(t => (t === NEVER ? 'inf' : t)),
  ]);
const rows = (all: readonly Held[]) => all.map(row).sort();
const extents = (all: readonly Held[]) =>
  all
    .map(h => [h.subscriber, h.possibleFrom, h.sureFrom, h.sureTo, h.possibleTo] as const)
    .sort((a, b) => a[1] - b[1] || a[2] - b[2]);

function fold(events: readonly LogEvent[], every = 1_000): Held[] {
  let folder = makeSessionFolder();
  const out: Held[] = [];
  for (const [i, event] of events.entries()) {
    folder.take(event);
    if (i % every === every - 1) {
      out.push(...folder.closed());
      if (i % 2 === 0) folder = makeSessionFolder(JSON.parse(JSON.stringify(folder.save())));
    }
  }
  out.push(...folder.closed());
  return [...out, ...folder.open()];
}

test('Start and Stop close both extents exactly', () => {
  const a = of('s1', 'A');
  assert.deepEqual(extents(fold([a.begin(10 * S), a.alive(50 * S, 10 * S), a.end(90 * S, 10 * S)])), [
    ['A', 10 * S, 10 * S, 90 * S, 90 * S],
  ]);
});

test('a lost Start is possible from its session time, sure from the first record', () => {
  const a = of('s1', 'A');
  assert.deepEqual(extents(fold([a.alive(50 * S, 10 * S), a.end(90 * S, 10 * S)])), [
    ['A', 10 * S, 50 * S, 90 * S, 90 * S],
  ]);
});

test('a lost Stop is sure up to the last record, possible up to the next begin on the holder, else open', () => {
  const a = of('s1', 'A');
  const b = of('s2', 'B');
  assert.deepEqual(extents(fold([a.begin(10 * S), a.alive(50 * S)])), [['A', 10 * S, 10 * S, 50 * S, NEVER]]);
  assert.deepEqual(extents(fold([a.begin(10 * S), a.alive(50 * S), b.begin(200 * S), b.end(300 * S)])), [
    ['A', 10 * S, 10 * S, 50 * S, 200 * S],
    ['B', 200 * S, 200 * S, 300 * S, 300 * S],
  ]);
});

test('the access server that came back under another name leaves rows that are possible only', () => {
  const a = of('s1', 'A', 1, 'old');
  const other = of('s9', 'A', 1, 'new');
  assert.deepEqual(extents(fold([a.begin(10 * S), other.begin(400 * S)])), [
    ['A', 10 * S, 10 * S, 10 * S, 400 * S],
    ['A', 400 * S, 400 * S, 400 * S, NEVER],
  ]);
});

test('a reset ends softly what its own exporter had open, and nothing else', () => {
  const a = of('s1', 'A');
  const b = of('s2', 'B', 2, 'other');
  assert.deepEqual(extents(fold([a.begin(10 * S), b.begin(11 * S), a.alive(50 * S), reset(80 * S)])), [
    ['A', 10 * S, 10 * S, 50 * S, 80 * S],
    ['B', 11 * S, 11 * S, 11 * S, NEVER],
  ]);
  assert.deepEqual(extents(fold([a.begin(10 * S), a.endedBy(80 * S)])), [['A', 10 * S, 10 * S, 10 * S, 80 * S]]);
});

test('an interim after the Stop stretches what is possible, and opens nothing', () => {
  const a = of('s1', 'A');
  assert.deepEqual(extents(fold([a.begin(10 * S), a.end(90 * S, 10 * S), a.alive(95 * S, 10 * S)])), [
    ['A', 10 * S, 10 * S, 90 * S, 95 * S],
  ]);
});

test('a session id used again after a reboot is another hold', () => {
  const a = of('s1', 'A');
  assert.deepEqual(extents(fold([a.begin(10 * S), a.alive(50 * S), a.begin(500 * S), a.end(600 * S, 500 * S)])), [
    ['A', 10 * S, 10 * S, 50 * S, 500 * S],
    ['A', 500 * S, 500 * S, 600 * S, 600 * S],
  ]);
  assert.deepEqual(extents(fold([a.begin(10 * S), a.end(50 * S), a.alive(900 * S, 800 * S)])), [
    ['A', 10 * S, 10 * S, 50 * S, 50 * S],
    ['A', 800 * S, 900 * S, 900 * S, NEVER],
  ]);
  const b = of('s1', 'B');
  assert.deepEqual(extents(fold([a.begin(10 * S), b.begin(500 * S)])), [
    ['A', 10 * S, 10 * S, 10 * S, 500 * S],
    ['B', 500 * S, 500 * S, 500 * S, NEVER],
  ]);
});

test('a record whose clocks disagree proves nothing, and its hold is never sure', () => {
  const a = of('s1', 'A');
  const year = 365 * 86_400 * S;
  const [held] = fold([{ ...a.begin(2 * year), errorMs: year }]);
  assert.deepEqual([held?.sureFrom, held?.sureTo], [UNTRUSTED.sureFrom, UNTRUSTED.sureTo]);
  assert.equal(held?.possibleFrom, year);
});

test('an error within what is allowed takes from what is sure and adds to what is possible', () => {
  const a = of('s1', 'A');
  assert.deepEqual(
    extents(
      fold([
        { ...a.begin(100 * S), errorMs: 3 * S },
        { ...a.end(200 * S), errorMs: 4 * S },
      ]),
    ),
    [['A', 97 * S, 103 * S, 196 * S, 204 * S]],
  );
});

test('blocks of ports that overlap bound one another; those beside do not', () => {
  const block = (session: string, portFrom: number, portTo: number, at: number): LogEvent => ({
    ...{ what: 'begin', at, errorMs: 0, exporter: 'nat', session, subscriber: session },
    holder: { family: 4, address: 7, portFrom, portTo },
  });
  const held = fold([block('a', 1024, 2047, 10 * S), block('b', 2048, 3071, 20 * S), block('c', 1536, 1599, 30 * S)]);
  assert.deepEqual(
    extents(held).map(([who, , , , to]) => [who, to]),
    [
      ['a', 30 * S],
      ['b', NEVER],
      ['c', NEVER],
    ],
  );
});

test('IPv6 prefixes go through JSON and back', () => {
  const prefix: LogEvent = {
    ...{ what: 'begin', at: 10 * S, errorMs: 0, exporter: 'nas', session: 's', subscriber: 'A' },
    holder: { family: 6, prefix: 0x20010db8_00000000_00000000_00000000n, length: 56 },
  };
  const folder = makeSessionFolder();
  folder.take(prefix);
  const again = makeSessionFolder(JSON.parse(JSON.stringify(folder.save())));
  assert.deepEqual(again.open(), folder.open());
  assert.equal(again.open()[0]?.holder.family, 6);
});

/** Sessions on few addresses, few ids, two exporters; parts of their records lost. */
const session = fc.record({
  id: fc.integer({ min: 1, max: 4 }),
  who: fc.constantFrom('A', 'B', 'C'),
  address: fc.integer({ min: 1, max: 2 }),
  ports: fc.constantFrom<Ports[]>(WHOLE, WHOLE, [1_024, 2_047], [1_536, 1_600], [2_000, 4_000], [2_048, 2_048]),
  exporter: fc.constantFrom('n1', 'n2'),
  start: fc.integer({ min: 0, max: 2_400 }),
  length: fc.integer({ min: 0, max: 900 }),
  interims: fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 4 }),
  lost: fc.record({ start: fc.boolean(), stop: fc.boolean(), since: fc.boolean() }),
  errorMs: fc.constantFrom(0, 0, 0, 2_000, 700_000),
});
const resets = fc.array(fc.integer({ min: 0, max: 3_400 }), { maxLength: 3 });
/**
 * Two exporters each in their own order, or one that loses everything. What one exporter says bounds what another leaves open, but
 * only as far as it has been heard: with both, a hold may be given out wider than brute force over everything makes it.
 */
const log = fc
  .record({ sessions: fc.array(session, { minLength: 1, maxLength: 12 }), resets, two: fc.boolean() })
  .map(({ sessions, resets, two }) => {
    const events: LogEvent[] = two ? [] : resets.map(at => reset(at * S, 'n1'));
    for (const s of sessions) {
      const e = of(`s${s.id}`, s.who, s.address, two ? s.exporter : 'n1', s.ports);
      const from = s.start * S;
      const since = s.lost.since && !two ? undefined : from;
      const own: LogEvent[] = [];
      if (!s.lost.start) own.push(e.begin(from));
      for (const i of s.interims) if (i <= s.length) own.push(e.alive(from + i * S, since));
      if (!s.lost.stop) own.push(e.end(from + s.length * S, since));
      events.push(...own.map((event, i) => (i === 1 ? { ...event, errorMs: s.errorMs } : event)));
    }
    return events.sort((a, b) => a.at - b.at);
  });
/** Every record as late as the bound allows at most, some twice. */
const shaken = fc
  .tuple(log, fc.infiniteStream(fc.integer({ min: 0, max: LATENESS_MS / S - 1 })), fc.infiniteStream(fc.boolean()))
  .map(([events, lateness, twice]) => {
    const arrivals = events.flatMap(event => {
      const once = { event, at: event.at + (lateness.next().value as number) * S };
      return twice.next().value ? [once, { event, at: event.at + (lateness.next().value as number) * S }] : [once];
    });
    return { events, shuffled: arrivals.sort((a, b) => a.at - b.at).map(a => a.event) };
  });

test('order and repetition within the bound change nothing, and all is as brute force says', () => {
  fc.assert(
    fc.property(shaken, fc.integer({ min: 1, max: 9 }), ({ events, shuffled }, every) => {
      const expected = rows(oracleHolds(events));
      assert.deepEqual(rows(fold(events)), expected);
      assert.deepEqual(rows(fold(shuffled, every)), expected);
    }),
    { numRuns: 1_000 },
  );
});

test('any order at all: nothing is sure that no record proves, and no session loses its veto', () => {
  fc.assert(
    fc.property(
      log.chain(events => fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length }))),
      ([events, order]) => {
        const held = fold(order, 3);
        for (const event of events) {
          if (event.what !== 'begin' && event.what !== 'alive' && event.what !== 'end') continue;
          const own = held.filter(h => h.subscriber === event.subscriber && h.exporter === event.exporter);
          assert.ok(
            own.some(h => h.possibleFrom <= event.at && event.at <= h.possibleTo),
            JSON.stringify([event, own]),
          );
        }
        const proven = events.map(e => e.at);
        for (const h of held) {
          assert.ok(h.possibleFrom <= h.possibleTo);
          if (h.sureFrom > h.sureTo) continue;
          assert.ok(h.possibleFrom <= h.sureFrom && h.sureTo <= h.possibleTo);
          assert.ok(
            proven.some(at => Math.abs(at - h.sureFrom) <= 2_000) &&
              proven.some(at => Math.abs(at - h.sureTo) <= 2_000),
          );
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

test('what is over is given once and forgotten: memory stays bounded', () => {
  const folder = makeSessionFolder();
  let given = 0;
  let most = 0;
  for (let i = 0; i < 50_000; i++) {
    const e = of(`s${i}`, `L${i % 100}`, i % 100);
    folder.take(e.begin(i * S));
    folder.take(e.end((i + 50) * S, i * S));
    // One Stop in a hundred is lost.
    if (i % 100 === 0) folder.take(of(`x${i}`, 'X', 1_000 + (i % 7)).begin(i * S));
    if (i % 500 === 0) {
      given += folder.closed().length;
      most = Math.max(most, (folder.save() as { holds: unknown[] }).holds.length);
    }
  }
  const end = of('z', 'Z', 1);
  folder.take(end.begin((50_000 + 200) * S + LINGER_MS));
  given += folder.closed().length;
  assert.equal(given + folder.open().length, 50_000 + 500 + 1);
  // An hour and the time until a hold is given out, one session a second, and those without a Stop.
  assert.ok(most < 2 * 3_600, `${most} saved`);
});
