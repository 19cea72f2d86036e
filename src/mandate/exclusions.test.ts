import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { labClocks, makeLab, NOW } from '../../test/mandate/lab-paper.ts';
import { parseIpv4 } from '../record/address.ts';
import { DAY, isoOf } from '../record/instant.ts';
import type { ExclusionsChange } from './exclusions.ts';
import { parseExclusions, watchExclusions } from './exclusions.ts';
import { compileGate } from './gate.ts';

const OTHER = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const workerFile = new URL(`../../test/mandate/gate-worker.${OTHER}`, import.meta.url);
const address = parseIpv4('192.0.2.9') as number;

test('prefixes, bare addresses, reasons, comments and either line ending are read; anything else names its line', () => {
  const read = parseExclusions('# all\r\n192.0.2.0/28  asked by letter # 12\n\n 2001:db8::/32\n192.0.2.77', 'x');
  assert.deepEqual(
    read.map(e => [e.prefix.length, e.reason, e.line]),
    [
      [28, 'asked by letter', 2],
      [32, undefined, 4],
      [32, undefined, 5],
    ],
  );
  for (const bad of ['192.0.2.1/24', '192.0.2', 'example', '10.0.0.0/33', '010.0.0.0/8', '10.0.0.0/8,', '-'])
    assert.throws(() => parseExclusions(`\n${bad}\n`, 'x'), /x:2: ".*" is no prefix/);
});

test('a new line holds within one second in a worker that is sending, and one taken away stays excluded', async () => {
  const now = Date.now();
  const sources = { addresses: ['127.0.0.1'], publishedAt: isoOf(now - 30 * DAY), publishedAs: 'a page' };
  const period = { from: isoOf(now - DAY), to: isoOf(now + DAY) };
  const isps = [{ isp: 'isp-a', prefixes: ['192.0.2.0/24'], signedAt: now - DAY }];
  const lab = makeLab({ isps, body: { sources, period }, exclusions: '192.0.2.200\n' });
  const file = join(lab.dir, 'exclusions.txt');
  const clocks = { calendar: Date.now, monotonic: () => performance.now() };
  const gate = compileGate(lab.load(), clocks);
  const changes: ExclusionsChange[] = [];
  const watch = watchExclusions(file, gate, clocks, change => changes.push(change));
  const worker = new Worker(workerFile, { workerData: { tables: gate.tables, address } });
  try {
    assert.deepEqual(await once(worker, 'message'), ['allowed']);
    appendFileSync(file, '192.0.2.8/31 asked by telephone\n');
    const begun = performance.now();
    assert.deepEqual(await once(worker, 'message'), ['excluded']);
    assert.ok(performance.now() - begun < 1_000, 'within one second');
    await sleep(250);
    assert.deepEqual(
      changes.map(c => [c.added, c.stopped]),
      [[1, false]],
    );
    writeFileSync(file, '');
    await sleep(500);
    assert.equal(gate.refuses(address, 23, 'sweep'), 'excluded');
    assert.equal(gate.refuses(address + 2, 23, 'sweep'), undefined);
  } finally {
    watch.close();
    await worker.terminate();
    lab.remove();
  }
});

for (const [what, spoil] of [
  ['malformed', (file: string) => appendFileSync(file, 'nonsense\n')],
  ['gone', (file: string) => rmSync(file)],
] as const)
  test(`a file that is ${what} while running stops everything within one second`, async () => {
    const lab = makeLab();
    const clocks = labClocks();
    const gate = compileGate(lab.load(), clocks);
    const file = join(lab.dir, 'exclusions.txt');
    const changes: ExclusionsChange[] = [];
    const watch = watchExclusions(file, gate, clocks, change => changes.push(change));
    spoil(file);
    await sleep(950);
    assert.equal(gate.refuses(address, 23, 'sweep'), 'stopped');
    assert.deepEqual(
      changes.map(c => [c.added, c.stopped, c.at]),
      [[0, true, NOW]],
    );
    assert.match(changes[0]?.message ?? '', /exclusions\.txt.*nothing more is sent/);
    watch.close();
    lab.remove();
  });

test('a file replaced the way editors do it, and a line added before the first look, stop nothing and hold', async () => {
  const lab = makeLab();
  const gate = compileGate(lab.load(), labClocks());
  const file = join(lab.dir, 'exclusions.txt');
  writeFileSync(file, '192.0.2.9\n');
  const watch = watchExclusions(file, gate, labClocks(), () => {});
  assert.equal(gate.refuses(address, 23, 'sweep'), 'excluded');
  for (let n = 0; n < 5; n++) {
    renameSync(file, `${file}~`);
    await sleep(30);
    writeFileSync(file, `192.0.2.9\n192.0.2.${10 + n}\n`);
    await sleep(250);
  }
  assert.equal(gate.refuses(address + 5, 23, 'sweep'), 'excluded');
  assert.equal(gate.refuses(address + 6, 23, 'sweep'), undefined);
  watch.close();
  lab.remove();
});
