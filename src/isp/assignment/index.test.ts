/** The index against the definition: every hold whose possible extent meets the window, by looking at all of them. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { DAY } from '../../record/instant.ts';
import { commit, type Importer } from './commit.ts';
import { compact } from './compact.ts';
import type { Held } from './event.ts';
import { forgetAssignments } from './forget.ts';
import { Gathering } from './gathering.ts';
import { openAssignments, type Touching } from './index.ts';
import { Interning } from './interning.ts';
import { networkOf } from './ipv6/key.ts';
import { makeOwnKey, rawPublic, secretOf } from './keys.ts';
import { readManifest } from './manifest.ts';
import { makePools } from './pools.ts';
import { openSubscribers } from './subscribers.ts';
import { WINDOW_DAYS, windowStart } from './window.ts';

const root = mkdtempSync(join(tmpdir(), 'notice-index-'));
after(() => rmSync(root, { recursive: true, force: true }));
const pools = makePools([], 'pools');
/** In the middle of a window, so that holds fall into several. */
const T = windowStart(1_296) + 3 * DAY;
const NEVER = Number.POSITIVE_INFINITY;
let made = 0;

function importerIn(dir: string): Importer {
  const secret = secretOf(dir);
  const sealedTo = rawPublic(makeOwnKey(dir));
  return { dir, secret, interning: new Interning(secret), sealedTo, learnt: new Set() };
}

/** One commit of holds as a folder gives them: closed ones, and those that are still open. */
function put(importer: Importer, source: string, closed: readonly Held[], open: readonly Held[] = []): void {
  const exporters: string[] = [];
  const gather = (all: readonly Held[]) => {
    const gathered = { four: new Gathering(4), six: new Gathering(6) };
    for (const held of all) {
      let box = exporters.indexOf(held.exporter);
      if (box < 0) box = exporters.push(held.exporter) - 1;
      const number = importer.interning.internText(held.subscriber);
      (held.holder.family === 4 ? gathered.four : gathered.six).hold(held.holder, held, number, box);
    }
    return gathered;
  };
  const read = { closed: gather(closed), open: gather(open), exporters, state: null, used: 1, rejected: 0, files: [] };
  const stretches = { stretches: [[T, T + DAY]] as [number, number][], lost: [] };
  const heard = { exporters: Object.fromEntries(exporters.map(e => [e, stretches])) };
  commit(importer, { source, format: 'csv', options: {}, heard, replace: false, ...read });
}

const down = (ms: number) => Math.floor(ms / 1000) * 1000;
const up = (ms: number) => Math.ceil(ms / 1000) * 1000;
const TEXTS = ['possibleFrom', 'sureFrom', 'sureTo', 'possibleTo'] as const;

/** What is stored of a hold: whole seconds, sure never more and possible never less. */
const rounded = (h: Held) => ({
  possibleFrom: down(h.possibleFrom),
  sureFrom: up(h.sureFrom),
  sureTo: down(h.sureTo),
  possibleTo: up(h.possibleTo),
});

const extents = fc
  .tuple(fc.nat(40 * 86_400_000), fc.nat(5_000_000), fc.nat(5_000_000), fc.nat(5_000_000), fc.nat(9))
  .map(([start, a, b, c, kind]) => {
    const from = T + start;
    if (kind === 0) return { possibleFrom: from, sureFrom: from, sureTo: from + a, possibleTo: NEVER };
    if (kind === 1) return { possibleFrom: from, sureFrom: NEVER, sureTo: 0, possibleTo: from + a };
    if (kind < 6) return { possibleFrom: from, sureFrom: from, sureTo: from + a, possibleTo: from + a };
    return { possibleFrom: from, sureFrom: from + a, sureTo: from + a + b, possibleTo: from + a + b + c };
  });
const holder = fc.oneof(
  fc.record({
    family: fc.constant(4 as const),
    address: fc.constantFrom(0x0a000001, 0x0a000002, 0x64400001),
    ports: fc.constantFrom(
      [0, 65_535],
      [1_024, 2_047],
      [2_048, 3_071],
      [1_500, 2_500],
      [1_024, 65_535],
      [2_047, 2_047],
    ),
  }),
  fc.record({
    family: fc.constant(6 as const),
    prefix: fc.constantFrom(0x20010db8_0000_0000_0000_0000_0000_0000n, 0x20010db8_0012_3400_0000_0000_0000_0001n),
    length: fc.constantFrom(48, 56, 64, 128),
  }),
);
const held = fc
  .tuple(
    holder,
    extents,
    fc.constantFrom('', 'line-a', 'line-b', 'line-c', '@10.9.8.7'),
    fc.constantFrom('bng-1', 'bng-2'),
  )
  .map(([h, e, subscriber, exporter]): Held => {
    const of =
      h.family === 4
        ? { family: 4 as const, address: h.address, portFrom: h.ports[0]!, portTo: h.ports[1]! }
        : { family: 6 as const, prefix: networkOf(h.prefix, h.length), length: h.length };
    return { holder: of, subscriber, exporter, ...e };
  });

