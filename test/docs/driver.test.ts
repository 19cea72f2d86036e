/**
 * Follows the page on adding a protocol literally: a copy of the source, every block of the page applied as it stands, its
 * commands run. The page's own tests find the guessable pair of a device that speaks the new protocol.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { codeBlocksOf, edited } from './code-blocks.ts';
import { shows, stepsOf } from './console-blocks.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const PAGE = 'docs/guide/driver.md';
const page = readFileSync(PAGE, 'utf8');
/** The compiler goes through the whole source. */
const STEP = 240_000;

const dir = mkdtempSync(join(tmpdir(), 'notice-driver-'));
const clone = join(dir, 'clone');
let terminal: Terminal;

before(() => {
  mkdirSync(clone);
  // Our own tests are not part of the copy: they lean on more of test/ than the page needs.
  for (const part of ['package.json', 'tsconfig.json', 'src', 'test/peers'])
    cpSync(part, join(clone, part), { recursive: true, filter: from => !/\.test\.tsx?$/.test(from) });
  symlinkSync(join(process.cwd(), 'node_modules'), join(clone, 'node_modules'));
  const notice = join(import.meta.dirname, '../../src/cli/notice.js');
  terminal = openTerminal({ folder: clone, bin: join(dir, 'bin'), notice });
});
after(() => {
  terminal.close();
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
});

test('every block of the page can be applied as it stands', () => {
  const blocks = codeBlocksOf(page);
  assert.ok(blocks.filter(({ kind }) => kind === 'whole').length >= 5, 'grammar, machine, driver and two tests');
  assert.ok(blocks.filter(({ kind }) => kind === 'edit').length >= 4, 'the word, what an owner reads, the list');
  for (const { line, file, kind, text } of blocks) {
    const place = join(clone, file);
    mkdirSync(dirname(place), { recursive: true });
    try {
      writeFileSync(place, kind === 'edit' ? edited(readFileSync(place, 'utf8'), text) : text);
    } catch (thrown) {
      assert.fail(`${PAGE}:${line}: ${file}: ${(thrown as Error).message}`);
    }
  }
});

test('its commands end as it says: the types are right, and the guessable device is found', async () => {
  const steps = stepsOf(page);
  assert.ok(steps.length >= 2);
  for (const { line, command, exit, output } of steps) {
    const where = `${PAGE}:${line}: ${command}`;
    const said = await terminal.run(command, STEP);
    assert.equal(said.exit, exit, `${where}\n${said.printed}`);
    assert.ok(shows(output, said.printed), `${where}\n${said.printed}`);
  }
});

test('its tests are able to fail: with a machine that takes a refusal for a success they do', async () => {
  const file = join(clone, 'src/survey/probe/pop3/machine.ts');
  const right = readFileSync(file, 'utf8');
  const wrong = right.replace(
    "if (answer === 'no') return decide(REFUSED[stage]);",
    "if (answer === 'no') return decide('ACCEPT');",
  );
  assert.notEqual(wrong, right);
  writeFileSync(file, wrong);
  const { exit } = await terminal.run('npx --no -- node --test test/peers/pop3.test.ts', STEP);
  writeFileSync(file, right);
  assert.notEqual(exit, 0);
});
