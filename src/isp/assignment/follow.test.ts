import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseIpv4 } from '../../record/address.ts';
import { isoOf } from '../../record/instant.ts';
import { type Followed, followAssignments } from './follow.ts';
import { openAssignments } from './index.ts';
import { makePools } from './pools.ts';

const root = mkdtempSync(join(tmpdir(), 'notice-follow-'));
after(() => rmSync(root, { recursive: true, force: true }));
const HEADER = 'address,subscriber,from,to,exporter\n';
const T = 1_790_000_000_000;
const row = (n: number, box = 'bng-1') =>
  `10.0.0.${n},S${n},${isoOf(T + n * 60_000)},${isoOf(T + n * 60_000 + 30_000)},${box}\n`;
const pools = makePools([], 'pools');
let made = 0;

async function following(file: string, dir: string, live: (until: (rows: number) => Promise<void>) => Promise<void>) {
  const abort = new AbortController();
  const done = followAssignments({
    format: 'csv',
    dir,
    files: [file],
    options: { columns: { exporter: 'exporter' } },
    silenceMs: 3_600_000,
    clocks: { monotonic: () => performance.now() },
    signal: abort.signal,
    pollMs: 10,
  });
  const until = async (rows: number) => {
    for (let n = 0; n < 500; n++) {
      if (openAssignments(dir, pools).rows >= rows) return;
      await sleep(10);
    }
    assert.fail(`${rows} holds never came`);
  };
  try {
    await Promise.race([live(until), done.then(() => assert.fail('it ended by itself'))]);
  } finally {
    abort.abort();
  }
  return await done;
}

const place = () => {
  const folder = mkdtempSync(join(root, `${++made}-`));
  return { file: join(folder, 'log.csv'), dir: join(folder, 'index') };
};
const held = (dir: string) => {
  const index = openAssignments(dir, pools);
  const rows = [];
  for (let n = 1; n < 60; n++) {
    const at = T + n * 60_000 + 10_000;
    rows.push(index.touching(parseIpv4(`10.0.0.${n}`) as number, 23, at, at).length);
  }
  return { index, each: rows };
};
const ones = (count: number) => Array.from({ length: 59 }, (_, n) => (n < count ? 1 : 0));

test('lines are read as they are written; one that is not whole waits', async () => {
  const { file, dir } = place();
  writeFileSync(file, HEADER + row(1));
  await following(file, dir, async until => {
    await until(1);
    const second = row(2);
    appendFileSync(file, second.slice(0, 20));
    appendFileSync(file, second.slice(20) + row(3).slice(0, -12));
    await until(2);
    await sleep(60);
    assert.equal(openAssignments(dir, pools).rows, 2, 'the third has no end');
    appendFileSync(file, row(3).slice(-12));
    await until(3);
  });
  assert.deepEqual(held(dir).each, ones(3));
  assert.equal(held(dir).index.sources[0]?.through, T + 3 * 60_000 + 30_000);
});

test('a file that is renamed is read to its end, then the new one; nothing twice, nothing lost', async () => {
  const { file, dir } = place();
  writeFileSync(file, HEADER + row(1));
  const done: Followed = await following(file, dir, async until => {
    await until(1);
    renameSync(file, `${file}.1`);
    appendFileSync(`${file}.1`, row(2));
    writeFileSync(file, HEADER + row(3));
    await sleep(5);
    appendFileSync(`${file}.1`, row(4));
    await until(4);
  });
  assert.equal(done.rotations, 1);
  assert.deepEqual(held(dir).each, ones(4));
  assert.deepEqual(held(dir).index.sources[0]?.exporters[0]?.gaps, []);
});

test('a file that is copied and emptied goes on in the copy; without one, what was in it is a gap', async () => {
  const { file, dir } = place();
  writeFileSync(file, HEADER + row(1) + row(2));
  await following(file, dir, async until => {
    await until(2);
    appendFileSync(file, row(3));
    copyFileSync(file, `${file}.1`);
    truncateSync(file);
    appendFileSync(file, HEADER);
    await sleep(50);
    appendFileSync(file, row(4));
    await until(4);
    truncateSync(file);
    await sleep(50);
    appendFileSync(file, HEADER + row(5));
    await until(5);
  });
  const { each, index } = held(dir);
  assert.deepEqual(each, ones(5));
  const gaps = index.sources[0]?.exporters[0]?.gaps;
  assert.deepEqual(gaps, [{ from: T + 4 * 60_000 + 30_000, to: T + 5 * 60_000 }]);
  assert.equal(index.covers('csv', T + 5 * 60_000 - 9_000, T + 5 * 60_000 - 8_000, 'bng-1'), 'gap');
  assert.equal(index.covers('csv', T + 90_000, T + 91_000, 'bng-1'), 'covered');
});

test('what was renamed while nobody followed is found again and read on', async () => {
  const { file, dir } = place();
  writeFileSync(file, HEADER + row(1));
  await following(file, dir, until => until(1));
  appendFileSync(file, row(2));
  renameSync(file, `${file}.1`);
  writeFileSync(file, HEADER + row(3));
  await following(file, dir, until => until(3));
  await following(file, dir, async until => {
    appendFileSync(file, row(4, 'bng-2'));
    await until(4);
  });
  const { each, index } = held(dir);
  assert.deepEqual(each, ones(4));
  assert.deepEqual(
    index.sources[0]?.exporters.map(e => [e.exporter, e.first, e.through]),
    [
      ['bng-1', T + 60_000, T + 3 * 60_000 + 30_000],
      ['bng-2', T + 4 * 60_000, T + 4 * 60_000 + 30_000],
    ],
  );
  assert.equal(
    index.covers('csv', T + 4 * 60_000, T + 4 * 60_000 + 1_000),
    'pending',
    'the first box is not heard yet',
  );
});
