import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeSealingKey, makeSigningKey } from '../mandate/keys.ts';
import type { BundleManifest, BundleRow } from '../record/bundle.ts';
import { contentId, sha256 } from '../record/digest.ts';
import { Fault } from '../record/fault.ts';
import type { ChainEnd, OpenedBundle } from './bundle.ts';
import { bundleText, chainVerdict, FIRST_PREV, openBundle, readBundle, sealBundle } from './bundle.ts';
import { sealTo } from './envelope.ts';

const signer = makeSigningKey();
const isp = makeSealingKey();
const pinned = [{ key: signer.key, publicKey: signer.publicKey }];

const manifest = (rows: number, over: Partial<BundleManifest> = {}): BundleManifest => ({
  format: 'notice-bundle/1',
  isp: 'isp-a',
  seq: 1,
  prev: FIRST_PREV,
  createdAt: 1_795_000_000_000,
  month: '2026-11',
  rows,
  auditRoot: 'f'.repeat(64),
  ...over,
});
const id = (n: number) => contentId('case', n);
const anyRow = (n: number): fc.Arbitrary<BundleRow> =>
  fc.oneof(
    fc.record(
      {
        type: fc.constant('case' as const),
        caseId: fc.constant(id(n)),
        change: fc.constantFrom('new' as const, 'confirmed' as const, 'returned' as const),
        kind: fc.constantFrom('guessable' as const, 'firmware' as const),
        protocol: fc.constantFrom('telnet' as const, 'http' as const),
        vendor: fc.option(fc.string({ maxLength: 20 })),
        model: fc.option(fc.string({ unit: 'grapheme', maxLength: 20 })),
        alertCode: fc.stringMatching(/^\d{13}$/),
        sealed: fc.string({ maxLength: 40 }),
      },
      { noNullPrototype: true },
    ),
    fc.record(
      {
        type: fc.constant('close' as const),
        caseId: fc.constant(id(n)),
        reason: fc.constantFrom('fixed' as const, 'not-seen' as const),
      },
      { noNullPrototype: true },
    ),
    fc.record(
      {
        type: fc.constant('revoke' as const),
        caseId: fc.constant(id(n)),
        reason: fc.string({ maxLength: 30 }),
      },
      { noNullPrototype: true },
    ),
  );
const anyRows = fc.nat(8).chain(n => fc.tuple(...Array.from({ length: n }, (_, i) => anyRow(i))));

test('a bundle opens to the rows that were sealed', async () => {
  await fc.assert(
    fc.asyncProperty(anyRows, async rows => {
      const { sealed, digest } = await sealBundle({
        manifest: manifest(rows.length),
        rows,
        recipient: isp.publicKey,
        signer,
      });
      const opened = await openBundle(sealed, isp, pinned);
      assert.deepEqual(opened, { manifest: manifest(rows.length), rows, digest, rejected: [] });
      assert.equal(digest, sha256(sealed));
    }),
    { numRuns: 30 },
  );
});

test('rows of another version are named and left out, the others taken', async () => {
  const good: BundleRow = { type: 'close', caseId: id(1), reason: 'fixed' };
  const lines = [
    manifest(6),
    good,
    { type: 'close', caseId: id(2), reason: 'tired' },
    { type: 'poem', caseId: id(3) },
    { ...good, caseId: id(4), extra: 1 },
    good,
    { type: 'revoke', caseId: id(5), reason: 'mistake' },
  ];
  const opened = readBundle(lines.map(l => `${JSON.stringify(l)}\n`).join(''));
  assert.deepEqual(opened.rows, [good, lines[6]]);
  assert.deepEqual(
    opened.rejected.map(r => r.line),
    [3, 4, 5, 6],
  );
  assert.match(opened.rejected[3]?.why ?? '', /already/);
});

