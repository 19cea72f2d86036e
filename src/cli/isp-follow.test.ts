import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readSources } from '../isp/assignment/manifest.ts';

const dir = mkdtempSync(join(tmpdir(), 'notice-cli-follow-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const program = fileURLToPath(new URL(`./notice${extname(import.meta.url)}`, import.meta.url));

function notice(...args: string[]) {
  const child = spawn(process.execPath, [program, 'isp', 'import', '--format', 'csv', '--dir', 'logs', ...args], {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', text => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', text => (said.err += text));
  return { child, said, code: async () => (await once(child, 'close'))[0] as number };
}

test('a live log is followed until Ctrl-C; bad lines are named as they come', async () => {
  const log = join(dir, 'live.csv');
  writeFileSync(log, 'address,subscriber,from,to\n127.64.0.1,a,10,20\n');
  const { child, said, code } = notice('--follow', '--json', 'live.csv');
  const until = async (used: number) => {
    for (let n = 0; n < 400; n++) {
      if (readSources(join(dir, 'logs'))[0]?.rows === used) return;
      await sleep(25);
    }
    assert.fail(`${used} rows never came: ${said.err}`);
  };
  await until(1);
  appendFileSync(log, 'bad\n127.64.0.2,b,30,40\n');
  await until(2);
  child.kill('SIGINT');
  assert.equal(await code(), 0);
  assert.deepEqual(JSON.parse(said.out), { used: 2, rotations: 0, rejected: 1 });
  assert.match(said.err, /live\.csv:3: 1 columns where the header has 4/);
});

test('what does not go together is refused before anything is read', async () => {
  for (const args of [
    ['--follow', '--anew', 'live.csv'],
    ['--for', '5', 'live.csv'],
    ['--follow', '--for', 'ever', 'live.csv'],
    ['--silence', '0', 'live.csv'],
    ['--zone', 'JST', 'live.csv', '--source', 'other'],
    ['--columns', 'colour=red', 'live.csv'],
  ])
    assert.equal(await notice(...args).code(), 2, args.join(' '));
});
