import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import fc from 'fast-check';
import type { OpenedBundle } from '../../src/exchange/bundle.ts';
import { chainVerdict, FIRST_PREV, openBundle } from '../../src/exchange/bundle.ts';
import type { QueueOptions } from '../../src/exchange/outbox.ts';
import { codesHandedOver, queueBundles } from '../../src/exchange/outbox.ts';
import { makeSealingKey, makeSigningKey } from '../../src/mandate/keys.ts';
import { alertCodeHash, readAlertCode } from '../../src/record/alert-code.ts';
import type { BundleRow } from '../../src/record/bundle.ts';
import type { CaseState } from '../../src/record/case.ts';
import { caseIdOf, Died, openTestCentre, putCase } from './centre-tables.ts';

const centre = await openTestCentre();
const { db } = centre;
const signer = makeSigningKey();
const pinned = [{ key: signer.key, publicKey: signer.publicKey }];
const isps = new Map([
  ['isp-a', makeSealingKey()],
  ['isp-b', makeSealingKey()],
]);
const options = (over: Partial<QueueOptions> = {}): QueueOptions => ({
  month: '2026-11',
  now: 5_000,
  auditRoot: 'a'.repeat(64),
  sealing: new Map([...isps].map(([isp, key]) => [isp, key.publicKey])),
  signer,
  codeKey: Buffer.alloc(32, 1),
  codeHashKey: Buffer.alloc(32, 2),
  ...over,
});

/** Everything an ISP has been handed, opened and checked for being one chain. */
async function opened(isp = 'isp-a'): Promise<OpenedBundle[]> {
  const stored = await db.selectFrom('bundle').selectAll().where('isp', '=', isp).orderBy('seq').execute();
  const all: OpenedBundle[] = [];
  for (const { sealed, digest, rows } of stored) {
    const bundle = await openBundle(sealed, isps.get(isp)!, pinned);
    const last = all.at(-1);
    assert.equal(chainVerdict(isp, last && { seq: last.manifest.seq, digest: last.digest }, bundle), 'next');
    assert.deepEqual([bundle.digest, bundle.rejected, bundle.rows.length], [digest, [], rows]);
    all.push(bundle);
  }
  return all;
}
const brief = (row: BundleRow) => (row.type === 'case' ? row.change : row.type === 'close' ? row.reason : row.type);

beforeEach(async () => {
  centre.failAt(undefined);
  await centre.clear();
});
after(() => centre.close());

test('nothing to hand over makes no bundle', async () => {
  assert.deepEqual(await queueBundles(db, options()), []);
  await putCase(db, { n: 1, state: 'fixed' });
  assert.deepEqual(await queueBundles(db, options()), []);
});

test('new, confirmed, returned, closed and withdrawn reach their own ISP once', async () => {
  await putCase(db, { n: 1 });
  await putCase(db, { n: 2, returned: true });
  await putCase(db, { n: 3, isp: 'isp-b' });
  const first = await queueBundles(db, options());
  assert.deepEqual(
    first.map(b => [b.isp, b.seq, b.rows, b.codes.length]),
    [
      ['isp-a', 1, 2, 2],
      ['isp-b', 1, 1, 1],
    ],
  );
  assert.deepEqual(await queueBundles(db, options()), [], 'a second run queues again');
  await putCase(db, { n: 1, round: 'r2' });
  await putCase(db, { n: 2, state: 'fixed', returned: true });
  await putCase(db, { n: 3, isp: 'isp-b', state: 'withdrawn' });
  await queueBundles(db, options({ now: 6_000, month: '2026-12' }));
  assert.deepEqual(await queueBundles(db, options()), []);
  const [one, two, ...rest] = await opened();
  assert.deepEqual(rest, []);
  assert.deepEqual(one?.rows.map(brief).sort(), ['new', 'returned']);
  assert.equal(one?.manifest.prev, FIRST_PREV);
  assert.deepEqual(two?.rows.map(brief), ['fixed', 'confirmed'], 'what stops alerts comes first');
  assert.equal(two?.manifest.month, '2026-12');
  const confirmed = two?.rows.find(row => row.type === 'case');
  assert.equal(confirmed?.caseId, caseIdOf(1));
  assert.equal(confirmed?.sealed, 'evidence r2 1');
  assert.deepEqual(
    (await opened('isp-b')).map(b => b.rows.map(brief)),
    [['new'], ['revoke']],
  );
});

test('an ISP without a key waits, and is told everything once it has one', async () => {
  await putCase(db, { n: 1, isp: 'isp-b' });
  const only = new Map([['isp-a', isps.get('isp-a')!.publicKey]]);
  assert.deepEqual(await queueBundles(db, options({ sealing: only })), []);
  assert.equal((await queueBundles(db, options())).length, 1);
});

test('codes are the same each time, well formed, hashed for the edge, and can be told again', async () => {
  await putCase(db, { n: 1 });
  const [queued] = await queueBundles(db, options());
  await putCase(db, { n: 1, round: 'r2' });
  const [again] = await queueBundles(db, options());
  const codes = (await opened()).map(b => (b.rows[0]?.type === 'case' ? b.rows[0].alertCode : ''));
  assert.equal(codes[0], codes[1]);
  assert.ok(readAlertCode(codes[0]!).ok);
  const expected = [{ caseId: caseIdOf(1), codeHash: alertCodeHash(options().codeHashKey, codes[0]!) }];
  assert.deepEqual(queued?.codes, expected);
  assert.deepEqual(again?.codes, expected);
  assert.deepEqual(await codesHandedOver(db, options()), expected);
});