test('a bundle that does not hold what it says is refused', async () => {
  const rows: BundleRow[] = [1, 2, 3].map(n => ({ type: 'close', caseId: id(n), reason: 'fixed' }));
  const text = bundleText(manifest(3), rows);
  const lines = text.split('\n');
  for (const bad of [
    text.slice(0, -1),
    text.slice(0, -20),
    `${lines.slice(0, 3).join('\n')}\n`,
    `${text}${lines[1]}\n`,
    `${lines.slice(1).join('\n')}`,
    `${JSON.stringify({ ...manifest(3), format: 'notice-bundle/2' })}\n${lines.slice(1).join('\n')}`,
    '',
    '\n',
    'null\n',
  ])
    assert.throws(() => readBundle(bad), Fault, JSON.stringify(bad.slice(0, 40)));
  await assert.rejects(sealBundle({ manifest: manifest(2), rows, recipient: isp.publicKey, signer }), TypeError);
  await assert.rejects(openBundle(await sealTo('{}', isp.publicKey, signer), isp, pinned), Fault);
});

test('a case row about nothing known is rejected: kind, code, id', () => {
  const row = {
    type: 'case',
    caseId: id(1),
    change: 'new',
    kind: 'guessable',
    protocol: 'telnet',
    vendor: null,
    model: null,
    alertCode: '1234567890123',
    sealed: 's',
  };
  for (const bad of [
    { kind: 'ugly' },
    { alertCode: '12345' },
    { caseId: 'x' },
    { sealed: 's'.repeat(20_001) },
    { vendor: 7 },
  ]) {
    const { rows, rejected } = readBundle(`${JSON.stringify(manifest(1))}\n${JSON.stringify({ ...row, ...bad })}\n`);
    assert.deepEqual([rows.length, rejected.length], [0, 1]);
  }
});

/** Takes bundles as an ISP would: only what comes next, anything else is told and changes nothing. */
function take(of: string, arriving: readonly Pick<OpenedBundle, 'manifest' | 'digest'>[]) {
  let last: ChainEnd | undefined;
  const verdicts = arriving.map(opened => {
    const verdict = chainVerdict(of, last, opened);
    if (verdict === 'next') last = { seq: opened.manifest.seq, digest: opened.digest };
    return verdict;
  });
  return { verdicts, last };
}

function chainOf(length: number) {
  const all: { manifest: BundleManifest; digest: string }[] = [];
  for (let seq = 1; seq <= length; seq++) {
    const prev = all.at(-1)?.digest ?? FIRST_PREV;
    all.push({ manifest: manifest(0, { seq, prev }), digest: sha256(`${seq} ${prev}`) });
  }
  return all;
}

test('replayed, reordered, missing and foreign bundles are told apart', () => {
  const [one, two, three] = chainOf(3) as [OpenedBundle, OpenedBundle, OpenedBundle];
  assert.deepEqual(take('isp-a', [one, one, two, one, two, three]).verdicts, [
    'next',
    'repeated',
    'next',
    'repeated',
    'repeated',
    'next',
  ]);
  assert.deepEqual(take('isp-a', [two, one, three, two, three]).verdicts, ['gap', 'next', 'gap', 'next', 'next']);
  assert.deepEqual(take('isp-b', [one]).verdicts, ['other-isp']);
  const instead = { manifest: manifest(0, { seq: 2, prev: sha256('other') }), digest: sha256('x') };
  assert.deepEqual(take('isp-a', [one, instead]).verdicts, ['next', 'forked']);
  assert.deepEqual(take('isp-a', [one, two, instead, { ...two, digest: sha256('y') }]).verdicts, [
    'next',
    'next',
    'forked',
    'forked',
  ]);
});

test('however bundles arrive, what was taken is the chain from its beginning', () => {
  const chain = chainOf(6);
  fc.assert(
    fc.property(fc.array(fc.nat(5), { maxLength: 30 }), order => {
      const arriving = order.map(n => chain[n] as OpenedBundle);
      const { verdicts, last } = take('isp-a', arriving);
      const taken = arriving.filter((_, n) => verdicts[n] === 'next').map(b => b.manifest.seq);
      assert.deepEqual(
        taken,
        Array.from(taken, (_, n) => n + 1),
      );
      assert.equal(last?.seq ?? 0, taken.length);
      assert.ok(!verdicts.includes('forked'));
    }),
  );
});
