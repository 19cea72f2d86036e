import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleSite } from '../../test/pages/sample-site.ts';
import { sha256 } from '../record/digest.ts';
import { makeSite } from './app.tsx';

test('the newest month, another month, and a month that was never published', async () => {
  const app = makeSite(sampleSite().deps);
  assert.match(await (await app.request('/en/statistics')).text(), /Statistics of November 2026/);
  assert.match(await (await app.request('/statistics/2026-09')).text(), /2026年9月の統計/);
  for (const path of [
    '/statistics/2026-08',
    '/statistics/2026-8',
    '/statistics/2026-08.json',
    '/statistics/2026-08.svg',
  ])
    assert.equal((await app.request(path)).status, 404, path);
});

test('the JSON is the frozen bytes, and its digest is the one on the page', async () => {
  const sample = sampleSite();
  const app = makeSite(sample.deps);
  const json = await (await app.request('/statistics/2026-11.json')).text();
  const digest = sha256(json);
  assert.equal(digest, sample.store.published.find(p => p.month === '2026-11')?.digest);
  assert.ok((await (await app.request('/statistics/2026-11')).text()).includes(digest));
});

test('the CSV cannot make a spreadsheet compute', async () => {
  const answer = await makeSite(sampleSite().deps).request('/statistics/2026-11.csv');
  const csv = await answer.text();
  assert.match(answer.headers.get('content-disposition') ?? '', /^attachment; filename="notice-2026-11\.csv"$/);
  assert.match(csv, /2026-11,guessable,/);
  for (const row of csv.split('\r\n')) for (const cell of row.split(',')) assert.doesNotMatch(cell, /^"?[=+@]/);
});

test('the chart is a picture that runs nothing', async () => {
  const answer = await makeSite(sampleSite().deps).request('/en/statistics/2026-11.svg');
  assert.equal(answer.headers.get('content-type'), 'image/svg+xml; charset=utf-8');
  assert.match(answer.headers.get('content-security-policy') ?? '', /^default-src 'none'; style-src 'unsafe-inline'$/);
  const svg = await answer.text();
  assert.match(svg, /<svg/);
  assert.doesNotMatch(svg, /<script/);
});

test('a month whose bytes no longer match its digest is not shown at all', async () => {
  const sample = sampleSite();
  const at = sample.store.published.findIndex(p => p.month === '2026-11');
  const release = sample.store.published[at];
  assert.ok(release);
  sample.store.published[at] = { ...release, figures: release.figures.replace('"isps":5', '"isps":6') };
  const app = makeSite(sample.deps);
  assert.equal((await app.request('/statistics/2026-11')).status, 404);
  assert.equal((await app.request('/statistics/2026-11.json')).status, 404);
  assert.match(await (await app.request('/en/statistics')).text(), /Statistics of October 2026/);
});

test('before the first month the page says why it is empty', async () => {
  const sample = sampleSite();
  sample.store.published.length = 0;
  assert.match(await (await makeSite(sample.deps).request('/en/statistics')).text(), /No month has been published yet/);
});
