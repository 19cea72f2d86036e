import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseHTML } from 'linkedom';
import { type Consoles, openConsoles } from '../../test/pages/open-consoles.ts';
import { EVIL, PROGRESS, secretOf } from '../../test/pages/sample-consoles.ts';
import { sha256 } from '../record/digest.ts';

const OPERATOR = ['/', '/cases', '/bundles', '/alerts', '/statistics', '/statistics?month=2026-09', '/audit'];
const ISP = ['/', '/?case=case-isp-a-7', '/bundles', '/alerts', '/logs', '/logs?lang=ja&days=180'];

const dir = mkdtempSync(join(tmpdir(), 'notice-console-'));
let all: Consoles;
before(async () => {
  all = await openConsoles(join(dir, 'full'), join(dir, 'empty'));
});
after(async () => {
  await all?.close();
  rmSync(dir, { recursive: true, force: true });
});

const tablesOf = (html: string) =>
  [...parseHTML(html).document.querySelectorAll('table')].map(table => ({
    caption: table.querySelector('caption')?.textContent ?? '',
    rows: [...table.querySelectorAll('tbody tr')].map(tr => [...tr.children].map(cell => cell.textContent ?? '')),
  }));

test('every page of both consoles answers, marked as rehearsal, and its rail says where one is', async () => {
  for (const [entered, paths] of [
    [all.operator, OPERATOR],
    [all.isp, ISP],
    [all.emptyOperator, OPERATOR],
    [all.emptyIsp, ISP],
  ] as const)
    for (const path of paths) {
      const answer = await entered.get(path);
      assert.equal(answer.status, 200, path);
      assert.match(answer.headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/);
      const { document } = parseHTML(await answer.text());
      assert.match(document.querySelector('.band')?.textContent ?? '', /訓練 \/ REHEARSAL/);
      assert.equal(document.querySelectorAll('.rail [aria-current=page]').length, 1, path);
      assert.equal(document.querySelectorAll('h1').length, 1);
      assert.equal(document.querySelectorAll('[style], style, script:not([src])').length, 0, path);
      assert.doesNotMatch(document.body.textContent ?? '', /undefined|NaN|\[object|null/, path);
    }
});

test('nobody without a session sees a page, a picture or the events; style and script are for all', async () => {
  for (const entered of [all.operator, all.isp])
    for (const path of [...OPERATOR, ...ISP, '/round/events', '/statistics/chart.svg', '/letters/alert-0001.pdf'])
      assert.equal((await entered.app.request(path)).status, 401, path);
  assert.match((await all.operator.app.request('/console.css')).headers.get('content-type') ?? '', /css/);
  assert.match((await all.isp.app.request('/console.js')).headers.get('content-type') ?? '', /javascript/);
});

test('what a device calls itself is text on every page, and what is typed comes back as text', async () => {
  const evil = encodeURIComponent(EVIL);
  for (const [entered, paths] of [
    [all.operator, [...OPERATOR, `/cases?q=${evil}&kind=${evil}&isp=${evil}`, `/statistics?month=${evil}`]],
    [all.isp, [...ISP, `/?q=${evil}&verdict=${evil}&case=${evil}`, `/alerts?state=${evil}`]],
  ] as const)
    for (const path of paths) {
      const html = await entered.text(path);
      assert.ok(!html.includes('<script>') && !html.includes('<img src=x'), path);
    }
  assert.ok((await all.operator.text('/cases')).includes('&lt;script&gt;alert(1)'));
  assert.ok((await all.isp.text('/?case=case-isp-a-7')).includes('&lt;script&gt;alert(1)'));
});

test('the operator sees no address, no line and no code of any ISP', async () => {
  const { get } = all.operator;
  const cases = await all.store
    .isp('isp-a')
    .selectFrom('case')
    .select(['address', 'alert_code', 'subscriber'])
    .execute();
  const needles = cases.flatMap(one => [one.address, one.alert_code, one.subscriber ?? one.address]);
  assert.ok(needles.length > 100 && needles.includes(secretOf('isp-a', 1).subscriber));
  for (const path of [...OPERATOR, '/cases?q=LINE', '/statistics/2026-09.csv', '/statistics/2026-09.json']) {
    const answer = await get(path);
    const text = await answer.text();
    for (const needle of needles) assert.ok(!text.includes(needle), `${needle} in ${path}`);
  }
  assert.ok(
    (await all.isp.text('/')).includes(secretOf('isp-a', 1).address),
    'the needles can be found where they belong',
  );
});

test('live figures: a first event at once, and the stream ends when the page goes', async () => {
  const answer = await all.operator.get('/round/events');
  assert.match(answer.headers.get('content-type') ?? '', /event-stream/);
  const reader = answer.body?.getReader();
  const first = await reader?.read();
  const figures = JSON.parse(new TextDecoder().decode(first?.value).replace(/^data: /, ''));
  assert.deepEqual(
    [figures.done, figures.total, figures.rate, figures.left],
    ['123,863', 'of 196,608 address and port pairs', '18,240', '0:41'],
  );
  const places = parseHTML(await all.operator.text('/')).document;
  for (const id of Object.keys(figures)) assert.ok(places.getElementById(id), `${id} has a place on the page`);
  await reader?.cancel();
  assert.equal((await reader?.read())?.done, true);
});

test('without a round the page says how to start one, and waits for figures', async () => {
  all.progress = undefined;
  const html = await all.operator.text('/');
  all.progress = PROGRESS;
  assert.match(html, /No round is running.*notice round run/s);
  assert.match(html, /data-waits/);
});

test('cases: filters in the address, names of ISPs, totals over everything and not over what is shown', async () => {
  const shown = async (query: string) => {
    const [table] = tablesOf(await all.operator.text(`/cases${query}`));
    return table ?? { caption: '', rows: [] };
  };
  const everything = await shown('');
  assert.match(everything.caption, /^216 cases/);
  assert.ok(everything.rows.some(row => row[0] === 'Aozora Net') && everything.rows.some(row => row[0] === 'isp-c'));
  const some = await shown('?isp=isp-b&kind=firmware&state=open');
  assert.ok(some.rows.length > 0);
  for (const row of some.rows) assert.deepEqual([row[0], row[2], row[4]], ['Midori Cable', 'firmware', 'open']);
  const sum = (rows: string[][]) => rows.reduce((n, row) => n + Number(row[1]), 0);
  assert.match(some.caption, new RegExp(`^${sum(some.rows)} cases`));
  for (const row of (await shown('?q=aoba')).rows) assert.match(row[3] ?? '', /Aoba/);
  assert.equal((await shown('?q=%25')).rows.length, 0, 'a typed wildcard means itself');
  assert.equal(sum((await shown('?kind=nonsense')).rows), 216, 'an unknown filter is no filter');
  assert.match(await all.operator.text('/cases?q=zzz'), /No case matches/);
});

test('cases: how long the open ones have been open', async () => {
  const [, ages] = tablesOf(await all.operator.text('/cases'));
  const open = await all.store.centre().selectFrom('case').select('id').where('closed_at', 'is', null).execute();
  assert.deepEqual(
    ages?.rows.map(row => [row[0], row[2]]),
    [
      ['2026-09', '81'],
      ['2026-10', '51'],
      ['2026-11', '20'],
    ],
  );
  assert.equal(
    ages?.rows.reduce((n, row) => n + Number(row[1]), 0),
    open.length,
  );
});

test('bundles and alerts: states, rejected rows, the last verdict of each case once', async () => {
  const [bundles, answers] = tablesOf(await all.operator.text('/bundles'));
  assert.equal(bundles?.rows.length, 9);
  assert.deepEqual(new Set(bundles?.rows.map(row => row[3])), new Set(['queued', 'delivered', 'acknowledged']));
  assert.deepEqual(new Set(bundles?.rows.map(row => row[7])), new Set(['', '1']));
  assert.equal(
    answers?.rows.reduce((n, row) => n + Number(row[3]), 0),
    216,
  );
  assert.ok(!answers?.rows.some(row => row[1] === 'log_pending' && Number(row[3]) > 20), 'answers that were replaced');
  assert.equal(tablesOf(await all.operator.text('/bundles?isp=isp-b'))[0]?.rows.length, 3);
  const [told] = tablesOf(await all.operator.text('/alerts?month=2026-10'));
  assert.deepEqual(
    told?.rows.map(row => row[0]),
    ['Aozora Net', 'Midori Cable', 'isp-c'],
  );
});

test('statistics: a month opens beside the list, its bytes are served, changed bytes are said', async () => {
  const html = await all.operator.text('/statistics?month=2026-09');
  assert.match(html, /September 2026/);
  assert.match(html, /under 10, or withheld/);
  const bytes = await all.operator.text('/statistics/2026-09.json');
  assert.ok(html.includes(sha256(bytes)));
  assert.match(await all.operator.text('/statistics/2026-09.csv'), /^month,figure,label,value,unit\r\n2026-09/);
  const chart = await all.operator.get('/statistics/chart.svg');
  assert.equal(chart.headers.get('content-security-policy'), "default-src 'none'; style-src 'unsafe-inline'");
  const centre = all.store.centre();
  const { figures } = await centre
    .selectFrom('release')
    .select('figures')
    .where('month', '=', '2026-09')
    .executeTakeFirstOrThrow();
  const change = (to: string) =>
    centre.updateTable('release').set({ figures: to }).where('month', '=', '2026-09').execute();
  await change(figures.replace('"isps":5', '"isps":6'));
  assert.match(await all.operator.text('/statistics?month=2026-09'), /somebody changed them/);
  assert.equal((await all.operator.get('/statistics/2026-09.csv')).status, 404);
  await change(figures);
});

test('audit: a broken chain says what to do', async () => {
  assert.match(await all.operator.text('/audit'), /whole/);
  all.verified = false;
  assert.match(await all.operator.text('/audit'), /broken.*notice audit verify/s);
  all.verified = true;
});

test('an ISP’s case opens beside the table, with why, its alerts and its letter; the filter stays', async () => {
  const html = await all.isp.text('/?verdict=unique&case=case-isp-a-5');
  const { document } = parseHTML(html);
  const card = document.querySelector('.card')?.textContent ?? '';
  const { address, subscriber } = secretOf('isp-a', 5);
  for (const words of [address, subscriber, 'exactly one line', 'nobody else held the address'])
    assert.ok(card.includes(words), words);
  assert.equal(document.querySelector('.card a[href^="/letters"]')?.getAttribute('href'), '/letters/alert-0005.1.pdf');
  assert.equal(document.querySelectorAll('tr.here').length, 1);
  assert.ok([...document.querySelectorAll('tbody a')].every(a => a.getAttribute('href')?.includes('verdict=unique')));
  assert.match(await all.isp.text('/?case=gone'), /not kept here/);
  const [waiting] = tablesOf(await all.isp.text('/?verdict=waiting'));
  assert.equal(waiting?.rows.length, 1);
  const [found] = tablesOf(await all.isp.text(`/?q=${address}`));
  assert.deepEqual(
    found?.rows.map(row => row[1]),
    [address],
  );
});

test('letters are there for every case told in them, and for nothing else', async () => {
  for (const id of ['alert-0001', 'alert-0005.1']) {
    const answer = await all.isp.get(`/letters/${id}.pdf`);
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'application/pdf'], id);
  }
  for (const id of ['alert-none', '..%2F..%2Fetc%2Fpasswd', 'alert-0001.x', '%00'])
    assert.equal((await all.isp.get(`/letters/${id}.pdf`)).status, 404, id);
});

