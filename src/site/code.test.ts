import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { codeNamed, sampleSite } from '../../test/pages/sample-site.ts';
import { printAlertCode } from '../record/alert-code.ts';
import { makeSite } from './app.tsx';

const post = (fields: Record<string, string>) => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://localhost' },
  body: new URLSearchParams(fields).toString(),
});

test('the code box leads to the code page, however the code is typed', async () => {
  const app = makeSite(sampleSite().deps);
  const code = codeNamed('guessable');
  const wide = code.replace(/\d/g, d => String.fromCodePoint(0xff10 + Number(d)));
  for (const fields of [
    { code1: code.slice(0, 4), code2: code.slice(4, 8), code3: code.slice(8) },
    { code1: code, code2: '', code3: '' },
    { code: printAlertCode(code) },
    { code: wide },
    { code: ` ${code.slice(0, 4)} ー ${code.slice(4)} ` },
  ]) {
    const answer = await app.request('/code', post(fields as Record<string, string>));
    assert.deepEqual([answer.status, answer.headers.get('location')], [303, `/c/${code}`]);
  }
  const english = await app.request('/en/code', post({ code }));
  assert.equal(english.headers.get('location'), `/en/c/${code}`);
});

test('a code that cannot be one comes back with what to look at, and is never looked up', async () => {
  const sample = sampleSite();
  const app = makeSite(sample.deps);
  const code = codeNamed('guessable');
  const wrong = code.slice(0, 12) + ((Number(code[12]) + 1) % 10);
  for (const [typed, words] of [
    ['123', /13 digits in all/],
    ['1234-5678-9012x', /digits only/],
    [wrong, /One digit seems to be different/],
    ['', /13 digits in all/],
  ] as const) {
    const answer = await app.request('/en/code', post({ code: typed }));
    const html = await answer.text();
    assert.equal(answer.status, 400);
    assert.match(html, words);
    assert.match(html, /role="alert"/);
    assert.match(html, /aria-invalid="true"/);
  }
  assert.equal((await app.request(`/c/${wrong}`)).status, 400);
  assert.deepEqual(sample.store.lookedUp, []);
});

test('a genuine code: provider, month, kind, model, state in words and shape; no name, no address, no store kept', async () => {
  const app = makeSite(sampleSite().deps);
  const answer = await app.request(`/en/c/${codeNamed('guessable')}`);
  const html = await answer.text();
  for (const words of [
    'This message is real',
    'Rehearsal Net',
    'November 2026',
    'Aoba Cam-120',
    'Still open',
    '<polygon',
    'Check again',
  ])
    assert.ok(html.includes(words), words);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.match(html, /name="robots" content="noindex"/);
});

test('each state says its own word with its own shape', async () => {
  const app = makeSite(sampleSite().deps);
  const page = async (name: string) => (await app.request(`/en/c/${codeNamed(name)}`)).text();
  const fixed = await page('fixed');
  assert.match(fixed, /class="state fixed".*<circle.*Fixed/s);
  assert.doesNotMatch(fixed, /recheck/);
  assert.match(await page('not-seen'), /class="state unknown".*<rect.*We cannot tell.*does not mean it is fixed/s);
  const withdrawn = await page('withdrawn');
  assert.match(withdrawn, /withdrawn/);
  assert.doesNotMatch(withdrawn, /This message is real|recheck/);
  assert.doesNotMatch(await page('infected'), /\/recheck"/);
  assert.match(await page('nameless'), /We could not tell/);
});

test('an unknown code answers honestly, with the same status and the same look-ups as a known one', async () => {
  const sample = sampleSite();
  const app = makeSite(sample.deps);
  const known = await app.request(`/en/c/${codeNamed('guessable')}`);
  const unknown = await app.request(`/en/c/${codeNamed('unheard')}`);
  assert.deepEqual([known.status, unknown.status], [200, 200]);
  assert.equal(sample.store.lookedUp.length, 2);
  assert.match(await unknown.text(), /does not mean that you are safe/);
});

test('the model of a device cannot put anything into the page', async () => {
  const app = makeSite(sampleSite().deps);
  const html = await (await app.request(`/c/${codeNamed('hostile')}`)).text();
  assert.ok(html.includes('&quot;&gt;&lt;script&gt;alert(1)'));
  assert.ok(!html.includes('<script>alert'));
});

test('whatever stands in the path or the box, it is escaped and goes into no header', async () => {
  const sample = sampleSite();
  const app = makeSite(sample.deps);
  const nasty = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 80 }),
    fc.constantFrom(
      '"><img src=x onerror=alert(1)>',
      '\r\nSet-Cookie: a=b',
      "'onfocus='x",
      '../../etc/passwd',
      '%00',
      '\u2028',
      '<svg/onload=1>',
    ),
  );
  await fc.assert(
    fc.asyncProperty(nasty, async typed => {
      sample.ticks += 3_600_000;
      const path = encodeURIComponent(typed.toWellFormed());
      for (const answer of [
        await app.request(`/c/${path}`),
        await app.request('/code', post({ code: typed.toWellFormed() })),
        await app.request(`/recheck/${path}`),
        await app.request(`/contact/sent/${path}`),
        await app.request(`/contact?topic=${path}`),
      ]) {
        const html = await answer.text();
        assert.ok([200, 303, 400, 404].includes(answer.status), String(answer.status));
        assert.equal(answer.headers.get('set-cookie'), null);
        assert.doesNotMatch(html, /<img src=x|<svg\/onload|\sonfocus='|"><img/);
      }
    }),
    { numRuns: 60 },
  );
});

test('one network gets twenty look-ups, then two a minute; others are not disturbed', async () => {
  const sample = sampleSite();
  const app = makeSite(sample.deps);
  const look = async () => (await app.request(`/en/c/${codeNamed('unheard')}`)).status;
  for (let i = 0; i < 20; i++) assert.equal(await look(), 200);
  const refused = await app.request(`/en/c/${codeNamed('guessable')}`);
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get('retry-after'), '30');
  assert.match(await refused.text(), /Please wait a little/);
  assert.equal(sample.store.lookedUp.length, 20);
  sample.visitor = '127.65.9.9';
  assert.equal(await look(), 200);
  sample.visitor = '::ffff:127.65.1.2';
  assert.equal(await look(), 429);
  sample.ticks += 30_000;
  assert.equal(await look(), 200);
  assert.equal(await look(), 429);
});
