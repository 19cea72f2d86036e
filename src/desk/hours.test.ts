import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DAY, type Instant, instantOf, JST, MINUTE } from '../record/instant.ts';
import { DEFAULT_HOURS, type Interval, nextChange, type OpeningHours, openAt } from './hours.ts';
import { deskState } from './hours-words.ts';

const at = (text: string): Instant => {
  const instant = instantOf(text);
  assert.ok(instant !== undefined, text);
  return instant;
};

/** Slow and plain: paints every minute of a stretch of days, one by one, with a calendar of its own. */
function painted(hours: OpeningHours, from: Instant, days: number): Uint8Array {
  const minutes = new Uint8Array(days * 1440);
  const firstDay = Math.floor((from + JST) / DAY);
  for (let day = -3; day < days; day++) {
    const date = new Date((firstDay + day) * DAY);
    const two = (n: number) => String(n).padStart(2, '0');
    const monthDay = `${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
    const set =
      hours.overrides[`${date.getUTCFullYear()}-${monthDay}`] ??
      hours.overrides[monthDay] ??
      hours.weekly[date.getUTCDay()] ??
      [];
    for (const { from: a, to: b } of set)
      for (let m = a; m < b; m++) {
        const index = day * 1440 + m;
        if (index >= 0 && index < minutes.length) minutes[index] = 1;
      }
  }
  return minutes;
}

const interval: fc.Arbitrary<Interval> = fc
  .tuple(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 1, max: 900 }))
  .map(([from, length]) => ({ from, to: from + length }));
const someHours: fc.Arbitrary<OpeningHours> = fc.record({
  weekly: fc.array(fc.array(interval, { maxLength: 3 }), { minLength: 7, maxLength: 7 }),
  overrides: fc.dictionary(
    fc.constantFrom('12-29', '12-31', '01-01', '02-29', '2028-02-29', '2026-12-30', '01-02'),
    fc.array(interval, { maxLength: 2 }),
    { maxKeys: 5 },
  ),
});

test('open, closed and the next change agree with a minute-by-minute count', () => {
  const starts = [at('2026-12-27T15:00:00Z'), at('2028-02-26T15:00:00Z'), at('2027-06-01T15:00:00Z')];
  fc.assert(
    fc.property(
      someHours,
      fc.constantFrom(...starts),
      fc.integer({ min: 0, max: 3 * 1440 }),
      (hours, start, offset) => {
        const minutes = painted(hours, start, 12);
        const now = start + offset * MINUTE;
        assert.equal(openAt(hours, now), minutes[offset] === 1);
        assert.equal(openAt(hours, now + 59_999), minutes[offset] === 1);
        const expected = minutes.findIndex((m, i) => i > offset && m !== minutes[offset]);
        const change = nextChange(hours, now);
        if (expected >= 0) assert.equal(change, start + expected * MINUTE);
        else assert.ok(change === undefined || change >= start + 12 * DAY);
      },
    ),
    { numRuns: 300 },
  );
});

test('the default: 10:00 to 18:00 every day, shut from 29 December to 3 January', () => {
  assert.equal(openAt(DEFAULT_HOURS, at('2026-11-22T10:00:00+09:00')), true);
  assert.equal(openAt(DEFAULT_HOURS, at('2026-11-22T09:59:59+09:00')), false);
  assert.equal(openAt(DEFAULT_HOURS, at('2026-11-22T18:00:00+09:00')), false);
  assert.equal(openAt(DEFAULT_HOURS, at('2027-01-03T12:00:00+09:00')), false);
  assert.equal(nextChange(DEFAULT_HOURS, at('2026-12-28T18:00:00+09:00')), at('2027-01-04T10:00:00+09:00'));
});

test('the words say until when, or from when, in both languages', () => {
  const say = (text: string) => [
    deskState(DEFAULT_HOURS, at(text), 'ja').words,
    deskState(DEFAULT_HOURS, at(text), 'en').words,
  ];
  assert.deepEqual(say('2026-11-22T12:00:00+09:00'), ['受付中（18:00まで）', 'Open now until 18:00 JST']);
  assert.deepEqual(say('2026-11-22T03:00:00+09:00'), ['時間外（本日10:00から受付）', 'Closed, opens today 10:00 JST']);
  assert.deepEqual(say('2026-11-22T20:00:00+09:00'), [
    '時間外（明日10:00から受付）',
    'Closed, opens tomorrow 10:00 JST',
  ]);
  assert.deepEqual(say('2026-12-31T12:00:00+09:00'), [
    '時間外（月曜日10:00から受付）',
    'Closed, opens Monday 10:00 JST',
  ]);
  assert.match(say('2026-12-28T19:00:00+09:00')[0] as string, /2027年1月4日（月）10:00/);
});

test('a centre that never opens, or never closes, has no next change', () => {
  const shut = { weekly: Array.from({ length: 7 }, () => []), overrides: {} };
  const always = { weekly: Array.from({ length: 7 }, () => [{ from: 0, to: 1440 }]), overrides: {} };
  assert.equal(nextChange(shut, 0), undefined);
  assert.equal(nextChange(always, 0), undefined);
  assert.equal(deskState(shut, 0, 'en').words, 'Closed');
  assert.equal(deskState(always, 0, 'en').open, true);
});