const textOf = (t: Touching | (Held & { source: string }), name: string) =>
  [t.source, t.exporter, name, ...TEXTS.map(k => t[k])].join(' ');

test('answers are exactly the holds that meet the window, before and after merging', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(held, { maxLength: 12 }), { minLength: 1, maxLength: 5 }),
      fc.array(held, { maxLength: 6 }),
      fc.array(
        fc.tuple(
          fc.nat(5),
          fc.constantFrom(23, 1_024, 1_600, 2_047, 2_048, 3_000),
          fc.nat(46 * 86_400_000),
          fc.nat(20_000),
        ),
        {
          minLength: 30,
          maxLength: 30,
        },
      ),
      (commits, open, questions) => {
        const dir = join(root, `${++made}`);
        const importer = importerIn(dir);
        for (const [n, closed] of commits.entries()) put(importer, `log-${n % 2}`, closed);
        put(importer, 'log-0', [], open);
        const all = [
          ...commits.flatMap((closed, n) => closed.map(h => ({ ...h, source: `log-${n % 2}` }))),
          ...open.map(h => ({ ...h, source: 'log-0' })),
        ];
        const check = () => {
          const index = openAssignments(dir, pools);
          const { nameOf } = openSubscribers(dir);
          const name = (number: number) =>
            nameOf(number) ?? (number === 0 ? '' : assert.fail('a number without a name'));
          for (const [which, port, at, e] of questions) {
            const [from, to] = [T + at - e, T + at + e];
            const meets = (h: Held) => rounded(h).possibleFrom <= to && rounded(h).possibleTo >= from;
            const address = [0x0a000001, 0x0a000002, 0x64400001, 7][which % 4] as number;
            const four = all.filter(
              ({ holder: h }) => h.family === 4 && h.address === address && h.portFrom <= port && port <= h.portTo,
            );
            const long = [0x20010db8_0000_0000_0000_0000_0000_0000n, 0x20010db8_0012_3400_0000_0000_0000_0001n][
              which % 2
            ]!;
            const six = all.filter(({ holder: h }) => h.family === 6 && networkOf(long, h.length) === h.prefix);
            const same = (found: readonly Touching[], wanted: readonly (Held & { source: string })[]) =>
              assert.deepEqual(
                [...new Set(found.map(t => textOf(t, name(t.subscriber))))].sort(),
                [...new Set(wanted.filter(meets).map(h => textOf({ ...h, ...rounded(h) }, h.subscriber)))].sort(),
              );
            same(index.touching(address, port, from, to), four);
            same(index.touching6(long, from, to), six);
            const lengths = index.touching6(long, from, to).map(t => t.length ?? 0);
            assert.deepEqual(
              lengths,
              [...lengths].sort((a, b) => b - a),
              'the longest prefix first',
            );
            assert.equal(index.everHeld(address, port), four.length > 0);
            assert.equal(index.everHeld6(long), six.length > 0);
            for (const t of index.touching(address, port, from, to))
              assert.equal(
                index.behindOf(t.subscriber)?.address,
                name(t.subscriber) === '@10.9.8.7' ? 0x0a090807 : undefined,
              );
          }
          return index.rows;
        };
        const before = check();
        compact(dir, true);
        assert.ok(check() <= before);
        const windows = readManifest(dir).segments.map(s => `${s.window} ${s.source}`);
        assert.equal(new Set(windows).size, windows.length, 'one file a window and source');
        assert.equal(compact(dir, true), 0, 'merged is merged');
      },
    ),
    { numRuns: 40 },
  );
});

