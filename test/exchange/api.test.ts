import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { exchangeApi } from '../../src/exchange/api.ts';
import { type ChainEnd, sealBundle } from '../../src/exchange/bundle.ts';
import { ExchangeClient } from '../../src/exchange/client.ts';
import { queueBundles } from '../../src/exchange/outbox.ts';
import { signRequest } from '../../src/exchange/request-signature.ts';
import { makeSealingKey, makeSigningKey, type SigningKey, signBody } from '../../src/mandate/keys.ts';
import type { Feedback } from '../../src/record/bundle.ts';
import { sha256 } from '../../src/record/digest.ts';
import { Fault } from '../../src/record/fault.ts';
import { MINUTE } from '../../src/record/instant.ts';
import { caseIdOf, openTestCentre, putCase } from './centre-tables.ts';

const centre = await openTestCentre();
const { db } = centre;
const signer = makeSigningKey();
const pinned = [{ key: signer.key, publicKey: signer.publicKey }];
const pin = ({ key, publicKey }: SigningKey) => [{ key, publicKey }];
const signing = { 'isp-a': makeSigningKey(), 'isp-b': makeSigningKey() };
const sealing = { 'isp-a': makeSealingKey(), 'isp-b': makeSealingKey() };
const isps = { 'isp-a': pin(signing['isp-a']), 'isp-b': pin(signing['isp-b']) };
let now = 1_795_000_000_000;
const clocks = { calendar: () => now, monotonic: () => 0 };
const app = exchangeApi({ db, clocks, isps });

/** The fetch of an ISP whose centre is in the same process. */
const local = (async (input: string | URL | Request, init?: RequestInit) =>
  await app.fetch(new Request(input, init))) as typeof fetch;
const clientOf = (isp: keyof typeof signing, over: { key?: SigningKey; fetch?: typeof fetch } = {}) =>
  new ExchangeClient({ baseUrl: 'http://127.0.0.1:1', isp, key: signing[isp], clocks, fetch: local, ...over });
const queue = () =>
  queueBundles(db, {
    month: '2026-11',
    now,
    auditRoot: '',
    sealing: new Map(Object.entries(sealing).map(([isp, key]) => [isp, key.publicKey])),
    signer,
    codeKey: Buffer.alloc(32, 1),
    codeHashKey: Buffer.alloc(32, 2),
    rowsPerBundle: 2,
  });
const refused = (words: RegExp) => (thrown: unknown) =>
  thrown instanceof Fault && thrown.code === 'exchange' && words.test(thrown.message);
const state = async (isp: string, seq: number) =>
  await db.selectFrom('bundle').selectAll().where('isp', '=', isp).where('seq', '=', seq).executeTakeFirstOrThrow();

beforeEach(async () => {
  await centre.clear();
  for (let n = 0; n < 5; n++) await putCase(db, { n });
  await putCase(db, { n: 9, isp: 'isp-b' });
  await queue();
});
after(() => centre.close());

async function pulled(client: ExchangeClient, last?: ChainEnd) {
  const all = [];
  for await (const bundle of client.pull(last, sealing['isp-a'], pinned)) all.push(bundle);
  return all;
}

test('an ISP pulls its own bundles in order, and again from where it was', async () => {
  const all = await pulled(clientOf('isp-a'));
  assert.deepEqual(
    all.map(b => [b.manifest.seq, b.rows.length]),
    [
      [1, 2],
      [2, 2],
      [3, 1],
    ],
  );
  const [, second] = all;
  const rest = await pulled(clientOf('isp-a'), { seq: 2, digest: second!.digest });
  assert.deepEqual(rest, all.slice(2));
  assert.deepEqual(await pulled(clientOf('isp-a'), { seq: 3, digest: all[2]!.digest }), []);
  assert.deepEqual((await clientOf('isp-b').list(0)).length, 1);
});

test('sending again sends the same bytes, and marks delivery once', async () => {
  assert.equal((await state('isp-a', 1)).state, 'queued');
  const first = await clientOf('isp-a').get(1);
  const at = (await state('isp-a', 1)).delivered_at;
  assert.equal(at, now);
  now += MINUTE;
  assert.equal(await clientOf('isp-a').get(1), first);
  const after = await state('isp-a', 1);
  assert.deepEqual([after.state, after.delivered_at, after.digest], ['delivered', at, sha256(first)]);
});

