import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Held, LogEvent } from '../event.ts';
import { makeNatFolder } from './fold.ts';
import { makeLosses } from './losses.ts';
import { aDay, type Sent, seeded } from './world.ts';

const S = 1_000;
const NEVER = Number.POSITIVE_INFINITY;
const of = (who: string, block = 0, tie = '') => {
  const common = {
    ...{ errorMs: 0, exporter: 'cgn', subscriber: `@10.0.0.${who}`, session: `@10.0.0.${who} 7:${block} *!${tie}` },
    holder: { family: 4 as const, address: 7, portFrom: 1_024 + block, portTo: 1_535 + block },
  };
  return {
    begin: (at: number): LogEvent => ({ ...common, what: 'begin', at: Math.round(at * S) }),
    alive: (at: number, since: number): LogEvent => ({
      ...common,
      what: 'alive',
      at: Math.round(at * S),
      since: Math.round(since * S),
    }),
    end: (at: number): LogEvent => ({ ...common, what: 'end', at: Math.round(at * S) }),
  };
};
const lost = (from: number, at: number): LogEvent => ({
  ...{ what: 'lost', from: from * S, at: Math.round(at * S), errorMs: 0, exporter: 'cgn' },
});
const extents = (all: readonly Held[]) =>
  all
    .map(h => [
      h.subscriber.slice(-1),
      ...[h.possibleFrom, h.sureFrom, h.sureTo, h.possibleTo].map(t => (Number.isFinite(t) ? t / S : t)),
    ])
    .sort((a, b) => Number(a[2]) - Number(b[2]));
function fold(events: readonly LogEvent[]): Held[] {
  const folder = makeNatFolder();
  for (const event of events) folder.take(event);
  return [...folder.closed(), ...folder.open()];
}
const a = of('1');
const b = of('2');

test('without loss a begin and an end are one hold', () => {
  assert.deepEqual(extents(fold([a.begin(10), a.end(500)])), [['1', 10, 10, 500, 500]]);
});

test('over a loss they are not: another may have had the ports between', () => {
  const [before, after] = extents(fold([a.begin(10), lost(100, 130), a.end(500)]));
  assert.deepEqual(before, ['1', 10, 10, 100, 500]);
  assert.deepEqual(after?.slice(2, 4), [500, 500]);
  // Two gaps, and in what is left of the truth the ports were another's from 110 to 400.
  const held = fold([a.begin(10), lost(100, 130), lost(390, 420), a.end(500)]);
  for (const h of held) assert.ok(h.sureTo <= 100 * S || h.sureFrom >= 420 * S, JSON.stringify(h));
});

test('the box itself may say that it is still the same', () => {
  assert.deepEqual(extents(fold([a.begin(10), lost(100, 130), a.alive(200, 10), a.end(500)])), [
    ['1', 10, 10, 500, 500],
  ]);
  // Given anew since: two holds.
  const anew = extents(fold([a.begin(10), lost(100, 130), a.alive(200, 150), a.end(500)]));
  assert.deepEqual(
    anew.map(h => h.slice(2, 4)),
    [
      [10, 100],
      [200, 500],
    ],
  );
  const tied = of('1', 0, ' #77');
  assert.deepEqual(extents(fold([tied.begin(10), lost(100, 130), tied.end(500)])), [['1', 10, 10, 500, 500]]);
});

test('a loss says nothing of what ended before it, nor of another box', () => {
  const other = { ...lost(100, 130), exporter: 'other' };
  assert.deepEqual(extents(fold([a.begin(10), a.end(50), lost(100, 130), b.begin(200), other, b.end(300)])), [
    ['1', 10, 10, 50, 50],
    ['2', 200, 200, 300, 300],
  ]);
});

test('what ends and begins again at one instant, for the same customer or another', () => {
  for (const events of [
    [a.begin(10), a.end(50), a.begin(50), a.end(90)],
    [a.begin(10), a.begin(50), a.end(50), a.end(90)],
  ])
    assert.deepEqual(extents(fold(events)), [
      ['1', 10, 10, 50, 50],
      ['1', 50, 50, 90, 90],
    ]);
  assert.deepEqual(extents(fold([a.begin(10), a.end(50), b.begin(50), b.end(90)])), [
    ['1', 10, 10, 50, 50],
    ['2', 50, 50, 90, 90],
  ]);
});

test('what is open is proven up to the last record of a box that numbers them, and of no other', () => {
  const held = fold([a.begin(10), b.begin(900), b.end(1_000)]);
  assert.deepEqual(
    extents(held.filter(h => h.subscriber.endsWith('1'))).map(h => h.slice(0, 4)),
    [['1', 10, 10, 10]],
  );
  const beside = of('3', 512);
  const of1 = (events: readonly LogEvent[]) => extents(fold(events).filter(h => h.subscriber.endsWith('1')))[0];
  assert.deepEqual(of1([a.begin(10), beside.begin(900)])?.slice(1, 4), [10, 10, 900]);
  const unnumbered = [a.begin(10), beside.begin(900)].map(event =>
    'session' in event ? { ...event, session: event.session.replace('!', '') } : event,
  );
  assert.deepEqual(of1(unnumbered)?.slice(1, 4), [10, 10, 10]);
  assert.deepEqual(of1([a.begin(10), lost(100, 130), beside.begin(900)])?.slice(1, 4), [10, 10, 100]);
});

