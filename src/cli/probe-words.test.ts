import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProbeReport } from '../role/probe-run.ts';
import { noneReported } from '../role/spool.ts';
import { faultOf, type Pace, progressRecord, progressText, summary } from './probe-words.ts';

const report = (changes: Partial<ProbeReport> = {}): ProbeReport => ({
  ...{ read: 20, duplicates: 0, skipped: 0, refused: 0, outside: 0, refusals: new Map() },
  ...{ checked: 1_240, positive: 3, tries: 90, local: 0, inFlight: 412, before: 0, closed: null },
  reported: { ...noneReported(), clear: 1_237, positive: 3 },
  ...changes,
});
const pace = (changes: Partial<Pace> = {}): Pace => ({
  ...{ month: '2026-11', seconds: 10, share: 0.25, malformed: 0 },
  ...changes,
});

test('the status line: percent and time left only where the length of the input is known', () => {
  assert.equal(
    progressText(report({ refused: 2 }), pace()),
    'probe 2026-11  25 %  124/s  412 in flight  1,240 checked  3 positive  90 tries  2 refused by mandate  0:30 left',
  );
  assert.equal(
    progressText(report(), pace({ share: undefined })),
    'probe 2026-11  124/s  412 in flight  1,240 checked  3 positive  90 tries  0 refused by mandate',
  );
});

test('machines get the same as one object, and the counts by report at the end', () => {
  const now = JSON.parse(progressRecord(report(), pace(), false)) as Record<string, unknown>;
  assert.deepEqual([now.stage, now.percent, now.secondsLeft, now.reported], ['probe', 25, 30, undefined]);
  const over = JSON.parse(progressRecord(report(), pace({ share: undefined }), true)) as Record<string, unknown>;
  assert.deepEqual([over.stage, over.percent, over.secondsLeft, over.inFlight], ['done', null, 0, 0]);
  assert.deepEqual(over.reported, report().reported);
});

test('the table leaves out what is zero and would only worry', () => {
  assert.doesNotMatch(summary(report(), pace()), /malformed|twice|resources|locked/);
  assert.match(
    summary(report({ duplicates: 2 }), pace({ malformed: 1 })),
    /malformed +1\n +lines that stood twice +2\n/,
  );
});

test('how it ends: the gravest first', () => {
  const ends = (changes: Partial<ProbeReport>, malformed = 0) => {
    const fault = faultOf(report(changes), malformed, 'stdin');
    return [fault?.exit, fault?.message.split(';')[0]];
  };
  assert.deepEqual(ends({}), [undefined, undefined]);
  assert.deepEqual(ends({}, 1), [4, 'stdin: 1 line was malformed']);
  assert.deepEqual(ends({ duplicates: 2, outside: 1 }), [
    4,
    'stdin: 2 lines stood twice, 1 line was outside the mandate',
  ]);
  const refusals = new Map([['outside-scope', 15] as const, ['excluded', 3] as const]);
  assert.deepEqual(ends({ refused: 18, duplicates: 2, refusals, outside: 15 }), [
    3,
    'every target was refused, so nothing was sent: 15 outside-scope, 3 excluded',
  ]);
  assert.deepEqual(ends({ refused: 18, refusals, outside: 15 })[0], 4, 'two were not refused');
  assert.deepEqual(ends({ refused: 17, outside: 0 })[0], undefined, 'excluded is no fault of the input');
  assert.equal(ends({ local: 4 }, 9)[0], 5);
  assert.equal(ends({ local: 4, closed: 'expired' }, 9)[0], 3);
});