test('nobody sees what is not theirs', async () => {
  const b = clientOf('isp-b');
  await assert.rejects(b.get(2), refused(/404, no-such-bundle/));
  const sealed = await b.get(1);
  assert.notEqual(sealed, await clientOf('isp-a').get(1));
  // Claiming to be another ISP does not help: the key says who asks.
  await assert.rejects(clientOf('isp-a', { key: signing['isp-b'] }).get(2), refused(/404/));
  for (const seq of ['0', '-1', '1e3', 'x', '99999999999'])
    await assert.rejects(b.get(seq as unknown as number), refused(/404/));
});

test('a request that is unsigned, altered, stale or of an unknown key is refused and says why', async () => {
  const url = 'http://127.0.0.1:1/exchange/v1/bundles?after=0';
  const parts = { method: 'GET', path: '/exchange/v1/bundles', query: '?after=0', body: '' };
  const ask = async (headers: Record<string, string>, to = url, init: RequestInit = {}) => {
    const answer = await app.fetch(new Request(to, { headers, ...init }));
    return [answer.status, ((await answer.json()) as { error?: string }).error];
  };
  const good = signRequest(parts, signing['isp-a'], now);
  assert.deepEqual(await ask(good), [200, undefined]);
  assert.deepEqual(await ask(good), [200, undefined], 'a repeated GET is harmless');
  assert.deepEqual(await ask({}), [401, 'unsigned']);
  assert.deepEqual(await ask(signRequest(parts, makeSigningKey(), now)), [401, 'unknown-key']);
  assert.deepEqual(await ask(signRequest(parts, signing['isp-a'], now - 6 * MINUTE)), [401, 'stale']);
  assert.deepEqual(await ask(signRequest(parts, signing['isp-a'], now + 6 * MINUTE)), [401, 'stale']);
  assert.deepEqual(await ask(signRequest(parts, signing['isp-a'], now - 4 * MINUTE)), [200, undefined]);
  assert.deepEqual(await ask(good, url.replace('after=0', 'after=1')), [401, 'signature']);
  assert.deepEqual(await ask(good, url.replace('bundles?after=0', 'bundles/1')), [401, 'signature']);
  assert.deepEqual(await ask(good, url, { method: 'POST', body: '' }), [401, 'signature']);
  assert.deepEqual(await ask(good, url, { method: 'POST', body: 'x' }), [401, 'body']);
  const input = good['signature-input']!;
  for (const other of [
    input.replace('"@query" ', ''),
    input.replace('notice=', 'other='),
    `${input};nonce="1"`,
    input.replace('ed25519', 'hmac-sha256'),
    input.replace(/created=\d+;/, ''),
  ])
    assert.deepEqual(await ask({ ...good, 'signature-input': other }), [401, 'unsigned'], other);
  const later = input.replace(/created=(\d+)/, (_, t) => `created=${Number(t) + 1}`);
  assert.deepEqual(await ask({ ...good, 'signature-input': later }), [401, 'signature']);
  // The other ISP's key id with our signature.
  const theirs = input.replace(signing['isp-a'].key, signing['isp-b'].key);
  assert.deepEqual(await ask({ ...good, 'signature-input': theirs }), [401, 'signature']);
});

test('a receipt acknowledges once; one for other bytes or other counts does not', async () => {
  const client = clientOf('isp-a');
  const [first] = await pulled(client);
  const { digest } = first!;
  await assert.rejects(
    client.receipt({ seq: 1, digest: sha256('x'), accepted: 2, rejected: 0 }),
    refused(/other-bytes/),
  );
  await assert.rejects(client.receipt({ seq: 1, digest, accepted: 1, rejected: 0 }), refused(/other-count/));
  await assert.rejects(client.receipt({ seq: 7, digest, accepted: 2, rejected: 0 }), refused(/404, unknown/));
  assert.equal((await state('isp-a', 1)).state, 'delivered');
  await client.receipt({ seq: 1, digest, accepted: 1, rejected: 1 });
  const at = (await state('isp-a', 1)).acknowledged_at;
  now += MINUTE;
  await client.receipt({ seq: 1, digest, accepted: 1, rejected: 1 });
  const after = await state('isp-a', 1);
  assert.deepEqual([after.state, after.acknowledged_at], ['acknowledged', at]);
  await client.get(1);
  assert.equal((await state('isp-a', 1)).state, 'acknowledged', 'fetching again takes nothing back');
  assert.equal((await db.selectFrom('receipt').selectAll().execute()).length, 1);
});

