import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DAY, HOUR, isoOf } from '../../../record/instant.ts';
import { makeDating, readingAt } from './stamp.ts';

const wall = (text: string) => {
  const reading = readingAt(text, 0);
  return reading && [isoOf(reading.wall), reading.year, reading.zone, text.slice(reading.end)];
};

test('every form that a box writes', () => {
  assert.deepEqual(wall('2026-11-22T18:30:00.123456+09:00 x'), ['2026-11-22T18:30:00.123Z', 2026, 540, ' x']);
  assert.deepEqual(wall('2026-11-22T18:30:00Z'), ['2026-11-22T18:30:00.000Z', 2026, 0, '']);
  assert.deepEqual(wall('2026-11-22 18:30:00: x'), ['2026-11-22T18:30:00.000Z', 2026, undefined, ': x']);
  assert.deepEqual(wall('Nov  2 18:30:00 x'), ['2000-11-02T18:30:00.000Z', undefined, undefined, ' x']);
  assert.deepEqual(wall('Nov 22 2026 18:30:00.5 x'), ['2026-11-22T18:30:00.500Z', 2026, undefined, ' x']);
  assert.deepEqual(wall('Nov 22 18:30:00 2026 x'), ['2026-11-22T18:30:00.000Z', 2026, undefined, ' x']);
  assert.deepEqual(wall('2026 Nov 2 18:30:60 x'), ['2026-11-02T18:30:59.000Z', 2026, undefined, ' x']);
  for (const no of ['Nov 31 18:30:00', '2026-02-29T00:00:00Z', 'Nov 2 25:00:00', 'Nov 2', '', 'Foo 12 00:00:00'])
    assert.equal(readingAt(no, 0), undefined, no);
});

test('without a zone or a year nothing is guessed', () => {
  const reading = readingAt('Nov 22 18:30:00', 0);
  assert.ok(reading);
  assert.match(String(makeDating(2026, undefined).instantOf(reading, undefined)), /zone/);
  assert.match(String(makeDating(undefined, undefined).instantOf(reading, 0)), /year/);
  assert.equal(makeDating(2026, undefined).instantOf(reading, 540), Date.parse('2026-11-22T09:30:00Z'));
});

/** RFC 3164, in UTC. */
const bsd = (at: number): string => {
  const m = /(\d\d) (\w{3}) \d{4} (\d\d:\d\d:\d\d)/.exec(new Date(at).toUTCString());
  assert.ok(m);
  return `${m[2]} ${String(Number(m[1])).padStart(2)} ${m[3]} `;
};

test('the order of receiving tells the year, across new years, late lines and a stray one', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2027, 11) }),
      fc.array(fc.tuple(fc.nat(20 * DAY), fc.nat(3 * HOUR)), { minLength: 1, maxLength: 80 }),
      fc.nat(30),
      (begin, steps, stray) => {
        const first = Math.floor(begin / 1000) * 1000;
        const dating = makeDating(new Date(first).getUTCFullYear(), undefined);
        const dated = (at: number) => {
          const reading = readingAt(bsd(at), 0);
          assert.ok(reading);
          return dating.instantOf(reading, 0);
        };
        assert.equal(dated(first), first);
        let now = first;
        for (const [i, [step, late]] of steps.entries()) {
          const leaps = step > 7 * DAY + 3 * HOUR;
          now += Math.floor(step / 1000) * 1000;
          assert.equal(dated(now), now);
          if (leaps) assert.ok(dating.doubtMs > 7 * DAY);
          assert.equal(dated(now), now);
          assert.equal(dating.doubtMs, 0);
          const before = now - Math.floor(late / 1000) * 1000;
          assert.equal(dated(before), before);
          if (i === stray) {
            dated(now + 150 * DAY);
            assert.ok(dating.doubtMs > 100 * DAY);
          }
        }
      },
    ),
    { numRuns: 200 },
  );
});