test('a long-lived hold far behind thousands of short ones is found, wherever it lies', () => {
  const dir = join(root, 'zombie');
  const importer = importerIn(dir);
  const of = (from: number, to: number, subscriber: string): Held => ({
    holder: { family: 4, address: 7, portFrom: 0, portTo: 65_535 },
    exporter: 'bng',
    subscriber,
    ...{ possibleFrom: from, sureFrom: from, sureTo: to, possibleTo: to },
  });
  const short = Array.from({ length: 5_000 }, (_, n) => of(T + n * 10_000, T + n * 10_000 + 5_000, `s${n}`));
  put(importer, 'log', [of(T - DAY, T + 5 * DAY, 'zombie'), ...short]);
  const index = openAssignments(dir, pools);
  const { nameOf } = openSubscribers(dir);
  for (const n of [0, 17, 2_500, 4_999]) {
    const at = T + n * 10_000 + 1_000;
    const names = index.touching(7, 80, at, at).map(t => nameOf(t.subscriber));
    assert.deepEqual(names.sort(), [`s${n}`, 'zombie'].sort());
    assert.deepEqual(
      index.touching(7, 80, at + 6_000, at + 6_000).map(t => nameOf(t.subscriber)),
      ['zombie'],
    );
  }
});

test('a window goes whole when its first day is that old, with its names; open holds stay', () => {
  const dir = join(root, 'forget');
  const importer = importerIn(dir);
  const day = WINDOW_DAYS * DAY;
  const at = (window: number, name: string, to: number | undefined = undefined): Held => {
    const from = windowStart(1_296 + window) + DAY;
    const end = to ?? from + DAY;
    const extents = { possibleFrom: from, sureFrom: from, sureTo: end, possibleTo: end };
    return {
      holder: { family: 4, address: 9, portFrom: 0, portTo: 65_535 },
      exporter: 'bng',
      subscriber: name,
      ...extents,
    };
  };
  put(importer, 'log', [at(0, 'old'), at(0, 'both'), at(1, 'both'), at(2, 'young')], [at(0, 'open', NEVER)]);
  const start = windowStart(1_296);
  assert.equal(forgetAssignments(dir, start - 1), 0);
  assert.equal(openAssignments(dir, pools).rows, 5);
  assert.equal(forgetAssignments(dir, start), 2);
  const index = openAssignments(dir, pools);
  const names = () => {
    const { nameOf } = openSubscribers(dir);
    return [1, 2, 3, 4]
      .map(n => nameOf(n))
      .filter(n => n !== undefined)
      .sort();
  };
  assert.deepEqual(names(), ['both', 'open', 'young']);
  assert.equal(index.sources[0]?.first, start + day, 'about earlier times the index is silent');
  assert.equal(index.covers('log', start + DAY, start + DAY), 'before');
  assert.equal(forgetAssignments(dir, start), 0, 'again nothing');
  // An importer that began before goes on; what is too old by then is not taken in again.
  put(importer, 'log', [at(0, 'late'), at(2, 'young')], [at(0, 'open', NEVER)]);
  compact(dir, true);
  assert.equal(openAssignments(dir, pools).rows, 3);
  assert.deepEqual(names(), ['both', 'open', 'young']);
  assert.equal(forgetAssignments(dir, start + 3 * day), 2);
  assert.deepEqual(names(), ['open']);
});

test('a file that changed is refused; a crash leaves nothing that counts', () => {
  const dir = join(root, 'damage');
  const importer = importerIn(dir);
  put(importer, 'log', [
    {
      holder: { family: 4, address: 9, portFrom: 0, portTo: 65_535 },
      exporter: 'bng',
      subscriber: 'a',
      ...{ possibleFrom: T, sureFrom: T, sureTo: T + 1_000, possibleTo: T + 1_000 },
    },
  ]);
  const before = readdirSync(dir).sort();
  writeFileSync(join(dir, '2-1.seg'), 'half');
  assert.equal(openAssignments(dir, pools).rows, 1);
  put(importer, 'log', []);
  assert.ok(!readdirSync(dir).includes('2-1.seg'));
  for (const file of before.filter(f => f.endsWith('.seg'))) {
    const bytes = readFileSync(join(dir, file));
    for (let at = 0; at < bytes.length; at += 7) {
      const wrong = Buffer.from(bytes);
      wrong[at]! ^= 1;
      writeFileSync(join(dir, file), wrong);
      assert.throws(() => openAssignments(dir, pools), /damaged/, `byte ${at}`);
    }
    writeFileSync(join(dir, file), bytes.subarray(0, -1));
    assert.throws(() => openAssignments(dir, pools), /damaged/);
    writeFileSync(join(dir, file), bytes);
    openAssignments(dir, pools);
  }
});