test('two cases never share a code: a collision raises the generation, which lasts', async () => {
  // Twenty codes in all for twelve cases of two ISPs: collisions are certain.
  const codeFor: NonNullable<QueueOptions['codeFor']> = (_, id, generation) =>
    String((Number.parseInt(id.slice(-6), 16) + generation * 7) % 20).padStart(13, '0');
  for (let n = 0; n < 6; n++) await putCase(db, { n });
  const some = await queueBundles(db, options({ codeFor }));
  for (let n = 6; n < 12; n++) await putCase(db, { n, isp: n % 2 ? 'isp-a' : 'isp-b' });
  for (let n = 0; n < 6; n++) await putCase(db, { n, round: 'r2' });
  const more = await queueBundles(db, options({ codeFor }));
  const byCase = new Map<string, Set<string>>();
  for (const { caseId, codeHash } of [...some, ...more].flatMap(b => b.codes))
    byCase.set(caseId, (byCase.get(caseId) ?? new Set()).add(codeHash));
  assert.equal(byCase.size, 12);
  assert.ok(
    [...byCase.values()].every(hashes => hashes.size === 1),
    'a code changed',
  );
  assert.equal(new Set([...byCase.values()].flatMap(hashes => [...hashes])).size, 12, 'two cases share a code');
  const raised = await db.selectFrom('case').select('id').where('code_generation', '>', 0).execute();
  assert.ok(raised.length > 0, 'the test made no collision');
});

test('many cases become several bundles of the capped size, in one chain', async () => {
  for (let n = 0; n < 25; n++) await putCase(db, { n });
  const queued = await queueBundles(db, options({ rowsPerBundle: 10 }));
  assert.deepEqual(
    queued.map(b => [b.seq, b.rows]),
    [
      [1, 10],
      [2, 10],
      [3, 5],
    ],
  );
  const told = (await opened()).flatMap(b => b.rows.map(r => r.caseId));
  assert.deepEqual(told.sort(), Array.from({ length: 25 }, (_, n) => caseIdOf(n)).sort());
});

test('dying at any query loses, repeats and reorders nothing', async () => {
  const prepare = async () => {
    await centre.clear();
    for (let n = 0; n < 5; n++) await putCase(db, { n, isp: n < 3 ? 'isp-a' : 'isp-b' });
    await queueBundles(db, options());
    await putCase(db, { n: 0, round: 'r2' });
    await putCase(db, { n: 1, state: 'not-seen' });
    for (let n = 5; n < 8; n++) await putCase(db, { n });
  };
  const handed = async () => (await opened()).flatMap(b => b.rows.map(r => `${r.caseId} ${brief(r)}`)).sort();
  const queue = () => queueBundles(db, options({ rowsPerBundle: 3 }));
  await prepare();
  centre.failAt(undefined);
  await queue();
  const queries = centre.failAt(undefined);
  const expected = await handed();
  assert.ok(queries > 10 && expected.length === 8, `${queries} queries, ${expected.length} rows`);
  for (let n = 0; n < queries; n++) {
    await prepare();
    centre.failAt(n);
    await assert.rejects(queue(), Died, `query ${n} was never asked`);
    centre.failAt(undefined);
    await queue();
    assert.deepEqual(await handed(), expected, `after dying at query ${n}`);
    assert.deepEqual(await queue(), []);
  }
});

test('two processes queueing at once make one chain', async () => {
  for (let n = 0; n < 12; n++) await putCase(db, { n });
  await Promise.all([1, 2, 3].map(() => queueBundles(db, options({ rowsPerBundle: 4 }))));
  const told = (await opened()).flatMap(b => b.rows.map(r => r.caseId));
  assert.equal(told.length, 12);
  assert.equal(new Set(told).size, 12);
});

test('after any story the ISP believes what is so', async () => {
  const states: CaseState[] = ['open', 'fixed', 'not-seen', 'withdrawn'];
  const step = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        n: fc.nat(4),
        state: fc.constantFrom(...states),
        round: fc.constantFrom('r1', 'r2', 'r3'),
      }),
    },
    { weight: 1, arbitrary: fc.constant('queue' as const) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async steps => {
      await centre.clear();
      for (const s of steps) {
        if (s === 'queue') await queueBundles(db, options());
        else await putCase(db, s);
      }
      await queueBundles(db, options());
      const believed = new Map<string, BundleRow>();
      for (const row of (await opened()).flatMap(b => b.rows)) {
        const before = believed.get(row.caseId);
        // Nothing is said twice, and nothing ends that was never begun.
        if (row.type === 'case') assert.equal(row.change === 'new', before === undefined);
        else assert.equal(before?.type, 'case');
        if (before?.type === 'case' && row.type === 'case') assert.notEqual(before.sealed, row.sealed);
        believed.set(row.caseId, row);
      }
      for (const one of await db.selectFrom('case').selectAll().execute()) {
        const row = believed.get(one.id);
        if (one.state === 'open') assert.equal(row?.type, 'case');
        else assert.notEqual(row?.type, 'case');
      }
    }),
    { numRuns: 25 },
  );
});
