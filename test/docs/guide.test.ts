/**
 * Follows README and guide as a new user would: every console block is run, in order, in one folder, and must print what the
 * page shows. Nothing is skipped. And every link leads somewhere, and no page names a place of one machine.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { codeBlocksOf } from './code-blocks.ts';
import { shows, stepsOf } from './console-blocks.ts';
import { documents, guidePages, INDEX, linksOf } from './pages.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const root = process.cwd();
const text = (page: string) => readFileSync(join(root, page), 'utf8');

/** One step may take this long on a busy machine, ms; the rehearsal is the longest. */
const STEP = 120_000;

const dir = mkdtempSync(join(tmpdir(), 'notice-guide-'));
const terminal = openTerminal({
  folder: dir,
  bin: join(dir, '.bin'),
  // The build these tests are part of.
  notice: join(import.meta.dirname, '../../src/cli/notice.js'),
});
after(() => {
  terminal.close();
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
});

async function follow(page: string, terminal: Terminal): Promise<void> {
  // A page that failed leaves nothing behind for the next one; a job's number begins at 1 again.
  await terminal.run('kill $(jobs -p) 2>/dev/null; wait', STEP);
  for (const { line, command, exit, output } of stepsOf(text(page))) {
    const where = `${page}:${line}: ${command}`;
    const said = await terminal.run(command, STEP).catch((thrown: Error) => assert.fail(`${where}\n${thrown.message}`));
    assert.equal(said.exit, exit, `${where}\nended with ${said.exit}, not ${exit}; it printed:\n${said.printed}`);
    assert.ok(
      shows(output, said.printed),
      `${where}\nthe page shows:\n${output.join('\n')}\nit printed:\n${said.printed}`,
    );
  }
  assert.equal(await terminal.running(), 0, `${page} leaves a program running`);
}

test('the command as the index tells to get it, from a folder below the clone', () => {
  assert.match(text(INDEX), /^alias notice='npx --no -- notice' /m);
  const { status, stdout, stderr } = spawnSync('npx', ['--no', '--', 'notice', '--help'], {
    cwd: join(root, 'docs'),
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^Usage: notice COMMAND/);
});

test('README and index', async () => {
  await follow('README.md', terminal);
  await follow(INDEX, terminal);
});

// A page whose blocks are source files is followed in a copy of the source: driver.test.ts.
for (const page of guidePages(root).filter(page => codeBlocksOf(text(page)).length === 0))
  test(page, async () => {
    assert.ok(linksOf(text(INDEX)).includes(page.slice('docs/guide/'.length)), 'the index does not name it');
    assert.ok(stepsOf(text(page)).length >= 3, 'a guide page has commands to follow');
    await terminal.run(`cd '${dir}'`, STEP);
    await follow(page, terminal);
  });

test('the guide has a page for each of its readers', () => {
  for (const page of guidePages(root)) assert.ok(linksOf(text(INDEX)).includes(page.slice('docs/guide/'.length)), page);
  const pages = guidePages(root).map(page => page.slice('docs/guide/'.length, -'.md'.length));
  assert.deepEqual(pages, ['rehearsal', 'laboratory', 'isp', 'owner', 'desk', 'driver']);
});

for (const page of documents(root))
  test(`links of ${page}`, () => {
    for (const link of linksOf(text(page))) {
      if (/^(https?|mailto):/.test(link)) continue;
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? join(root, page) : resolve(root, dirname(page), decodeURI(file));
      assert.ok(existsSync(target), `${link} does not exist`);
      if (/\.(png|svg)$/.test(file)) assert.ok(statSync(target).size > 1_000, `${link} is no picture`);
      if (anchor === undefined || !target.endsWith('.md')) continue;
      const heads = [...readFileSync(target, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, head = '']) =>
        head
          .toLowerCase()
          .replace(/[^\p{L}\p{N} _-]/gu, '')
          .replaceAll(' ', '-'),
      );
      assert.ok(heads.includes(anchor), `${link} names no heading`);
    }
  });

test('no document names a place of one machine, or where packages come from', () => {
  const places =
    /(^|[\s`'"(=])\/(home|root|work|Users|tmp\/\w)[/\w]|registry\.|npmjs|artifactory|localhost:\d{4,5}\/npm/i;
  for (const page of documents(root))
    for (const [n, line] of text(page).split('\n').entries()) assert.doesNotMatch(line, places, `${page}:${n + 1}`);
});
