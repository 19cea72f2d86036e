/**
 * Every public page in a real browser, phone and desktop, Japanese and English: no accessibility violation, no sideways
 * scrolling, nothing fetched from elsewhere, nothing the policy had to refuse. And an owner's whole way, with and without
 * script. With SITE_SHOTS=DIR the pages are kept as pictures.
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { type ServerType, serve } from '@hono/node-server';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { makeSite } from '../../src/site/app.tsx';
import { pathIn } from '../../src/site/language.ts';
import { codeNamed, type Sample, sampleSite } from '../pages/sample-site.ts';

const SHOTS = process.env.SITE_SHOTS;
const SIZES = [
  { name: 'phone', width: 390, height: 844 },
  { name: 'desktop', width: 1280, height: 900 },
] as const;

let browser: Browser;
let server: ServerType;
let base = '';
let sample: Sample;

before(async () => {
  sample = sampleSite();
  const deps = { ...sample.deps, wait: (ms: number) => new Promise<void>(done => setTimeout(done, ms / 10)) };
  base = await new Promise<string>(up => {
    server = serve({ fetch: makeSite(deps).fetch, port: 0, hostname: '127.0.0.1' }, info =>
      up(`http://127.0.0.1:${info.port}`),
    );
  });
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
  server?.close();
});

/** Each page is another visitor, as the look-up limit counts them. */
function nextVisitor() {
  sample.visitor = `127.65.${Math.floor(sample.ticks / 250) % 250}.${(sample.ticks % 250) + 1}`;
  sample.ticks++;
}

