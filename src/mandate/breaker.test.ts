import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { DAY } from '../record/instant.ts';
import { after, type ClassEvent, type ClassState, FRESH, onDay, triesOf } from './breaker.ts';
import { openClasses } from './classes.ts';

const events = fc.array(
  fc.record({
    event: fc.constantFrom<ClassEvent>('seen', 'locked', 'asked-again', 'gone-silent'),
    day: fc.constantFrom(0, 0, 0, 0, 0, 1, -1),
    times: fc.integer({ min: 1, max: 400 }),
  }),
  { maxLength: 40 },
);

test('a class breaks at five silent and a tenth of those asked again, never sooner, and stays broken', () => {
  fc.assert(
    fc.property(events, all => {
      let state: ClassState = FRESH;
      let day = 20_000;
      for (const { event, day: step, times } of all) {
        day += step;
        for (let n = 0; n < times; n++) {
          const was = onDay(state, day);
          const { news, ...now } = after(state, event, day);
          if (news === 'broken') {
            assert.ok(now.goneSilent >= 5 && now.goneSilent >= 0.1 * now.askedAgain && event === 'gone-silent');
          } else if (!now.broken && event === 'gone-silent') {
            assert.ok(now.goneSilent < 5 || now.goneSilent < 0.1 * now.askedAgain, 'it should have broken');
          }
          if (was.broken) assert.ok(now.broken && news !== 'broken', 'only a person releases it');
          if (news === 'alarm')
            assert.ok(event === 'locked' && now.locked >= 3 && now.locked > now.seen / 1_000 && !was.alarmed);
          state = now;
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('a lockout halves the tries of a model until the day is over, and never below one', () => {
  const locked = after(FRESH, 'locked', 20_000);
  assert.deepEqual(
    [12, 7, 2, 1].map(most => triesOf(locked, most)),
    [6, 3, 1, 1],
  );
  assert.equal(triesOf(onDay(locked, 20_001), 12), 12);
  assert.equal(triesOf(after(FRESH, 'seen', 20_000), 12), 12);
});

test('three lockouts of few devices are said once a day; three of ten thousand are not', () => {
  const run = (seen: number) => {
    let state: ClassState = FRESH;
    let alarms = 0;
    const feed = (event: ClassEvent, day: number) => {
      const { news, ...now } = after(state, event, day);
      state = now;
      alarms += Number(news === 'alarm');
    };
    for (const day of [20_000, 20_001]) {
      for (let n = 0; n < seen; n++) feed('seen', day);
      for (let n = 0; n < 5; n++) feed('locked', day);
    }
    return alarms;
  };
  assert.equal(run(10), 2);
  assert.equal(run(2_000), 2);
  assert.equal(run(10_000), 0);
});

test('silence counts for less each day, so that a fault of long ago is forgotten', () => {
  let state: ClassState = FRESH;
  for (let n = 0; n < 4; n++) state = after(state, 'gone-silent', 20_000);
  assert.ok(after(state, 'gone-silent', 20_000).broken);
  assert.ok(!after(state, 'gone-silent', 20_003).broken);
});

test('a broken class stays so over restarts until its line is taken out, and then begins anew', () => {
  const dir = mkdtempSync(join(tmpdir(), 'notice-classes-'));
  const now = 20_000 * DAY;
  let classes = openClasses(dir);
  const silent = () => classes.report('Hinoki HR-200', 'gone-silent', now);
  for (let n = 0; n < 4; n++) assert.equal(silent(), undefined);
  classes = openClasses(dir);
  const told = silent();
  assert.equal(told?.news, 'broken');
  const list = join(dir, 'broken-classes.txt');
  assert.match(told?.text ?? '', /^Hinoki HR-200: 5 of 0 .*; .*broken-classes\.txt and start again$/);
  assert.equal(silent(), undefined, 'said once');
  for (let n = 0; n < 2; n++) {
    classes = openClasses(dir);
    assert.deepEqual([classes.broken('Hinoki HR-200'), classes.broken('Sazanami SV-5')], [true, false]);
  }
  const [head = ''] = readFileSync(list, 'utf8').split('\n');
  writeFileSync(list, `${head}\n`);
  classes = openClasses(dir);
  assert.equal(classes.broken('Hinoki HR-200'), false);
  for (let n = 0; n < 4; n++) assert.equal(silent(), undefined, 'begins anew');
  classes.report('Hinoki HR-200', 'locked', now);
  assert.equal(openClasses(dir).tries('Hinoki HR-200', 10, now), 5);
  assert.equal(openClasses(dir).tries('Hinoki HR-200', 10, now + DAY), 10);
  rmSync(dir, { recursive: true });
});
