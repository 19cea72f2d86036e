/**
 * The consoles in a real browser, phone and desktop, light and dark: no accessibility violation, no sideways scrolling of the
 * page, nothing from elsewhere, nothing the policy refused; the keys work; figures move without moving the page; a link in
 * another site's page lets in. With CONSOLE_SHOTS=DIR the pages are kept as pictures.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { type ServerType, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { type Consoles, type Entered, openConsoles } from '../pages/open-consoles.ts';
import { PROGRESS } from '../pages/sample-consoles.ts';

const SHOTS = process.env.CONSOLE_SHOTS;
const OPERATOR = {
  round: '/',
  cases: '/cases',
  'cases-filtered': '/cases?isp=isp-b&q=aoba',
  'cases-none': '/cases?q=nothing-like-it',
  bundles: '/bundles',
  alerts: '/alerts',
  statistics: '/statistics',
  'statistics-month': '/statistics?month=2026-09',
  audit: '/audit',
  missing: '/nowhere',
};
const ISP = {
  cases: '/',
  case: '/?case=case-isp-a-5',
  'case-evil': '/?case=case-isp-a-7&verdict=unique',
  bundles: '/bundles',
  alerts: '/alerts',
  logs: '/logs',
  'logs-ja': '/logs?lang=ja&days=180',
};
const SCREENS = [
  { name: 'phone', width: 390, height: 844, colorScheme: 'light' },
  { name: 'phone-dark', width: 390, height: 844, colorScheme: 'dark' },
  { name: 'desktop', width: 1280, height: 900, colorScheme: 'light' },
  { name: 'desktop-dark', width: 1280, height: 900, colorScheme: 'dark' },
] as const;

const dir = mkdtempSync(join(tmpdir(), 'notice-console-e2e-'));
const servers: ServerType[] = [];
let all: Consoles;
let browser: Browser;

const listen = (app: Hono) =>
  new Promise<string>(up => {
    servers.push(
      serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, info => up(`http://127.0.0.1:${info.port}`)),
    );
  });

before(async () => {
  all = await openConsoles(join(dir, 'full'), join(dir, 'empty'));
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  if (SHOTS) mkdirSync(SHOTS, { recursive: true });
});
after(async () => {
  await browser?.close();
  for (const server of servers) {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  }
  await all?.close();
  rmSync(dir, { recursive: true, force: true });
});

interface Seen {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly base: string;
  readonly complaints: string[];
}

/** A browser signed in by the one-time link, and a list of everything it complains about. */
async function signedIn(entered: Entered): Promise<Seen> {
  const base = await listen(entered.app);
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('request', request => {
    if (!request.url().startsWith(base) && !request.url().startsWith('data:'))
      complaints.push(`asked ${request.url()}`);
  });
  page.on('console', message => {
    if (message.type() === 'error' && !/status of 40\d/.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', error => complaints.push(error.message));
  page.on('dialog', dialog => complaints.push(`alert: ${dialog.message()}`));
  await page.goto(base + entered.link());
  await page.waitForURL(`${base}/`);
  return { context, page, base, complaints };
}

for (const [which, pages] of [
  ['operator', OPERATOR],
  ['isp', ISP],
  ['emptyOperator', OPERATOR],
  ['emptyIsp', ISP],
] as const)
  test(`${which}: every page is accessible, as wide as the screen, and asks nobody else`, async () => {
    const { context, page, base, complaints } = await signedIn(all[which]);
    const sideways = async () => (await page.evaluate('document.documentElement.scrollWidth - innerWidth')) as number;
    for (const [name, path] of Object.entries(pages)) {
      await page.goto(base + path, { waitUntil: 'load' });
      for (const { name: screen, width, height, colorScheme } of SCREENS) {
        await page.setViewportSize({ width, height });
        await page.emulateMedia({ colorScheme });
        assert.ok((await sideways()) <= 0, `${name} is ${await sideways()} px too wide at ${width}`);
        // One look at each scheme; an empty page has nothing that a phone could make different.
        if (screen === 'desktop' || (screen === 'phone-dark' && !which.startsWith('empty'))) {
          const { violations } = await new AxeBuilder({ page }).analyze();
          assert.deepEqual(
            violations.map(v => `${name} ${screen} ${v.id}: ${v.nodes.map(node => node.html).join(' | ')}`),
            [],
          );
        }
        if (SHOTS) await page.screenshot({ path: join(SHOTS, `${which}-${name}-${screen}.png`), fullPage: true });
      }
      await page.setViewportSize({ width: 320, height: 640 });
      assert.ok((await sideways()) <= 0, `${name} is ${await sideways()} px too wide at 320`);
    }
    assert.deepEqual(complaints, []);
    await context.close();
  });

test('j and k walk the rows with the focus, Enter opens one, / seeks, ? explains, Esc closes', async () => {
  const { context, page, base, complaints } = await signedIn(all.isp);
  const row = () => page.evaluate('[...document.querySelectorAll("tbody tr")].indexOf(document.activeElement)');
  await page.keyboard.press('k');
  assert.equal(await row(), 0);
  for (const _ of [1, 2]) await page.keyboard.press('j');
  assert.equal(await row(), 2);
  await page.keyboard.press('k');
  assert.equal(await row(), 1);
  assert.equal(await page.locator('tr.here').count(), 1);
  await page.keyboard.press('Enter');
  await page.waitForURL(/case=/);
  assert.equal(await page.locator('.card h2').first().textContent(), 'Case');
  await page.keyboard.press('j');
  assert.equal(await row(), 2, 'it goes on from the row that is open');
  await page.keyboard.press('/');
  assert.equal(await page.evaluate('document.activeElement.id'), 'q');
  await page.keyboard.type('j/?');
  assert.equal(await page.inputValue('#q'), 'j/?', 'in a field the keys are letters');
  await page.evaluate('document.activeElement.blur()');
  await page.keyboard.press('?');
  assert.equal(await page.locator('dialog[open]').count(), 1);
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(
    violations.map(v => v.id),
    [],
  );
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('dialog[open]').count(), 0);
  await page.goto(`${base}/bundles`);
  await page.keyboard.press('/');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a filter is an address: sent to a colleague it shows the same', async () => {
  const { context, page, base } = await signedIn(all.operator);
  await page.goto(`${base}/cases`);
  await page.selectOption('#kind', 'firmware');
  await page.fill('#q', 'Minato');
  await page.keyboard.press('Enter');
  await page.waitForURL(/kind=firmware/);
  const caption = await page.locator('caption').first().textContent();
  const other = await context.newPage();
  await other.goto(page.url());
  assert.equal(await other.locator('caption').first().textContent(), caption);
  assert.equal(await other.inputValue('#kind'), 'firmware');
  await other.click('text=Clear');
  assert.equal(new URL(other.url()).search, '');
  await context.close();
});

test('figures move once a second and nothing on the page moves with them; a round that begins appears', async () => {
  all.progress = undefined;
  const { context, page, complaints } = await signedIn(all.operator);
  await page.waitForSelector('[data-waits]');
  all.progress = PROGRESS;
  await page.waitForSelector('#done');
  const boxes = () =>
    page.evaluate('JSON.stringify([...document.querySelectorAll(".figure, h2")].map(e => e.getBoundingClientRect()))');
  const before = await boxes();
  all.progress = { ...PROGRESS, done: 9, perSecond: 3, answered: 1_234_567, secondsLeft: null };
  await page.locator('#done', { hasText: /^9$/ }).waitFor();
  assert.equal(await page.textContent('#answered'), '1,234,567');
  assert.equal(await boxes(), before);
  all.progress = PROGRESS;
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a link opened from another site’s page lets in, though the cookie is for this site only', async () => {
  const base = await listen(all.operator.app);
  const mail = new Hono();
  const link = base + all.operator.link();
  mail.get('/', c => c.html(`<a href="${link}">console</a>`));
  const elsewhere = (await listen(mail)).replace('127.0.0.1', 'localhost');
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(elsewhere);
  await page.click('a');
  await page.waitForURL(`${base}/`);
  assert.equal(await page.locator('h1').textContent(), 'Round');
  await context.close();
});
