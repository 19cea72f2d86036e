import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeNamed, HASH_KEY, NOON, sampleSite } from '../../test/pages/sample-site.ts';
import type { DeskStore } from '../desk/desk-store.ts';
import { DEFAULT_HOURS } from '../desk/hours.ts';
import type { Inquiry } from '../record/inquiry.ts';
import { makeDeskConsole } from './desk.tsx';
import { makeSignIn } from './sign-in.ts';

function deskStore(): DeskStore & { kept: Map<string, Inquiry> } {
  const { store } = sampleSite();
  const kept = new Map<string, Inquiry>();
  return {
    kept,
    caseOfCode: hash => store.findCode(hash),
    case: async id => [...store.codes.values()].find(code => code.caseId === id),
    rechecks: async () => [{ askedAt: NOON, state: 'done', result: 'no-answer' }],
    inquiries: {
      open: async inquiry => void kept.set(inquiry.id, inquiry),
      find: async id => kept.get(id),
      list: async which => [...kept.values()].filter(i => which === 'all' || i.closedAt === null),
      update: async inquiry => void kept.set(inquiry.id, inquiry),
      forget: async () => 0,
    },
  };
}

async function desk() {
  const store = deskStore();
  const clocks = { calendar: () => NOON, monotonic: () => 0 };
  let chance = 0;
  const random = (n: number) => Uint8Array.from({ length: n }, () => (chance = (chance * 31 + 7) % 253));
  const signIn = makeSignIn({ clocks, random, cookie: 'desk' });
  const app = makeDeskConsole({
    store,
    clocks,
    random,
    hashKey: HASH_KEY,
    hours: DEFAULT_HOURS,
    signIn,
    rehearsal: true,
  });
  const entered = await app.request(`/enter?link=${signIn.link({ name: 'Sato', role: 'desk' })}`);
  const cookie = (entered.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const get = (path: string) => app.request(path, { headers: { cookie } });
  const post = (path: string, fields: Record<string, string>, origin = 'http://localhost') =>
    app.request(path, {
      method: 'POST',
      headers: { cookie, origin, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    });
  return { app, store, get, post };
}

test('nobody sees the screen without a link, and another site can send nothing', async () => {
  const { app, store, post } = await desk();
  assert.equal((await app.request('/')).status, 401);
  assert.equal((await post('/inquiries', { topic: 'other', question: 'x' }, 'https://evil.example')).status, 403);
  assert.equal(store.kept.size, 0);
});

test('a code leads to the case without identity, with the words to say beside it; the code stays out of the address', async () => {
  const { get, post } = await desk();
  const found = await post('/search', { code: codeNamed('firmware') });
  assert.equal(found.headers.get('location'), '/?case=case-firmware');
  const html = await (await get('/?case=case-firmware')).text();
  for (const words of [
    'Rehearsal Net',
    'Aoba Cam-120',
    'Old software (firmware)',
    'no-answer',
    'ソフトウェアの更新が必要な機器',
    'about this case',
  ])
    assert.ok(html.includes(words), words);
  assert.match(await (await post('/search', { code: '123' })).text(), /13 digits/);
  assert.match(await (await post('/search', { code: codeNamed('unheard') })).text(), /Not found is not safe/);
});

test('an inquiry is opened, answered from a page and closed with an outcome', async () => {
  const { get, post, store } = await desk();
  const opened = await post('/inquiries', {
    case: 'case-guessable',
    topic: 'how-to-fix',
    question: '<b>bold</b>',
    callback: '03-1234-5678',
  });
  const [inquiry] = [...store.kept.values()];
  assert.equal(opened.headers.get('location'), `/?inquiry=${inquiry?.id}`);
  assert.deepEqual(
    [inquiry?.channel, inquiry?.caseId, inquiry?.callback],
    ['telephone', 'case-guessable', '+81312345678'],
  );
  const html = await (await get(`/?inquiry=${inquiry?.id}`)).text();
  assert.ok(html.includes('&lt;b&gt;bold') && html.includes('+81312345678') && html.includes('Not answered yet'));
  await post(`/inquiries/${inquiry?.id}/answer`, { answer: 'guessable' });
  await post(`/inquiries/${inquiry?.id}/close`, { close: 'solved' });
  const closed = store.kept.get(inquiry?.id ?? '');
  assert.deepEqual([closed?.answeredFrom, closed?.outcome, closed?.callback], ['fix/guessable', 'solved', null]);
  assert.match(await (await get('/')).text(), /No inquiry is open/);
  assert.match(await (await get('/?which=all')).text(), /solved/);
});

test('a caller without a code is normal; what is missing is said and nothing is saved', async () => {
  const { post, store } = await desk();
  const refused = await post('/inquiries', { case: '', topic: 'other', question: ' ', callback: '12' });
  assert.equal(refused.status, 400);
  assert.match(await refused.text(), /question-empty, callback\. Nothing was saved/);
  assert.equal(store.kept.size, 0);
  await post('/inquiries', { case: 'case-nobody', topic: 'other', question: 'x', callback: '' });
  assert.equal([...store.kept.values()][0]?.caseId, null);
});

test('ids and outcomes that cannot be are left alone', async () => {
  const { get, post, store } = await desk();
  await post('/inquiries', { topic: 'other', question: 'x' });
  const id = [...store.kept.keys()][0] ?? '';
  await post(`/inquiries/${id}/close`, { close: 'made-up' });
  await post(`/inquiries/${id}/answer`, { answer: '<script>' });
  assert.deepEqual([store.kept.get(id)?.closedAt, store.kept.get(id)?.answeredFrom], [null, null]);
  assert.equal((await post('/inquiries/none/close', { close: 'solved' })).headers.get('location'), '/');
  const html = await (await get('/?case=%00&inquiry=%3Cscript%3E&kind=x')).text();
  assert.doesNotMatch(html, /<script>[^<]/);
});
