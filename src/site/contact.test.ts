import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeNamed, sampleSite } from '../../test/pages/sample-site.ts';
import { makeSite } from './app.tsx';

const post = (fields: Record<string, string>) => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://localhost' },
  body: new URLSearchParams(fields).toString(),
});
const asking = { topic: 'how-to-fix', question: '設定画面が開けません', code: '', callback: '' };

test('an inquiry without a code is normal, and ends with a reference to read out', async () => {
  const sample = sampleSite();
  const app = makeSite(sample.deps);
  const answer = await app.request('/contact', post(asking));
  const [inquiry] = [...sample.store.inquiries.values()];
  assert.equal(answer.headers.get('location'), `/contact/sent/${inquiry?.id}`);
  assert.deepEqual([inquiry?.channel, inquiry?.caseId, inquiry?.openedAt], ['form', null, sample.now]);
  assert.ok((await (await app.request(`/contact/sent/${inquiry?.id}`)).text()).includes(inquiry?.id ?? 'none'));
});

test('with a code the inquiry names the case; the answer does not tell whether the code is known', async () => {
  const sample = sampleSite();
  const app = makeSite(sample.deps);
  const known = await app.request(
    '/contact',
    post({ ...asking, code: codeNamed('guessable'), callback: '０３-1234-5678' }),
  );
  const unknown = await app.request('/contact', post({ ...asking, code: codeNamed('unheard') }));
  assert.deepEqual([known.status, unknown.status], [303, 303]);
  const [first, second] = [...sample.store.inquiries.values()];
  assert.deepEqual([first?.caseId, first?.callback, second?.caseId], ['case-guessable', '+81312345678', null]);
});

test('what is wrong is said beside its field, what was typed stays and is escaped', async () => {
  const sample = sampleSite();
  const app = makeSite(sample.deps);
  const answer = await app.request(
    '/en/contact',
    post({ topic: 'x', question: '</textarea><script>alert(1)</script>', code: '"><b>', callback: '0990-123-456' }),
  );
  const html = await answer.text();
  assert.equal(answer.status, 400);
  for (const words of [
    'Please choose what it is about',
    'We could not read the code',
    'We cannot ring this kind of number',
  ])
    assert.equal(html.split(words).length - 1, 2, `${words}: once in the summary, once at the field`);
  assert.ok(html.includes('&lt;/textarea&gt;&lt;script&gt;'));
  assert.ok(!html.includes('<script>alert') && !html.includes('"><b>'));
  assert.equal(sample.store.inquiries.size, 0);
});

test('the topic of a link is chosen already', async () => {
  const html = await (await makeSite(sampleSite().deps).request('/contact?topic=is-it-real')).text();
  assert.match(html, /<option value="is-it-real" selected/);
});

test('five inquiries from one network, then one in ten minutes', async () => {
  const sample = sampleSite();
  const app = makeSite(sample.deps);
  for (let i = 0; i < 5; i++) assert.equal((await app.request('/contact', post(asking))).status, 303);
  assert.equal((await app.request('/contact', post(asking))).status, 429);
  assert.equal(sample.store.inquiries.size, 5);
});
