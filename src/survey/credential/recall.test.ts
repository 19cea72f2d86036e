import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { sha256 } from '../../record/digest.ts';
import { Fault } from '../../record/fault.ts';
import { type Catalogue, loadCatalogue } from './catalogue.ts';
import { recallOf } from './recall.ts';
import { readPopulation, type SimulatedService } from './recall-population.ts';

const read = (name: string) => readFileSync(fileURLToPath(new URL(name, import.meta.url)), 'utf8');
const catalogueOf = (text: string): Catalogue => loadCatalogue(text, sha256(text), 'catalogue.json');
const WEIGHTS = read('./recall-weights.json');

const percent = (share: number | null) => (share === null ? null : Math.round(share * 1_000) / 10);

test('the shipped catalogue over the shipped population', () => {
  const { rows, pairsInUse, reach } = recallOf(
    catalogueOf(read('./rehearsal-catalogue.json')),
    readPopulation(WEIGHTS, 'recall-weights.json').services,
    [5, 0, 99],
  );
  assert.deepEqual(
    rows.map(row => [row.tries, percent(row.known), percent(row.unknown), percent(row.together)]),
    [
      [1, 63.3, 23.6, 57.5],
      [2, 66.7, 32.8, 66.7],
      [3, 70, 47.4, 70],
      [4, 73.3, 56, 73.3],
      [5, 76.7, 59.3, 76.7],
      [6, 80, 68.7, 80],
      [8, 86.7, 80.9, 86.7],
      [12, 100, 100, 100],
    ],
  );
  assert.equal(pairsInUse, 12);
  assert.ok(Math.abs(reach - 1) < 1e-9);
});

const pairs = (count: number, vendorOf: (n: number) => string[], weightOf: (n: number) => number) =>
  catalogueOf(
    JSON.stringify({
      format: 'notice-catalogue/1',
      version: 'v1',
      pairs: Array.from({ length: count }, (_, n) => ({
        user: `u${n % 3}`,
        password: `p${n}`,
        vendors: vendorOf(n),
        protocols: ['telnet', 'http'],
        weight: weightOf(n),
      })),
    }),
  );

test('what nobody left, or the catalogue does not hold, is not recalled', () => {
  const catalogue = pairs(
    3,
    () => [],
    n => 9 - n,
  );
  const service = (password: string): SimulatedService => ({
    vendor: null,
    protocol: 'telnet',
    share: 0.5,
    pairs: [{ user: 'u1', password, share: 1 }],
  });
  const none = recallOf(catalogue, [service('elsewhere')]);
  assert.deepEqual(none.rows.at(-1), { tries: 3, known: null, unknown: null, together: null });
  assert.deepEqual([none.pairsInUse, none.reach], [0, 0]);
  const half = recallOf(catalogue, [service('elsewhere'), service('p1')]);
  assert.deepEqual([half.pairsInUse, half.reach], [1, 0.5]);
  assert.deepEqual(
    half.rows.map(row => [row.tries, row.together]),
    [
      [1, 0],
      [2, 1],
      [3, 1],
    ],
  );
});

test('pairs of one weight share the places evenly over the seeds', () => {
  const { rows } = recallOf(
    pairs(
      2,
      () => [],
      () => 1,
    ),
    [{ vendor: null, protocol: 'http', share: 1, pairs: [{ user: 'u0', password: 'p0', share: 1 }] }],
  );
  const first = rows[0]?.unknown ?? 0;
  assert.ok(first > 0.35 && first < 0.65, `${first}`);
});

test('never less with more tries, all with all, and knowing the maker helps the first try', () => {
  const world = fc.record({
    weights: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 14 }),
    models: fc.array(
      fc.record({
        named: fc.boolean(),
        factory: fc.nat(13),
        share: fc.integer({ min: 1, max: 9 }),
        http: fc.boolean(),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    kept: fc.double({ min: 0.5, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(world, ({ weights, models, kept }) => {
      const count = weights.length;
      const all = models.map((model, n) => ({ ...model, vendor: `Maker ${n}`, factory: model.factory % count }));
      const catalogue = pairs(
        count,
        n => all.filter(model => model.named && model.factory === n).map(model => model.vendor),
        n => weights[n] ?? 0,
      );
      const population = all.map(
        ({ named, vendor, factory, share, http }): SimulatedService => ({
          vendor: named ? vendor : null,
          protocol: http ? 'http' : 'telnet',
          share,
          pairs: catalogue.pairs.map(({ user, password, ordinal }) => ({
            user,
            password: password.reveal(),
            share: (1 - kept) / count + (ordinal === factory ? kept : 0),
          })),
        }),
      );
      const { rows } = recallOf(catalogue, population);
      for (const column of ['known', 'unknown', 'together'] as const) {
        const values = rows.map(row => row[column]);
        if (column === 'known' && !models.some(model => model.named)) {
          assert.deepEqual(new Set(values), new Set([null]));
          continue;
        }
        const shares = values.map(value => value ?? Number.NaN);
        assert.ok(
          shares.every((value, i) => value >= (shares[i - 1] ?? 0) - 1e-9),
          `${column}: ${shares}`,
        );
        assert.equal(shares.at(-1), 1);
      }
      const [first] = rows;
      if (first?.known != null) assert.ok(first.known >= (first.unknown ?? 0) - 1e-9);
    }),
    { numRuns: 60 },
  );
});

test('a file of weights that is not of the form is named by its place', () => {
  const refused = (change: (weights: Record<string, unknown>) => unknown, match: RegExp) =>
    assert.throws(
      () => readPopulation(JSON.stringify(change(JSON.parse(WEIGHTS))), 'weights.json'),
      (error: unknown) => error instanceof Fault && error.code === 'input' && match.test(error.message),
    );
  assert.throws(() => readPopulation('{', 'weights.json'), /weights\.json: is not JSON/);
  refused(w => ({ ...w, format: 'other' }), /format is not of the form/);
  refused(w => ({ ...w, notes: [] }), /notes/);
  refused(w => ({ ...w, chosen: [{ user: 'a', password: 'S3cret', share: -1 }] }), /^(?!.*S3cret).*chosen\.0\.share/);
  refused(w => ({ ...w, chosen: [{ user: 'a', password: 'b', share: 0 }] }), /sum to nothing/);
  refused(w => ({ ...w, models: [{ model: 'm' }] }), /models\.0/);
});
