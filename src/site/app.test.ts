import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeNamed, sampleSite } from '../../test/pages/sample-site.ts';
import { printAlertCode } from '../record/alert-code.ts';
import { makeSite } from './app.tsx';

const FORM = { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://localhost' };
const form = (fields: Record<string, string>, headers: Record<string, string> = {}) => ({
  method: 'POST',
  headers: { ...FORM, ...headers },
  body: new URLSearchParams(fields).toString(),
});

const PAGES = [
  '/',
  '/code',
  `/c/${codeNamed('guessable')}`,
  `/c/${codeNamed('unheard')}`,
  '/fix',
  '/fix/guessable',
  '/fix/firmware?maker=Aoba&model=Cam-120',
  '/real',
  '/how',
  '/contact',
  '/statistics',
  '/statistics/2026-10',
  '/accessibility',
  '/nowhere',
];

test('every page in both languages: band, telephone lines with cost, reach and hours, strict headers, no cookie', async () => {
  const app = makeSite(sampleSite().deps);
  for (const path of PAGES)
    for (const prefix of ['', '/en']) {
      const answer = await app.request(prefix && path === '/' ? prefix : prefix + path);
      const html = await answer.text();
      const at = `${prefix}${path}`;
      assert.equal(answer.status, path === '/nowhere' ? 404 : 200, at);
      assert.match(html, /^<!doctype html><html lang="(ja|en)">/, at);
      assert.ok(html.includes(prefix ? 'lang="en"' : 'lang="ja"'), at);
      assert.ok(html.includes('訓練 / REHEARSAL'), at);
      for (const words of prefix
        ? ['0120-000-000', 'free of charge', 'from landlines', '10:00-18:00 JST', 'Open now until 18:00 JST']
        : ['0120-000-000', '通話料無料', '固定電話から', '10:00〜18:00', '受付中（18:00まで）'])
        assert.ok(html.includes(words), `${at} lacks ${words}`);
      assert.doesNotMatch(html, /<style|style="|<script>|javascript:|\son[a-z]+="/i, at);
      assert.doesNotMatch(html, /127\.65\.1\.2/, `${at} shows the visitor's address`);
      assert.match(
        answer.headers.get('content-security-policy') ?? '',
        /default-src 'none'.*frame-ancestors 'none'.*base-uri 'none'/,
      );
      assert.equal(answer.headers.get('referrer-policy'), 'same-origin');
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
      assert.equal(answer.headers.get('set-cookie'), null);
    }
});

test('without a rehearsal there is no band', async () => {
  const { deps } = sampleSite();
  const app = makeSite({ ...deps, issuer: { ...deps.issuer, rehearsal: false } });
  assert.doesNotMatch(await (await app.request('/')).text(), /訓練 \/ REHEARSAL|【訓練】/);
});

test('the language switch keeps the page, code and all', async () => {
  const app = makeSite(sampleSite().deps);
  const code = codeNamed('guessable');
  assert.ok((await (await app.request(`/c/${code}`)).text()).includes(`href="/en/c/${code}"`));
  assert.ok((await (await app.request(`/en/c/${code}`)).text()).includes(`href="/c/${code}"`));
});

test('a closed desk says when it opens', async () => {
  const sample = sampleSite();
  const app = makeSite(sample.deps);
  sample.now = Date.parse('2026-12-31T12:00:00+09:00');
  assert.match(await (await app.request('/en')).text(), /Closed, opens Monday 10:00 JST/);
});

test('a page that breaks says so in its own frame, and the log has the name of the error only', async () => {
  const sample = sampleSite();
  const secret = 'connection to 10.0.0.5 refused';
  const app = makeSite({
    ...sample.deps,
    store: { ...sample.store, months: () => Promise.reject(new TypeError(secret)) },
  });
  const answer = await app.request('/en/statistics');
  assert.equal(answer.status, 500);
  const html = await answer.text();
  assert.match(html, /The page could not be shown/);
  assert.ok(!html.includes(secret));
  assert.equal(sample.lines[0]?.error, 'TypeError');
  assert.ok(!JSON.stringify(sample.lines).includes(secret));
  assert.equal(answer.headers.get('x-frame-options'), 'DENY');
});

test('the log has neither code nor full address', async () => {
  const sample = sampleSite();
  const app = makeSite(sample.deps);
  const code = codeNamed('guessable');
  await app.request(`/c/${code}`);
  await app.request(`/en/c/${printAlertCode(code)}`);
  await app.request('/code', form({ code1: code }));
  await app.request(`/c/${code}/recheck`, form({}));
  sample.visitor = '2001:db8:1:2:3:4:5:6';
  await app.request(`/nowhere/${code}?code=${code}`);
  const log = JSON.stringify(sample.lines);
  assert.equal(sample.lines.length, 5);
  assert.ok(!log.includes(code) && !log.includes(printAlertCode(code)));
  assert.ok(!log.includes('127.65.1.2') && log.includes('127.65.1.0/24'));
  assert.ok(!log.includes('3:4:5:6') && log.includes('2001:db8:1::/48'));
  assert.deepEqual(sample.lines.map(l => l.route).slice(0, 4), [
    '/c/:code',
    '/en/c/:code',
    '/code',
    '/c/:code/recheck',
  ]);
});

test('a form from another site changes nothing', async () => {
  const sample = sampleSite();
  const app = makeSite(sample.deps);
  const path = `/c/${codeNamed('guessable')}/recheck`;
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])
    assert.equal((await app.request(path, form({}, headers as Record<string, string>))).status, 403);
  assert.equal(
    (await app.request('/contact', form({ topic: 'other', question: 'x' }, { origin: 'http://localhost:81' }))).status,
    403,
  );
  assert.equal(sample.store.rechecks.size + sample.store.inquiries.size, 0);
});