/** A page that fails the test on anything from elsewhere, on script errors and on refusals of the content policy. */
async function openPage(
  options: BrowserContextOptions,
): Promise<{ page: Page; complaints: string[]; close: () => Promise<void> }> {
  nextVisitor();
  const context = await browser.newContext({ locale: 'ja-JP', ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('request', request => {
    if (!request.url().startsWith(base) && !request.url().startsWith('data:'))
      complaints.push(`asked for ${request.url()}`);
  });
  page.on('console', message => {
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', error => complaints.push(error.message));
  return { page, complaints, close: () => context.close() };
}

const asked = (id: string, result: 'asked' | 'fixed' | 'still-open' | 'no-answer' | 'address-changed') => {
  sample.store.rechecks.set(id, {
    id,
    caseId: 'case-guessable',
    visitor: null,
    askedAt: sample.now,
    state: result === 'asked' ? 'asked' : 'done',
    result: result === 'asked' ? null : result,
    decidedAt: null,
    kind: 'guessable',
  });
  return `/recheck/${id}`;
};

const PAGES: readonly (readonly [string, () => string])[] = [
  ['home', () => '/'],
  ['code-entry', () => '/code'],
  ['code-mistyped', () => '/c/1234567890124'],
  ['code-open', () => `/c/${codeNamed('guessable')}`],
  ['code-firmware', () => `/c/${codeNamed('firmware')}`],
  ['code-infected', () => `/c/${codeNamed('infected')}`],
  ['code-fixed', () => `/c/${codeNamed('fixed')}`],
  ['code-not-seen', () => `/c/${codeNamed('not-seen')}`],
  ['code-withdrawn', () => `/c/${codeNamed('withdrawn')}`],
  ['code-unknown', () => `/c/${codeNamed('unheard')}`],
  ['fix', () => '/fix'],
  ['fix-guessable', () => '/fix/guessable'],
  ['fix-firmware', () => '/fix/firmware?maker=Aoba&model=Cam-120'],
  ['recheck-waiting', () => asked('A'.repeat(22), 'asked')],
  ['recheck-fixed', () => asked('B'.repeat(22), 'fixed')],
  ['recheck-still-open', () => asked('C'.repeat(22), 'still-open')],
  ['recheck-no-answer', () => asked('D'.repeat(22), 'no-answer')],
  ['real', () => '/real'],
  ['how', () => '/how'],
  ['contact', () => '/contact'],
  ['contact-sent', () => '/contact/sent/Q-7HK2M-94TXA'],
  ['statistics', () => '/statistics'],
  ['accessibility', () => '/accessibility'],
  ['missing', () => '/nowhere'],
];

/** The checking program looks at each page in both languages, at one width each: it sees no difference between the two. */
const LOOKED_AT = { ja: 'phone', en: 'desktop' } as const;

for (const language of ['ja', 'en'] as const) {
  let opened: Awaited<ReturnType<typeof openPage>>;
  for (const [name, path] of PAGES)
    test(`${name} in ${language}: accessible, never wider than the screen, nothing from elsewhere`, async () => {
      opened ??= await openPage({});
      const { page, complaints } = opened;
      complaints.length = 0;
      nextVisitor();
      const at = base + pathIn(language, path());
      const sideways = async () => (await page.evaluate('document.documentElement.scrollWidth - innerWidth')) as number;
      for (const { name: size, width, height } of SIZES) {
        await page.setViewportSize({ width, height });
        if (page.url() !== at) await page.goto(at, { waitUntil: 'load' });
        if (LOOKED_AT[language] === size) {
          const { violations } = await new AxeBuilder({ page }).analyze();
          assert.deepEqual(
            violations.map(v => `${v.id}: ${v.nodes.map(n => n.html).join(' | ')}`),
            [],
          );
        }
        assert.ok((await sideways()) <= 0, `${await sideways()} px too wide at ${width}`);
        if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}-${language}-${width}.png`, fullPage: true });
      }
      await page.setViewportSize({ width: 320, height: 640 });
      assert.ok((await sideways()) <= 0, `${await sideways()} px too wide at 320`);
      await page.setViewportSize({ width: 640, height: 900 });
      await page.evaluate('document.documentElement.style.setProperty("font-size", "36px")');
      assert.ok((await sideways()) <= 0, `${await sideways()} px too wide with the text twice as large`);
      assert.deepEqual(complaints, []);
    });
}

test('an owner without script: code, steps, check again, result', async () => {
  const { page, close } = await openPage({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
  const code = codeNamed('guessable');
  await page.goto(base);
  await page.fill('#code1', code.slice(0, 4));
  await page.fill('#code2', code.slice(4, 8));
  await page.fill('#code3', code.slice(8));
  await page.click('.codebox button');
  assert.equal(new URL(page.url()).pathname, `/c/${code}`);
  await page.click('form[action$="/recheck"] button');
  const id = new URL(page.url()).pathname.slice('/recheck/'.length);
  assert.equal(sample.store.rechecks.get(id)?.visitor, sample.visitor);
  assert.match((await page.locator('h1').textContent()) ?? '', /もう一度確認/);
  sample.store.decide(id, 'fixed');
  // The browser looks again by itself.
  await page.getByText('直りました').first().waitFor({ timeout: 15_000 });
  await close();
});

test('with script: a pasted code spreads over the groups, ticks stay, and the result arrives live', async () => {
  const { page, complaints, close } = await openPage({ viewport: { width: 390, height: 844 } });
  const code = codeNamed('no-login');
  await page.goto(`${base}/en`);
  await page.focus('#code1');
  await page.keyboard.insertText(`${code.slice(0, 4)}-${code.slice(4, 8)}-${code.slice(8)}`);
  assert.deepEqual(await Promise.all(['#code1', '#code2', '#code3'].map(box => page.inputValue(box))), [
    code.slice(0, 4),
    code.slice(4, 8),
    code.slice(8),
  ]);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${base}/en/c/${code}`);
  await page.goto(`${base}/en/fix/no-login`);
  await page.check('.steps li:nth-child(2) input');
  await page.reload();
  assert.equal(await page.isChecked('.steps li:nth-child(2) input'), true);
  await page.goto(`${base}/en/c/${code}`);
  await page.click('form[action$="/recheck"] button');
  await page.waitForURL(/\/en\/recheck\//);
  sample.store.decide(new URL(page.url()).pathname.split('/').at(-1) ?? '', 'still-open');
  await page.getByText('Still open').first().waitFor({ timeout: 4_000 });
  assert.deepEqual(complaints, []);
  await close();
});

test('typing digit by digit moves from group to group, and a mistyped code puts the focus back on the first', async () => {
  const { page, close } = await openPage({ viewport: { width: 390, height: 844 } });
  await page.goto(`${base}/en`);
  await page.focus('#code1');
  await page.keyboard.type('1234567890124');
  assert.equal(await page.inputValue('#code3'), '90124');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.fault');
  assert.equal(await page.evaluate('document.activeElement.id'), 'code1');
  await close();
});

test('by keyboard alone the first stop is the way past the frame, and every stop can be seen', async () => {
  const { page, close } = await openPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(`${base}/en`);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate('document.activeElement.getAttribute("href")'), '#main');
  for (let stop = 0; stop < 12; stop++) {
    await page.keyboard.press('Tab');
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    assert.notEqual(outline, 'none');
  }
  await close();
});