test('feedback is taken once per case and revision, and only about own cases', async () => {
  const client = clientOf('isp-a');
  const item = { caseId: caseIdOf(0), revision: 1, verdict: 'unique', action: 'none', day: '2026-11-23' } as const;
  const zero = { stored: 0, repeated: 0, conflicting: 0, unknown: 0 };
  assert.deepEqual(await client.feedback([item, item]), { ...zero, stored: 1, repeated: 1 });
  assert.deepEqual(await client.feedback([item]), { ...zero, repeated: 1 });
  assert.deepEqual(await client.feedback([{ ...item, verdict: 'log_gap' }]), { ...zero, conflicting: 1 });
  assert.deepEqual(await client.feedback([{ ...item, revision: 2, action: 'alerted-mail' }]), { ...zero, stored: 1 });
  assert.deepEqual(await client.feedback([{ ...item, caseId: caseIdOf(9) }]), { ...zero, unknown: 1 });
  const many = Array.from({ length: 2_300 }, (_, n) => ({ ...item, revision: n + 1 }));
  assert.deepEqual(await client.feedback(many), { ...zero, stored: 2_298, repeated: 1, conflicting: 1 });
  assert.equal((await db.selectFrom('feedback').selectAll().where('revision', '=', 1).execute())[0]?.verdict, 'unique');
  assert.deepEqual(await client.feedback([]), zero);
});

test('a body that is too large, malformed, or signed by somebody else is refused and changes nothing', async () => {
  const post = async (path: string, body: string) => {
    const headers = signRequest({ method: 'POST', path, query: '', body }, signing['isp-a'], now);
    const answer = await app.fetch(new Request(`http://127.0.0.1:1${path}`, { method: 'POST', headers, body }));
    return [answer.status, ((await answer.json()) as { error?: string }).error];
  };
  const item: Feedback = {
    format: 'notice-feedback/1',
    isp: 'isp-a',
    caseId: caseIdOf(0),
    revision: 1,
    verdict: 'unique',
    action: 'none',
    day: '2026-11-23',
  };
  const signed = (body: unknown, by = 'isp-a', key = signing['isp-a']) =>
    JSON.stringify({ body, signatures: [signBody(body, by, key)] });
  const path = '/exchange/v1/feedback';
  assert.deepEqual(await post(path, 'x'.repeat(1024 * 1024 + 1)), [413, 'too-large']);
  assert.deepEqual(await post(path, '{'), [422, 'not-json']);
  assert.deepEqual(await post(path, '{}'), [422, 'body']);
  assert.deepEqual(await post(path, signed([])), [422, 'body']);
  assert.deepEqual(await post(path, signed([{ ...item, subscriber: 'x' }])), [422, 'body.0']);
  assert.deepEqual(await post(path, signed([{ ...item, verdict: 'guess' }])), [422, 'body.0.verdict']);
  assert.deepEqual(await post(path, signed([item], 'isp-b')), [422, 'signatures']);
  assert.deepEqual(await post(path, signed([item], 'isp-a', signing['isp-b'])), [422, 'signatures']);
  assert.deepEqual(await post(path, signed([{ ...item, isp: 'isp-b' }])), [422, 'isp']);
  assert.deepEqual(await db.selectFrom('feedback').selectAll().execute(), []);
});

