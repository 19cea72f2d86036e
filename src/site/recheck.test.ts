import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeNamed, sampleSite } from '../../test/pages/sample-site.ts';
import { RECHECK_RESULTS } from '../record/recheck.ts';
import { makeSite } from './app.tsx';
import { RESULTS } from './recheck-words.ts';

const POST = {
  method: 'POST',
  headers: { origin: 'http://localhost', 'content-type': 'application/x-www-form-urlencoded' },
};

test('pressing the button writes one request with the address of the connection, whatever the headers claim', async () => {
  const sample = sampleSite();
  const app = makeSite(sample.deps);
  sample.visitor = '::ffff:127.65.1.2';
  const headers = {
    ...POST.headers,
    'x-forwarded-for': '10.9.9.9',
    forwarded: 'for=10.9.9.9',
    'x-real-ip': '10.9.9.9',
  };
  const answer = await app.request(`/c/${codeNamed('guessable')}/recheck`, { ...POST, headers });
  const [asked] = [...sample.store.rechecks.values()];
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.get('location'), `/recheck/${asked?.id}`);
  assert.match(asked?.id ?? '', /^[\w-]{22}$/);
  assert.deepEqual(
    [asked?.caseId, asked?.visitor, asked?.state, asked?.askedAt],
    ['case-guessable', '127.65.1.2', 'asked', sample.now],
  );
  const again = await app.request(`/en/c/${codeNamed('guessable')}/recheck`, POST);
  assert.equal(again.headers.get('location'), `/en/recheck/${asked?.id}`);
  assert.equal(sample.store.rechecks.size, 1);
});

test('nothing is asked for a code that is unknown, closed, withdrawn, or of a kind that cannot be probed', async () => {
  for (const name of ['unheard', 'fixed', 'withdrawn', 'infected']) {
    const sample = sampleSite();
    const answer = await makeSite(sample.deps).request(`/c/${codeNamed(name)}/recheck`, POST);
    assert.equal(answer.headers.get('location'), `/c/${codeNamed(name)}`);
    assert.equal(sample.store.rechecks.size, 0);
  }
  const sample = sampleSite();
  assert.equal((await makeSite(sample.deps).request('/c/123/recheck', POST)).headers.get('location'), '/code');
  assert.equal((await makeSite(sample.deps).request(`/c/${codeNamed('guessable')}/recheck`)).status, 404);
});

test('the page waits by reload, then says the result in kind words; only a refusal is "fixed"', async () => {
  const sample = sampleSite();
  const app = makeSite(sample.deps);
  const location = (await app.request(`/en/c/${codeNamed('guessable')}/recheck`, POST)).headers.get('location') ?? '';
  const waiting = await (await app.request(location)).text();
  assert.match(waiting, /<noscript><meta http-equiv="refresh" content="5"/);
  assert.match(waiting, /We are checking/);
  const id = location.split('/').at(-1) ?? '';
  for (const result of RECHECK_RESULTS) {
    sample.store.decide(id, result);
    const html = await (await app.request(location)).text();
    assert.ok(html.includes(RESULTS[result].word.en), result);
    assert.doesNotMatch(html, /http-equiv="refresh"/);
    assert.equal(html.includes('class="state fixed"'), result === 'fixed');
  }
  const none = sample.store.rechecks.get(id);
  assert.ok(none);
  sample.store.rechecks.set(id, { ...none, state: 'refused', result: null });
  assert.match(await (await app.request(location)).text(), /We may not check now/);
});

test('live: the stream says done when it is decided, carries no result, and ends by itself when nothing happens', async () => {
  const sample = sampleSite();
  let looks = 0;
  let id = '';
  const app = makeSite({
    ...sample.deps,
    wait: async () => {
      if (++looks === 3) sample.store.decide(id, 'still-open');
    },
  });
  id = ((await app.request(`/c/${codeNamed('guessable')}/recheck`, POST)).headers.get('location') ?? '').slice(9);
  const answer = await app.request(`/recheck/${id}/events`);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/event-stream/);
  const text = await answer.text();
  assert.match(text, /event: waiting/);
  assert.match(text, /event: done\ndata: \n/);
  assert.doesNotMatch(text, /still-open/);
  assert.equal(looks, 3);

  const quiet = sampleSite();
  const other = makeSite(quiet.deps);
  const path = (await other.request(`/c/${codeNamed('guessable')}/recheck`, POST)).headers.get('location') ?? '';
  assert.doesNotMatch(await (await other.request(`${path}/events`)).text(), /done/);
  assert.equal(quiet.ticks, 240 * 500);
  assert.equal((await other.request('/recheck/nobody/events')).status, 404);
});

test('one visitor may ask five times at once, then every two minutes', async () => {
  const sample = sampleSite();
  const app = makeSite(sample.deps);
  const ask = async () => (await app.request(`/c/${codeNamed('guessable')}/recheck`, POST)).status;
  for (let i = 0; i < 5; i++) assert.equal(await ask(), 303);
  assert.equal(await ask(), 429);
  sample.ticks += 120_000;
  assert.equal(await ask(), 303);
});

test('a re-check that is gone says so', async () => {
  const answer = await makeSite(sampleSite().deps).request('/en/recheck/AAAAAAAAAAAAAAAAAAAAAA');
  assert.equal(answer.status, 404);
  assert.match(await answer.text(), /We have no record of this check/);
});
