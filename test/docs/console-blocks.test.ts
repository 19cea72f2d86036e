import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { shows, stepsOf } from './console-blocks.ts';
import { openTerminal } from './terminal.ts';

const dir = mkdtempSync(join(tmpdir(), 'notice-terminal-'));
const terminal = openTerminal({ folder: dir, bin: join(dir, 'bin'), notice: '/nowhere' });
after(() => {
  terminal.close();
  rmSync(dir, { recursive: true, force: true });
});

const page = (...lines: string[]) => ['text', '```console', ...lines, '```', '```sh', '$ not run', '```'].join('\n');

test('commands with their output and exit code; other blocks are not commands', () => {
  assert.deepEqual(stepsOf(page('$ one  # exit 3', 'out', '  more', '$ two \\', '    --x', '$ three')), [
    { line: 3, command: 'one  # exit 3', exit: 3, output: ['out', '  more'] },
    { line: 6, command: 'two \\\n    --x', exit: 0, output: [] },
    { line: 8, command: 'three', exit: 0, output: [] },
  ]);
  const [here] = stepsOf(page("$ cat > f <<'END'", '$ kept', '…', 'END', 'shown'));
  assert.equal(here?.command, "cat > f <<'END'\n$ kept\n…\nEND");
  assert.deepEqual(here?.output, ['shown']);
  assert.throws(() => stepsOf(page('output first')), /line 3: a block begins/);
  assert.throws(() => stepsOf('```console\n$ a'), /does not end/);
  assert.throws(() => stepsOf(page('$ cat <<END', 'x')), /END is missing/);
});

test('output must be all there, with … for what changes', () => {
  assert.ok(shows(['a', '…', 'b … d'], 'a\nx\ny\nb c d\n'));
  assert.ok(shows(['a', '…'], 'a'));
  assert.ok(shows([], 'anything'));
  assert.ok(!shows(['a'], 'a\nb'));
  assert.ok(!shows(['a.c'], 'abc'));
  assert.ok(!shows(['…', 'b'], 'a'));
});

test('one terminal goes on from step to step, and tells how each ended', async () => {
  assert.deepEqual(await terminal.run('mkdir in && cd in && x=5', 5_000), { printed: '', exit: 0 });
  const { printed } = await terminal.run("cat <<'END'\n$x 'quoted'\nEND\necho $x; basename $PWD; echo err >&2", 5_000);
  assert.equal(printed, "$x 'quoted'\n5\nin\nerr\n");
  assert.equal((await terminal.run('sh -c "exit 3"', 5_000)).exit, 3);
  // What reads its input does not read the next command.
  assert.equal((await terminal.run('cat', 5_000)).printed, '');
  await terminal.run('sleep 60 &', 5_000);
  assert.equal(await terminal.running(), 1);
  await terminal.run('kill %1; wait', 5_000);
  assert.equal(await terminal.running(), 0);
  await assert.rejects(terminal.run('sleep 60', 200), /still running after 200 ms/);
});