test('a form that is too large, or no form at all, is refused calmly', async () => {
  const sample = sampleSite();
  const app = makeSite(sample.deps);
  assert.equal((await app.request('/contact', form({ topic: 'other', question: 'x'.repeat(40_000) }))).status, 413);
  const upload = new FormData();
  upload.set('question', 'x');
  assert.equal(
    (await app.request('/contact', { method: 'POST', headers: { origin: 'http://localhost' }, body: upload })).status,
    400,
  );
  assert.equal((await app.request('/contact', { method: 'DELETE' })).status, 404);
  assert.equal(sample.store.inquiries.size, 0);
});

test('files for machines', async () => {
  const app = makeSite(sampleSite().deps);
  const probing = await (await app.request('/.well-known/probing.txt')).text();
  assert.match(probing, /^Contact: mailto:survey@rehearsal\.example$/m);
  assert.match(probing, /^Expires: 2027-03-31T00:00:00Z$/m);
  assert.match(probing, /^Description: Rehearsal Institute .*TCP 2323, TCP 8080/m);
  assert.match(await (await app.request('/robots.txt')).text(), /Disallow: \/en\/c\//);
  for (const file of ['/site.css', '/app.js']) {
    const first = await app.request(file);
    const again = await app.request(file, { headers: { 'if-none-match': first.headers.get('etag') ?? '' } });
    assert.deepEqual([first.status, again.status], [200, 304]);
  }
});

test('a mandate cannot write lines of its own into the probe description', async () => {
  const { deps } = sampleSite();
  const mandate = { ...deps.mandate, legalBasis: 'law\r\nContact: mailto:evil@evil.example' };
  const text = await (await makeSite({ ...deps, mandate }).request('/.well-known/probing.txt')).text();
  assert.equal(text.match(/^Contact:/gm)?.length, 1);
});

test('the update page is shown for known models only, and nothing of the address is repeated', async () => {
  const app = makeSite(sampleSite().deps);
  assert.match(
    await (await app.request('/en/fix/firmware?maker=Aoba&model=Cam-120')).text(),
    /https:\/\/aoba\.example\/cam-120\/.*/,
  );
  const evil = await (await app.request('/en/fix/firmware?maker=%3Cscript%3E&model=Pay%20here')).text();
  assert.ok(!evil.includes('Pay here') && !evil.includes('script&gt;'));
  assert.equal((await app.request('/fix/unknown')).status, 404);
});