test('a halt says since when, why, who released it, and that two must', async () => {
  assert.match(await all.isp.text('/alerts'), /Alerts are halted.*another line.*Sato.*two different people/s);
  assert.doesNotMatch(await all.emptyIsp.text('/alerts'), /halted/);
});

test('logs: what stops alerts, every gap by name, and what to do where', async () => {
  const { document } = parseHTML(await all.isp.text('/logs?days=180'));
  const text = document.querySelector('main')?.textContent ?? '';
  assert.match(text, /Alerts are halted.*another line.*Sato.*notice isp incident release/s);
  assert.match(text, /this is not mine.*told by the owner.*Set aside until you decide: cgn-osaka.*incident show/s);
  const bars = [...document.querySelectorAll('svg.logbar')];
  assert.deepEqual(
    bars.map(bar => [
      bar.getAttribute('role'),
      bar.querySelectorAll('.gap').length,
      bar.querySelectorAll('.complete').length,
    ]),
    [
      ['img', 0, 1],
      ['img', 0, 1],
      ['img', 3, 1],
      ['img', 0, 1],
    ],
  );
  for (const bar of bars) assert.match(bar.getAttribute('aria-label') ?? '', /complete through 2026-11/);
  const [boxes, gaps, imports, mix, raise] = tablesOf(await all.isp.text('/logs?days=180'));
  assert.equal(boxes?.rows.length, 4);
  assert.deepEqual(gaps?.rows.map(row => row[4]).sort(), ['30 h', '30 min', '5 h']);
  assert.equal(imports?.rows[0]?.[0], 'kea-tokyo', 'the newest first');
  assert.equal(mix?.rows[0]?.[0], 'unique');
  const total = mix?.rows.reduce((sum, row) => sum + Number(row[2]), 0) ?? 0;
  for (const row of raise?.rows ?? []) {
    assert.ok((row[1] ?? '').length > 5);
    assert.equal(row[3], ((100 * Number(row[2])) / total).toFixed(1));
  }
  assert.equal(tablesOf(await all.isp.text('/logs'))[1]?.rows.length, 2, 'thirty days unless more is asked for');
  assert.match(await all.emptyIsp.text('/logs'), /No log has been imported.*notice isp import/s);
});

