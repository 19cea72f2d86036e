import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { IDENTIFICATION_VERDICTS } from '../record/assignment.ts';
import { DAY, HOUR, MINUTE } from '../record/instant.ts';
import { adviceFor, behindOf, type CaseSeen, type LogShown, missingIn } from './isp-logs-advice.ts';
import { spansOf } from './isp-logs-picture.tsx';
import { REMEDIES, spanWords } from './isp-logs-words.ts';

const NOW = Date.UTC(2026, 10, 22, 3);
const box = (exporter: string, through: number, ...gaps: { from: number; to: number }[]) => ({
  exporter,
  first: NOW - 60 * DAY,
  through,
  gaps,
});
const log = (name: string, ...exporters: LogShown['exporters']): LogShown => ({
  name,
  format: 'csv',
  exporters,
  first: NOW - 60 * DAY,
  through: Math.max(...exporters.map(e => e.through)),
  rows: 1,
  rejected: 0,
});
const gap = (daysAgo: number, hours: number) => ({ from: NOW - daysAgo * DAY, to: NOW - daysAgo * DAY + hours * HOUR });
const LOGS = [
  log('radius', box('bras-1', NOW - HOUR, gap(20, 5), gap(3, 1)), box('bras-2', NOW - HOUR)),
  log('cgn', box('nat-1', NOW - 3 * DAY, gap(50, 9))),
];
const seen = (verdict: CaseSeen['verdict'], at: number): CaseSeen => ({ verdict, seenAt: at });

test('a finger is pointed at the hours in which cases were refused, and at the box that ends too early', () => {
  const cases = [
    seen('log_gap', NOW - 3 * DAY + 10 * MINUTE),
    seen('log_gap', NOW - 3 * DAY + 20 * MINUTE),
    seen('log_gap', NOW - 10 * DAY),
    seen('log_pending', NOW - 2 * DAY),
    seen('ambiguous_soft_end', NOW - DAY),
    ...Array.from({ length: 5 }, () => seen('unique', NOW - DAY)),
  ];
  const advice = adviceFor(LOGS, cases, NOW, 30);
  assert.deepEqual(
    advice.map(a => [a.verdict, a.cases, a.points]),
    [
      ['log_gap', 3, 30],
      ['ambiguous_soft_end', 1, 10],
      ['log_pending', 1, 10],
    ],
  );
  assert.deepEqual(
    advice[0]?.missing.map(m => [m.exporter, m.from, m.cases]),
    [
      ['bras-1', NOW - 3 * DAY, 2],
      ['bras-1', NOW - 20 * DAY, 0],
    ],
  );
  assert.deepEqual(
    advice.find(a => a.verdict === 'log_pending')?.behind.map(b => b.exporter),
    ['nat-1'],
  );
  assert.match(REMEDIES.ambiguous_soft_end.en, /Stop records are lost.*interim/);
  assert.equal(missingIn(LOGS, [], NOW - 90 * DAY, NOW).length, 3, 'further back there is one more');
  assert.deepEqual(behindOf(LOGS, []), [], 'nobody is behind when nothing waits');
});

test('every refusal is counted once, and the points add up to what is not identified', () => {
  const some = fc.array(
    fc.record({
      verdict: fc.constantFrom(...IDENTIFICATION_VERDICTS),
      seenAt: fc.integer({ min: NOW - 40 * DAY, max: NOW }),
    }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(some, cases => {
      const advice = adviceFor(LOGS, cases, NOW, 30);
      const refused = cases.filter(one => one.verdict !== 'unique').length;
      assert.equal(
        advice.reduce((sum, a) => sum + a.cases, 0),
        refused,
      );
      const points = advice.reduce((sum, a) => sum + a.points, 0);
      assert.ok(Math.abs(points - (cases.length === 0 ? 0 : (100 * refused) / cases.length)) < 1e-6);
    }),
  );
});

test('no gap is too short to be seen, and nothing is drawn outside', () => {
  const gaps = fc.array(
    fc.record({ ago: fc.integer({ min: 1, max: 60 * 24 * 60 }), minutes: fc.integer({ min: 1, max: 5_000 }) }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(gaps, fc.integer({ min: 0, max: 90 }), fc.constantFrom(30, 90, 180), (some, behind, days) => {
      const from = NOW - days * DAY;
      const one = box(
        'b',
        NOW - behind * DAY,
        ...some.map(g => ({ from: NOW - g.ago * MINUTE, to: NOW - (g.ago - g.minutes) * MINUTE })),
      );
      const spans = spansOf(one, from, NOW);
      const shown = one.gaps.filter(g => g.to > from && g.from < NOW);
      assert.equal(spans.filter(s => s.what === 'gap').length, shown.length);
      for (const { what, x, width } of spans) {
        assert.ok(x >= 0 && x + width <= 1_000 + 1e-9, `${what} from ${x} over ${width}`);
        assert.ok(width > 0 && (what !== 'gap' || width >= 6));
      }
    }),
  );
});

test('a length of time is said shortly, in both languages', () => {
  assert.deepEqual(
    [20_000, 30 * MINUTE, 5 * HOUR, 5 * HOUR + 20 * MINUTE, 75 * HOUR].map(ms => [
      spanWords(ms, 'en'),
      spanWords(ms, 'ja'),
    ]),
    [
      ['1 min', '1分'],
      ['30 min', '30分'],
      ['5 h', '5時間'],
      ['5 h 20 min', '5時間20分'],
      ['3 days', '3日'],
    ],
  );
});
