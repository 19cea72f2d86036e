/** The web role on the real store: its login alone carries every page, and what it writes the centre can read. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { alertCodeHash } from '../../src/record/alert-code.ts';
import { DAY } from '../../src/record/instant.ts';
import type { WebTables } from '../../src/record/tables/web.ts';
import { webOf } from '../../src/role/centre-cases.ts';
import { startWeb, type Web } from '../../src/role/web.ts';
import { openStore, type Store } from '../../src/store/open.ts';
import { codeNamed, HASH_KEY, NOON, sampleSite } from '../pages/sample-site.ts';

let store: Store;
let web: Web;
let now = NOON;
const dir = mkdtempSync(join(tmpdir(), 'notice-web-'));
const form = (fields: Record<string, string>, headers: Record<string, string> = {}) => ({
  method: 'POST',
  redirect: 'manual' as const,
  headers: { 'content-type': 'application/x-www-form-urlencoded', origin: web.url, ...headers },
  body: new URLSearchParams(fields).toString(),
});

before(async () => {
  store = await openStore({ dir: join(dir, 'store') });
  const { deps } = sampleSite();
  // As in life, the centre's login publishes what the site shows.
  const centre = webOf(store.centre());
  const code: WebTables['code'] = {
    code_hash: alertCodeHash(HASH_KEY, codeNamed('guessable')),
    case_id: 'case-guessable',
    isp: 'isp-a',
    isp_name_ja: '訓練ネット',
    isp_name_en: 'Rehearsal Net',
    month: '2026-11',
    kind: 'guessable',
    protocol: 'telnet',
    vendor: 'Aoba',
    model: 'Cam-120',
    state: 'open',
    updated_at: NOON,
  };
  await centre.insertInto('code').values(code).execute();
  const release = await deps.store.month('2026-11');
  assert.ok(release);
  const { month, figures, digest, publishedAt } = release;
  await centre.insertInto('published').values({ month, figures, digest, published_at: publishedAt }).execute();
  web = await startWeb({
    db: store.web(),
    clocks: { calendar: () => now, monotonic: deps.clocks.monotonic },
    port: 0,
    host: '127.0.0.1',
    hashKey: HASH_KEY,
    issuer: deps.issuer,
    mandateFacts: deps.mandate,
    consoleDesk: true,
  });
});

after(async () => {
  await web?.close();
  await store?.close();
  rmSync(dir, { recursive: true, force: true });
});

test('a code is found by its hash, and another is not', async () => {
  assert.match(await (await fetch(`${web.url}/en/c/${codeNamed('guessable')}`)).text(), /This message is real/);
  assert.match(await (await fetch(`${web.url}/en/c/${codeNamed('unheard')}`)).text(), /We did not find this code/);
});

test('a re-check carries the address of the socket; the centre decides, the page shows it', async () => {
  const answer = await fetch(
    `${web.url}/c/${codeNamed('guessable')}/recheck`,
    form({}, { 'x-forwarded-for': '10.1.2.3' }),
  );
  const path = answer.headers.get('location') ?? '';
  const asked = await store.web().selectFrom('recheck').selectAll().executeTakeFirstOrThrow();
  assert.deepEqual(
    [asked.visitor, asked.case_id, asked.state, Number(asked.asked_at)],
    ['127.0.0.1', 'case-guessable', 'asked', now],
  );
  assert.match(await (await fetch(`${web.url}/en${path}`)).text(), /We are checking/);
  const centre = webOf(store.centre());
  await centre
    .updateTable('recheck')
    .set({ state: 'done', result: 'fixed', decided_at: now, visitor: null })
    .where('id', '=', asked.id)
    .execute();
  assert.match(await (await fetch(`${web.url}/en${path}`)).text(), /class="state fixed"/);
  assert.match(await (await fetch(`${web.url}${path}/events`)).text(), /event: done/);
});

test('an inquiry reaches the desk, and its words and number are gone after 30 days', async () => {
  const sent = await fetch(
    `${web.url}/contact`,
    form({ topic: 'other', question: '困っています', code: codeNamed('guessable'), callback: '03-1234-5678' }),
  );
  assert.equal(sent.status, 303);
  assert.ok(web.desk);
  const entered = await fetch(web.desk.link('Sato'), { redirect: 'manual' });
  const cookie = (entered.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const screen = await (await fetch(web.desk.url, { headers: { cookie } })).text();
  const id = /Q-[A-Z0-9]{5}-[A-Z0-9]{5}/.exec(screen)?.[0] ?? '';
  assert.match(
    await (await fetch(`${web.desk.url}/?inquiry=${id}`, { headers: { cookie } })).text(),
    /困っています.*Aoba Cam-120|Aoba Cam-120.*困っています/s,
  );
  const row = () => store.web().selectFrom('inquiry').selectAll().executeTakeFirstOrThrow();
  assert.equal((await row()).callback, '+81312345678');
  now += 30 * DAY;
  assert.equal(await web.forget(), 1);
  assert.deepEqual([(await row()).question, (await row()).callback], ['', null]);
  assert.equal(await web.forget(), 0);
  const closed = await fetch(
    `${web.desk.url}/inquiries/${id}/close`,
    form({ close: 'solved' }, { cookie, origin: web.desk.url }),
  );
  assert.equal(closed.status, 303);
  assert.equal((await row()).outcome, 'solved');
});

test('the published month is the frozen bytes', async () => {
  const json = await (await fetch(`${web.url}/statistics/2026-11.json`)).text();
  const { figures } = await store.web().selectFrom('published').select('figures').executeTakeFirstOrThrow();
  assert.equal(json, figures);
});

test('a port that is taken is said in one line', async () => {
  const { deps } = sampleSite();
  const port = Number(new URL(web.url).port);
  await assert.rejects(
    startWeb({
      db: store.web(),
      clocks: deps.clocks,
      port,
      host: '127.0.0.1',
      hashKey: HASH_KEY,
      issuer: deps.issuer,
      mandateFacts: deps.mandate,
    }),
    { name: 'Fault', code: 'port-taken', message: /name another port/ },
  );
});