test('a centre that withholds, swaps, replays or forges is found out', async () => {
  const honest = clientOf('isp-a');
  const all = await pulled(honest);
  const sealed = await Promise.all([1, 2, 3].map(seq => honest.get(seq)));
  /** Answers as the centre would, but with these bundles in place of its own. */
  const lying = (bundles: { seq: number; sealed: string; digest?: string }[]) =>
    (async (input: string | URL | Request) => {
      const url = new URL(String(input));
      const asked = Number(/bundles\/(\d+)$/.exec(url.pathname)?.[1]);
      const after = Number(url.searchParams.get('after'));
      const listed = bundles.map(b => ({ seq: b.seq, digest: b.digest ?? sha256(b.sealed) }));
      if (!asked) return Response.json(listed.filter(b => b.seq > after));
      return new Response(bundles.find(b => b.seq === asked)?.sealed);
    }) as typeof fetch;
  const take = async (bundles: Parameters<typeof lying>[0], last?: ChainEnd) => {
    const taken: number[] = [];
    try {
      for await (const b of clientOf('isp-a', { fetch: lying(bundles) }).pull(last, sealing['isp-a'], pinned))
        taken.push(b.manifest.seq);
    } catch (thrown) {
      assert.ok(thrown instanceof Fault, String(thrown));
      return [taken, thrown.message];
    }
    return [taken, undefined];
  };
  const [one, two, three] = sealed as [string, string, string];
  assert.deepEqual(
    await take([
      { seq: 1, sealed: one },
      { seq: 2, sealed: two },
    ]),
    [[1, 2], undefined],
  );
  const expect = async (bundles: Parameters<typeof lying>[0], count: number, words: RegExp, last?: ChainEnd) => {
    const [taken, why] = (await take(bundles, last)) as [number[], string];
    assert.equal(taken.length, count);
    assert.match(why, words);
  };
  await expect(
    [
      { seq: 1, sealed: one },
      { seq: 3, sealed: three },
    ],
    0,
    /missing from the list/,
  );
  await expect(
    [
      { seq: 1, sealed: one },
      { seq: 2, sealed: three },
    ],
    1,
    /does not follow .*gap/,
  );
  await expect([{ seq: 1, sealed: two }], 0, /does not follow .*gap/);
  await expect(
    [
      { seq: 1, sealed: one },
      { seq: 2, sealed: one },
    ],
    1,
    /does not follow .*repeated/,
  );
  await expect([{ seq: 1, sealed: one, digest: sha256('x') }], 0, /not the one that was listed/);
  await expect([{ seq: 1, sealed: one.slice(0, -30) }], 0, /altered or cut|no envelope/);
  const flipped = one.slice(0, -40) + (one.at(-40) === 'A' ? 'B' : 'A') + one.slice(-39);
  await expect([{ seq: 1, sealed: flipped }], 0, /altered or cut|no envelope/);
  const { manifest, rows } = all[1]!;
  const again = await sealBundle({
    manifest: { ...manifest, prev: sha256('y') },
    rows,
    recipient: sealing['isp-a'].publicKey,
    signer,
  });
  await expect(
    [
      { seq: 1, sealed: one },
      { seq: 2, sealed: again.sealed },
    ],
    1,
    /forked/,
  );
  const stranger = await sealBundle({
    manifest,
    rows,
    recipient: sealing['isp-a'].publicKey,
    signer: makeSigningKey(),
  });
  await expect(
    [
      { seq: 1, sealed: one },
      { seq: 2, sealed: stranger.sealed },
    ],
    1,
    /not pinned/,
  );
  const forB = await sealBundle({
    manifest: { ...manifest, isp: 'isp-b' },
    rows,
    recipient: sealing['isp-a'].publicKey,
    signer,
  });
  await expect([{ seq: 2, sealed: forB.sealed }], 0, /other-isp/, { seq: 1, digest: all[0]!.digest });
});

test('a centre that is down, slow to end, or talks something else is a Fault that names it', async () => {
  const answers = (fetch: () => Promise<Response>) =>
    clientOf('isp-a', { fetch: fetch as unknown as typeof globalThis.fetch });
  await assert.rejects(
    answers(async () => Promise.reject(new TypeError('fetch failed'))).list(0),
    refused(/does not answer; try again/),
  );
  await assert.rejects(answers(async () => new Response('<html>')).list(0), refused(/not what this version knows/));
  await assert.rejects(answers(async () => Response.json([{ seq: 1, digest: 'x' }])).list(0), refused(/not what/));
  await assert.rejects(
    answers(async () => new Response('<b>\u001b[31m', { status: 502 })).list(0),
    refused(/\(502, no reason\)/),
  );
  const cut = new ReadableStream({
    pull: c => c.error(new Error('reset')),
  });
  await assert.rejects(answers(async () => new Response(cut)).get(1), refused(/broke off/));
});
