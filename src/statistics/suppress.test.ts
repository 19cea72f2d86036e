import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MonthCounts } from '../record/statistics.ts';
import { cell, LEAST, OTHERS, suppress, suppressParts } from './suppress.ts';

test('a cell under ten is never published, ten is', () => {
  assert.equal(cell(9), null);
  assert.equal(cell(0), null);
  assert.equal(cell(10), 10);
});

test('a single small part takes the next smallest with it', () => {
  assert.deepEqual(suppressParts([200, 3, 40]), [200, null, null]);
  assert.deepEqual(suppressParts([200, 30, 40]), [200, 30, 40]);
});

test('two parts whose sum is small do not stay alone', () => {
  assert.deepEqual(suppressParts([2, 3, 50, 60]), [null, null, null, 60]);
});

test('from published parts and their total nobody computes a hidden cell under ten', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }), parts => {
      const cells = suppressParts(parts);
      const total = parts.reduce((a, b) => a + b, 0);
      const hidden = parts.flatMap((count, at) => (cells[at] === null ? [count] : []));
      const difference = total - cells.reduce<number>((a, b) => a + (b ?? 0), 0);
      for (const [at, count] of parts.entries()) if (count < LEAST) assert.equal(cells[at], null);
      if (hidden.length === 0) return;
      // What subtraction gives is the sum of the hidden parts: it names one only when there is one.
      assert.equal(
        difference,
        hidden.reduce((a, b) => a + b, 0),
      );
      if (total >= LEAST && parts.length > 1)
        assert.ok(hidden.length >= 2 && difference >= LEAST, JSON.stringify({ parts, cells }));
    }),
  );
});

const QUIET: MonthCounts = {
  month: '2026-11',
  rehearsal: true,
  isps: 5,
  addresses: 65_536,
  ports: 3,
  answered: 0,
  prompts: 0,
  detected: { guessable: 0, 'no-login': 0, firmware: 0, infected: 0, reflector: 0 },
  returned: 0,
  handedOver: 0,
  identified: 0,
  refused: [],
  alertedMail: 0,
  alertedLetter: 0,
  rechecked: 0,
  fixed: 0,
  notSeen: 0,
  stillOpen: 0,
  models: [],
  inquiries: [],
};

/**
 * Somebody who knows the rules makes every month there could have been, keeps those that look as published, and asks
 * which cell has the same value from 1 to 9 in all of them. Values of `cells` are what a world really counts.
 */
function determined(worlds: Iterable<{ counts: MonthCounts; cells: readonly number[] }>): string[] {
  const alike = new Map<string, (number | undefined)[]>();
  const known: string[] = [];
  for (const { counts, cells } of worlds) {
    const seen = JSON.stringify(suppress(counts));
    const before = alike.get(seen);
    if (!before) alike.set(seen, [...cells]);
    // `undefined` is a cell that two worlds disagree about.
    else for (const [at, value] of cells.entries()) if (before[at] !== value) before[at] = undefined;
  }
  for (const [seen, cells] of alike)
    if (cells.some(value => value !== undefined && value > 0 && value < LEAST)) known.push(`${cells} in ${seen}`);
  return known;
}

function* grid(sizes: readonly number[]): Generator<number[]> {
  const [first, ...rest] = sizes;
  if (first === undefined) yield [];
  else for (let value = 0; value <= first; value++) for (const others of grid(rest)) yield [value, ...others];
}

test('knowing the rules, nobody works out how many devices of a model there are when under ten', () => {
  function* worlds() {
    for (const cells of grid([17, 17, 17, 17])) {
      const models = cells.map((cases, at) => ({ label: `model ${at}`, cases }));
      const guessable = cells.reduce((a, b) => a + b, 0);
      yield { counts: { ...QUIET, models, detected: { ...QUIET.detected, guessable } }, cells };
    }
  }
  assert.deepEqual(determined(worlds()), []);
});

test('nor how many cases an ISP could not place, or could, when under ten', () => {
  function* worlds() {
    for (const cells of grid([17, 17, 17, 17])) {
      const [identified = 0, ...reasons] = cells;
      const refused = ['log_gap', 'ambiguous_edge'].map((reason, at) => ({ reason, cases: reasons[at] ?? 0 }));
      const handedOver = cells.reduce((a, b) => a + b, 0);
      yield { counts: { ...QUIET, handedOver, identified, refused }, cells };
    }
  }
  assert.deepEqual(determined(worlds()), []);
});

test('the attack finds what a simpler rule gives away', () => {
  // Only what is under ten, and the next smallest where that is one part alone: 10, 9 and 9 are then known.
  const simple = (parts: readonly number[]) => parts.map(cell);
  const looks = (parts: readonly number[]) => JSON.stringify([simple(parts), parts.reduce((a, b) => a + b)]);
  const alike = [...grid([12, 12, 12])].filter(parts => looks(parts) === looks([10, 9, 9]) && !parts.includes(0));
  assert.deepEqual(alike, [[10, 9, 9]]);
  assert.deepEqual(suppressParts([10, 9, 9]), [null, null, null]);
  assert.deepEqual(suppressParts([50, 12, 12, 9]), [50, null, null, null]);
});

test('what is hidden is one row without a name; what does not occur is no row', () => {
  const models = [
    { label: 'big', cases: 60 },
    { label: 'small', cases: 2 },
    { label: 'middle', cases: 20 },
    { label: 'none', cases: 0 },
  ];
  assert.deepEqual(suppress({ ...QUIET, models }).models, [
    { label: 'big', cases: 60 },
    { label: OTHERS, cases: null },
  ]);
  const all = models.filter(m => m.cases >= LEAST);
  assert.deepEqual(suppress({ ...QUIET, models: all }).models, all);
});