test('records that come again say nothing new', () => {
  const events = [a.begin(10), a.end(50), b.begin(60), a.begin(700), lost(800, 820), b.end(900), a.end(950)];
  const once = extents(fold(events));
  for (const i of events.keys())
    assert.deepEqual(extents(fold(events.flatMap((event, j) => (i === j ? [event, event] : [event])))), once, `${i}`);
});

test('losses: whether something is missing between two instants', () => {
  const losses = makeLosses();
  losses.add(10, 20);
  losses.add(30, 30);
  for (const [from, to, missing] of [
    [0, 10, false],
    [10, 20, true],
    [20, 30, false],
    [12, 15, true],
    [0, 5, false],
    [20, 31, true],
    [30, 31, true],
    [31, 40, false],
    [5, 50, true],
  ] as const)
    assert.equal(losses.between(from, to), missing, `${from} ${to}`);
  losses.add(15, 35);
  assert.deepEqual(losses.all, [[10, 35]]);
});

const HOUR = 3_600_000;
/** What arrives, with a loss told before the first record after it, as the parsers tell it. */
function told(sent: readonly Sent[], since: boolean): LogEvent[] {
  const events: LogEvent[] = [];
  let last: Sent | undefined;
  for (const record of sent) {
    if (!record.arrives) continue;
    if (last && record.number > last.number + 1)
      events.push({ ...lost(0, 0), from: last.at, at: record.at } as LogEvent);
    last = record;
    const { stay, what, at } = record;
    const who = of(`${stay.inside}`, stay.outside * 20_000 + stay.first);
    const event = what === 'alive' ? who.alive(at / S, since ? stay.from / S : at / S) : who[what](at / S);
    events.push(what === 'alive' && !since ? ({ ...event, since: undefined } as unknown as LogEvent) : event);
  }
  return events;
}

test('whatever is lost, nobody is sure where another was; saved and fed twice it is the same', () => {
  let sure = 0;
  fc.assert(
    fc.property(
      fc.integer(),
      fc.constantFrom(0, 0.02, 0.2),
      fc.constantFrom(undefined, 600_000),
      fc.boolean(),
      (seed, loss, interimMs, since) => {
        const plan = { begin: 0, lengthMs: 12 * HOUR, insides: 3, outsides: 1, blocks: 3, size: 512 };
        const chance = { loss, outages: 4, outageMs: HOUR / 2, ...(interimMs ? { interimMs } : {}) };
        const { stays, sent } = aDay({ random: seeded(seed), ...plan, ...chance });
        const events = told(sent, since);
        const held = fold(events);
        for (const h of held) {
          if (h.holder.family !== 4 || h.sureFrom >= h.sureTo) continue;
          sure += h.sureTo - h.sureFrom;
          const block = h.holder.portFrom - 1_024;
          for (const stay of stays) {
            if (stay.outside * 20_000 + stay.first !== block || h.subscriber === `@10.0.0.${stay.inside}`) continue;
            assert.ok(stay.to <= h.sureFrom || h.sureTo <= stay.from, JSON.stringify({ h, stay }));
          }
        }
        const twice = makeNatFolder();
        for (const event of events) twice.take(event);
        const again = makeNatFolder(JSON.parse(JSON.stringify(twice.save())));
        assert.deepEqual(again.open(), twice.open());
      },
    ),
    { numRuns: 60 },
  );
  assert.ok(sure > 10 * HOUR && sure < NEVER);
});

test('a box that does not number its records and loses one in ten is not believed over what shows it', () => {
  let sure = 0;
  for (let seed = 1; seed <= 12; seed++) {
    const plan = { begin: 0, lengthMs: 48 * HOUR, insides: 3, outsides: 1, blocks: 3, size: 512 };
    const { stays, sent } = aDay({ random: seeded(seed), ...plan, loss: 0.1, outages: 0, outageMs: 0 });
    const events = told(sent, false)
      .filter(event => event.what !== 'lost')
      .map(event => ('session' in event ? { ...event, session: event.session.replace('!', '') } : event));
    for (const h of fold(events)) {
      if (h.holder.family !== 4 || h.sureFrom >= h.sureTo) continue;
      sure++;
      const block = h.holder.portFrom - 1_024;
      for (const stay of stays)
        if (stay.outside * 20_000 + stay.first === block && h.subscriber !== `@10.0.0.${stay.inside}`)
          assert.ok(stay.to <= h.sureFrom || h.sureTo <= stay.from, JSON.stringify({ seed, h, stay }));
    }
  }
  assert.ok(sure > 50, `${sure}`);
});
