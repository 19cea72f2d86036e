/** An import killed at any point leaves the old index or the new one; going on afterwards loses nothing and doubles nothing. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { compact } from '../../src/isp/assignment/compact.ts';
import { importAssignments } from '../../src/isp/assignment/import.ts';
import { openAssignments } from '../../src/isp/assignment/index.ts';
import { readManifest } from '../../src/isp/assignment/manifest.ts';
import { makePools } from '../../src/isp/assignment/pools.ts';
import { openSubscribers } from '../../src/isp/assignment/subscribers.ts';

const root = mkdtempSync(join(tmpdir(), 'notice-kill-'));
after(() => rmSync(root, { recursive: true, force: true }));
const CHILD = fileURLToPath(new URL(`./assignment-import-child${extname(import.meta.url)}`, import.meta.url));
const T = 1_790_000_000;
const FILES = 180;
const ROWS = 100;
const KILLS = 20;
/** New files that a child is given. */
const AT_ONCE = 12;
const pools = makePools([], 'pools');

const address = (n: number) => 0x0a000000 + (n % 997);
const start = (n: number) => T + Math.floor(n / 997) * 100_000;

function writeFiles(): string[] {
  return Array.from({ length: FILES }, (_, f) => {
    const file = join(root, `part-${String(f).padStart(3, '0')}.csv`);
    const lines = Array.from({ length: ROWS }, (_, r) => {
      const n = f * ROWS + r;
      // One in ten is still held when it is told of, and ends in the next file.
      const end = n % 10 === 0 ? '' : start(n) + 90_000;
      return `10.0.${(address(n) >>> 8) & 255}.${address(n) & 255},S-${n},${start(n)},${end}`;
    });
    const ended = Array.from({ length: f === 0 ? 0 : ROWS / 10 }, (_, r) => {
      const n = (f - 1) * ROWS + r * 10;
      return `10.0.${(address(n) >>> 8) & 255}.${address(n) & 255},S-${n},${start(n)},${start(n) + 90_000}`;
    });
    writeFileSync(file, `address,subscriber,from,to\n${[...ended, ...lines].join('\n')}\n`);
    return file;
  });
}

/** Whole files only, each hold once and with its own name. */
function check(dir: string): number {
  const index = openAssignments(dir, pools);
  const known = readManifest(dir).sources[0]?.files.length ?? 0;
  assert.equal(index.rows, known * ROWS, `${known} files are in`);
  const { nameOf } = openSubscribers(dir);
  for (let n = 0; n < known * ROWS; n += 7) {
    const at = (start(n) + 50) * 1000;
    assert.deepEqual(
      index.touching(address(n), 23, at, at).map(t => nameOf(t.subscriber)),
      [`S-${n}`],
    );
    const later = (start(n) + 95_000) * 1000;
    const stillOpen = n % 10 === 0 && n >= (known - 1) * ROWS;
    assert.equal(index.touching(address(n), 23, later, later).length, stillOpen ? 1 : 0);
  }
  return known;
}

test('twenty kills: the old index or the new, never half; nothing is lost or doubled', async () => {
  const files = writeFiles();
  const dir = join(root, 'index');
  let within = 0;
  let known = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const child = spawn(process.execPath, [CHILD, dir, ...files.slice(0, known + AT_ONCE)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    await sleep(Math.random() * 150);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const now = check(dir);
    assert.ok(now >= known, 'what was in stays in');
    if (now > known && now < Math.min(FILES, known + AT_ONCE)) within++;
    known = now;
  }
  assert.ok(within >= 3, `${within} kills fell within the imports`);
  await importAssignments({ format: 'csv', files, dir });
  assert.equal(check(dir), FILES);
  compact(dir, true);
  assert.equal(check(dir), FILES);
  const left = readdirSync(dir).filter(name => !/^(\d+-\d+\.(seg|names|state)|manifest\.json)$/.test(name));
  assert.deepEqual(left, [], 'no lock, nothing half written');
});