test('logs in Japanese: the whole page, and the rail stays in English for a reader', async () => {
  const html = await all.isp.text('/logs?lang=ja');
  const { document } = parseHTML(html);
  assert.equal(document.documentElement.getAttribute('lang'), 'ja');
  assert.equal(document.querySelector('h1')?.textContent, '記録');
  assert.equal(document.querySelector('.rail ul')?.getAttribute('lang'), 'en');
  for (const heading of document.querySelectorAll('main h2, main caption, main th'))
    assert.match(heading.textContent ?? '', /[ぁ-んァ-ヶ一-龠]/, heading.textContent ?? '');
  assert.equal(
    document.querySelector('input[name=lang]')?.getAttribute('value'),
    'ja',
    'the choice stays with the filter',
  );
  assert.match(await all.emptyIsp.text('/logs?lang=ja'), /記録がまだ取り込まれていない/);
});

test('every empty table says why and what to do', async () => {
  for (const [entered, paths] of [
    [all.emptyOperator, OPERATOR.filter(path => path !== '/audit')],
    [all.emptyIsp, ISP.filter(path => !path.includes('case='))],
  ] as const)
    for (const path of paths) {
      const { document } = parseHTML(await entered.text(path));
      assert.equal(document.querySelectorAll('table').length, 0, path);
      const empty = [...document.querySelectorAll('.empty')];
      assert.ok(empty.length > 0, path);
      for (const one of empty)
        assert.ok(
          [...one.querySelectorAll('p')].every(p => (p.textContent ?? '').length > 8),
          path,
        );
    }
});

test('a page that does not exist, and a store that does not answer, say so inside the console', async () => {
  const missing = await all.operator.get('/nowhere');
  assert.equal(missing.status, 404);
  assert.match(await missing.text(), /no such page.*href="\/cases"/is);
  const { makeIspConsole } = await import('./isp.tsx');
  const { makeSignIn } = await import('./sign-in.ts');
  const clocks = { calendar: () => 0, monotonic: () => 0 };
  const signIn = makeSignIn({ clocks, random: n => new Uint8Array(n).fill(1), cookie: 'c' });
  const db = all.store.isp('isp-a').withSchema('nowhere');
  const app = makeIspConsole({ db, clocks, signIn, ispName: 'X', rehearsal: true, letter: () => undefined });
  const cookie =
    (await app.request(`/enter?link=${signIn.link({ name: 'S', role: 'r' })}`)).headers.get('set-cookie') ?? '';
  const broken = await app.request('/bundles', { headers: { cookie: cookie.split(';')[0] ?? '' } });
  assert.equal(broken.status, 503);
  const words = await broken.text();
  assert.match(words, /did not answer.*notice doctor/s);
  assert.doesNotMatch(words, /relation|42P01|nowhere/);
});
