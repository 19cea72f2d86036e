/**
 * Makes docs/pictures/ from the real pages: a small finished rehearsal, its site, consoles in Chromium at phone and desktop
 * widths, and a letter by pdftoppm. Run: `npm run build && node_modules/.bin/node dist/scripts/pictures.js`.
 * In: a folder to write to (default docs/pictures). It ends only the processes it started.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, chromium, type Page } from 'playwright-core';

const target = resolve(process.argv[2] ?? 'docs/pictures');
const notice = join(import.meta.dirname, '../src/cli/notice.js');
const MOST_BYTES = 150_000;
const ROW = /^ {2}(\S.*?) {2,}(http:\S+)$/;

interface Up {
  readonly url: (name: string) => string;
  readonly folder: string;
  close(): Promise<void>;
}

/** A rehearsal that has ended and stays up; its doors by the name it prints. */
async function startRehearsal(): Promise<Up> {
  const folder = mkdtempSync(join(tmpdir(), 'notice-pictures-'));
  const options = ['--addresses', '4096', '--devices', '60', '--rounds', '1', '--folder', folder];
  const child = spawn(process.execPath, [notice, 'rehearse', ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const urls = new Map<string, string>();
  for await (const line of createInterface({ input: child.stdout })) {
    const row = ROW.exec(line);
    if (row?.[1] && row[2]) urls.set(row[1], row[2]);
    if (line.includes('Console links work once')) break;
  }
  return {
    folder: join(folder, '1'),
    url: name => {
      const found = urls.get(name);
      if (found === undefined) throw new RangeError(`the rehearsal printed no "${name}"`);
      return found;
    },
    close: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const SIZES = { phone: { width: 390, height: 960 }, desktop: { width: 1100, height: 780 } };
type Size = keyof typeof SIZES;

async function open(browser: Browser, size: Size, url: string): Promise<Page> {
  const context = await browser.newContext({ viewport: SIZES[size], locale: 'en-GB', timezoneId: 'Asia/Tokyo' });
  const page = await context.newPage();
  // Not until the network is idle: the operator's page keeps an event stream open.
  await page.goto(url, { waitUntil: 'load' });
  return page;
}

function letter(folder: string): Buffer {
  const file = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.pdf'))
    .sort()[0];
  if (file === undefined) throw new RangeError(`no letter lies in ${folder}`);
  const args = ['-png', '-r', '144', '-f', '1', '-singlefile', join(folder, file)];
  const { status, stdout, error } = spawnSync('pdftoppm', args, { maxBuffer: 1 << 26 });
  if (status === 0 && stdout.length > 0) return stdout;
  throw error ?? new RangeError('pdftoppm made nothing of the letter');
}

/** Pictures beside each other on a page of their own: the letter alone, and all three for the first page a stranger sees. */
async function beside(browser: Browser, height: number, pictures: readonly Buffer[], width: number): Promise<Page> {
  const page = await open(browser, 'desktop', 'about:blank');
  await page.setViewportSize({ width, height: height + 40 });
  const images = pictures.map(png => `<img src="data:image/png;base64,${png.toString('base64')}">`).join('');
  await page.setContent(
    `<style>body{margin:0;padding:20px;display:flex;gap:20px;justify-content:center;background:#f1f1f4}
     img{height:${height}px;outline:1px solid #b4b4bb;background:#fff}</style>${images}`,
  );
  return page;
}

async function main(): Promise<void> {
  mkdirSync(target, { recursive: true });
  const rehearsal = await startRehearsal();
  const args = ['--no-sandbox', '--disable-quic', '--disable-background-networking'];
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [...args, '--disable-component-update', '--disable-sync'],
  });
  const keep = (name: string, png: Buffer): Buffer => {
    const file = join(target, `${name}.png`);
    if (png.length > MOST_BYTES) throw new RangeError(`${file} would be larger than ${MOST_BYTES} bytes`);
    writeFileSync(file, png);
    process.stdout.write(`${file}  ${Math.round(png.length / 1000)} kB\n`);
    return png;
  };
  const shot = async (name: string, page: Page) => keep(name, await page.screenshot({ animations: 'disabled' }));
  try {
    const home = rehearsal.url('home line').replace('/c/', '/en/c/');
    await shot('site', await open(browser, 'desktop', `${rehearsal.url('public site')}/en`));
    await shot('isp', await open(browser, 'desktop', rehearsal.url('minato_dhcp console')));
    const printed = letter(join(rehearsal.folder, 'post'));
    await shot('letter', await beside(browser, 620, [printed], 480));
    const owner = await shot('owner', await open(browser, 'phone', home));
    const operator = await shot('operator', await open(browser, 'desktop', rehearsal.url('operator console')));
    await shot('together', await beside(browser, 440, [printed, owner, operator], 1240));
  } finally {
    await browser.close();
    await rehearsal.close();
  }
}

await main();
