/** The whole sweep over real sockets on loopback: real gate, real threads, listeners that count who came. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Listeners, listenOn } from '../../../test/fixtures/listeners.ts';
import { type LoopbackPaper, loopbackGate } from '../../../test/fixtures/loopback-paper.ts';
import type { ChildWish } from '../../../test/fixtures/sweep-child.ts';
import type { FoundHit } from './messages.ts';
import { runSweep, type SweepOptions, type SweepResult } from './sweep.ts';

const dir = mkdtempSync(join(tmpdir(), 'notice-sweep-'));
after(() => rmSync(dir, { recursive: true }));
let files = 0;
const newFile = (): string => join(dir, `ledger-${files++}`);

interface Swept {
  readonly result: SweepResult;
  readonly hits: readonly FoundHit[];
}

async function sweep(paper: LoopbackPaper, more: Partial<SweepOptions> = {}): Promise<Swept> {
  const { gate, ranges } = loopbackGate(paper);
  const hits: FoundHit[] = [];
  const result = await runSweep({
    gateTables: gate.tables,
    ranges,
    ports: paper.ports,
    key: new Uint8Array(32).fill(5),
    shardSize: 1000,
    ledgerFile: newFile(),
    driver: 'auto',
    calendarOffsetMs: 0,
    onHit: hit => void hits.push(hit),
    ...more,
  });
  assert.equal(result.done, result.sent + result.excluded === result.total);
  return { result, hits };
}

async function withListeners(
  addresses: readonly string[],
  work: (listeners: Listeners) => Promise<void>,
): Promise<void> {
  const listeners = await listenOn(addresses);
  try {
    await work(listeners);
  } finally {
    await listeners.close();
  }
}

const sorted = (hits: readonly FoundHit[]): string[] => hits.map(hit => hit.address).sort();
/** Accepting is the listener's own turn of the event loop, a little after the sweep has ended. */
const settled = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 50));

test('exactly the listeners are found, an excluded one sees nobody, and every pair is accounted for', async () => {
  const open = ['127.88.0.7', '127.88.1.200', '127.88.9.1', '127.88.15.255'];
  const spared = ['127.88.3.3', '127.88.8.77'];
  await withListeners([...open, ...spared], async ({ port, seen }) => {
    const before = Date.now();
    const { result, hits } = await sweep(
      {
        isps: { a: ['127.88.0.0/21'], b: ['127.88.8.0/21'] },
        ports: [port],
        excluded: ['127.88.3.0/24', '127.88.8.77/32'],
      },
      { calendarOffsetMs: 1e7 },
    );
    assert.deepEqual(sorted(hits), [...open].sort());
    assert.deepEqual([...new Set(hits.map(hit => hit.port))], [port]);
    assert.equal(hits.find(hit => hit.address === '127.88.1.200')?.isp, 'a');
    assert.equal(hits.find(hit => hit.address === '127.88.15.255')?.isp, 'b');
    assert.ok(
      hits.every(hit => hit.at >= before + 1e7 && hit.at <= Date.now() + 1e7),
      'at is the calendar',
    );
    assert.equal(result.driver, 'connect');
    assert.equal(result.total, 4096);
    assert.equal(result.excluded, 257);
    assert.equal(result.sent, 4096 - 257);
    assert.equal(result.answered, 4);
    await settled();
    for (const address of open) assert.equal(seen.get(address), 1);
    for (const address of spared) assert.equal(seen.get(address), 0);
  });
});

test('a dry run counts and checks, touches nobody, and leaves nothing that looks done', async () => {
  await withListeners(['127.88.32.1'], async ({ port, seen }) => {
    const ledgerFile = newFile();
    const { result, hits } = await sweep(
      { isps: { a: ['127.88.32.0/23'] }, ports: [port], excluded: ['127.88.33.0/25'] },
      { driver: 'dry', ledgerFile, beforeShard: () => assert.fail('a dry run is no act') },
    );
    assert.deepEqual([result.sent, result.excluded, result.done], [384, 128, true]);
    assert.deepEqual(hits, []);
    assert.equal(existsSync(ledgerFile), false);
    await settled();
    assert.equal(seen.get('127.88.32.1'), 0);
  });
});

test('nothing leaves for a shard before its audit is written, and nothing at all when it cannot be', async () => {
  await withListeners(['127.88.34.9', '127.88.35.9'], async ({ port, seen }) => {
    const paper = { isps: { a: ['127.88.34.0/23'] }, ports: [port] };
    const granted: string[] = [];
    const { result } = await sweep(paper, {
      shardSize: 200,
      beforeShard: async (shard, from, to) => {
        await settled();
        if (granted.length === 0) assert.deepEqual([...seen.values()], [0, 0]);
        granted.push(`${shard}:${from}-${to}`);
      },
    });
    assert.equal(result.answered, 2);
    assert.deepEqual(granted, ['0:0-200', '1:200-400', '2:400-512']);
    await settled();
    const once = [...seen.values()];
    await assert.rejects(
      sweep(paper, {
        beforeShard: () => {
          throw new Error('the disk is full');
        },
      }),
      /the disk is full/,
    );
    await settled();
    assert.deepEqual([...seen.values()], once);
  });
});

test('what takes the hits may fail: the sweep stops with that error, and a resume tells them again', async () => {
  await withListeners(['127.88.36.1', '127.88.36.77'], async ({ port }) => {
    const paper = { isps: { a: ['127.88.36.0/24'] }, ports: [port] };
    const ledgerFile = newFile();
    const lost = { onHit: () => Promise.reject(new Error('nobody takes this')) };
    await assert.rejects(sweep(paper, { ledgerFile, ...lost }), /nobody takes this/);
    const again = await sweep(paper, { ledgerFile });
    assert.deepEqual(sorted(again.hits), ['127.88.36.1', '127.88.36.77']);
    const third = await sweep(paper, { ledgerFile, beforeShard: () => assert.fail('nothing is left to do') });
    assert.deepEqual(sorted(third.hits), ['127.88.36.1', '127.88.36.77']);
    assert.equal(third.result.packets, 0);
    assert.deepEqual([third.result.sent, third.result.done], [256, true]);
  });
});

const spread = (net: string): string[] => Array.from({ length: 64 }, (_, i) => `127.88.${net}.${i * 4}`);

test('asked to stop, it stops with the books right; the resume repeats nothing and misses nothing', async () => {
  await withListeners(spread('40'), async ({ port, seen }) => {
    const paper: LoopbackPaper = {
      isps: { a: ['127.88.40.0/22'] },
      ports: [port],
      limits: { total: { perSecond: 3000, burst: 30 } },
    };
    const ledgerFile = newFile();
    const told: number[] = [];
    const stop = new AbortController();
    const onShard = ({ shard }: { shard: number }): void => void told.push(shard);
    const first = await sweep(paper, {
      ledgerFile,
      shardSize: 300,
      signal: stop.signal,
      onShard,
      onProgress: ({ done }) => done > 100 && stop.abort(),
    });
    assert.equal(first.result.stopped, 'asked');
    assert.equal(first.result.done, false);
    assert.ok(first.result.sent > 100 && first.result.sent < 1024, `${first.result.sent} sent`);
    assert.equal(first.result.sent, first.result.packets);
    const second = await sweep(paper, { ledgerFile, shardSize: 300, onShard });
    assert.equal(second.result.resumed, true);
    assert.equal(second.result.done, true);
    assert.equal(first.result.packets + second.result.packets, 1024);
    assert.deepEqual(sorted(second.hits), spread('40').sort(), 'earlier hits are told again');
    assert.deepEqual([...new Set(told)].sort(), [0, 1, 2, 3]);
    await settled();
    assert.ok([...seen.values()].every(times => times === 1));
  });
});

test('an exclusion and a stop of the gate reach the running sender', async () => {
  await withListeners(['127.88.44.1', '127.88.46.1'], async ({ port }) => {
    const paper: LoopbackPaper = {
      isps: { a: ['127.88.44.0/22'] },
      ports: [port],
      limits: { total: { perSecond: 3000, burst: 30 } },
    };
    const { gate, ranges } = loopbackGate(paper);
    const ledgerFile = newFile();
    let stopped = 0;
    const { result } = await sweep(paper, {
      gateTables: gate.tables,
      ranges,
      ledgerFile,
      shardSize: 256,
      onProgress: ({ done, sent }) => {
        gate.exclude([{ family: 4, base: BigInt(0x7f582e00), length: 23 }]);
        if (done < 500 || stopped > 0) return;
        stopped = sent;
        gate.stop();
      },
    });
    assert.equal(result.stopped, 'stopped');
    assert.ok(result.excluded > 100, 'the new exclusion was obeyed');
    assert.ok(stopped > 0 && result.sent < 1024 - result.excluded, 'the stop was obeyed');
    const rest = await sweep({ ...paper, excluded: ['127.88.46.0/23'] }, { ledgerFile, shardSize: 256 });
    assert.equal(rest.result.done, true, 'an exclusion does not disturb the resume');
    assert.ok(rest.hits.some(hit => hit.address === '127.88.44.1'));
  });
});

test('a source the mandate does not name, or an expired mandate, lets nothing out', async () => {
  await withListeners(['127.88.48.1'], async ({ port, seen }) => {
    const paper = { isps: { a: ['127.88.48.0/24'] }, ports: [port] };
    const foreign = await sweep({ ...paper, sources: ['192.0.2.1'] });
    assert.deepEqual(
      [foreign.result.stopped, foreign.result.packets, foreign.result.done],
      ['source-not-named', 0, false],
    );
    // The sender's calendar is two days on: the mandate is over there.
    const expired = await sweep(paper, { calendarOffsetMs: 2 * 86_400_000 });
    assert.deepEqual([expired.result.stopped, expired.result.packets, expired.result.excluded], ['expired', 0, 0]);
    await settled();
    assert.equal(seen.get('127.88.48.1'), 0);
  });
});

for (const policy of ['at-least-once', 'never-twice'] as const)
  test(`killed at any moment and resumed, ${policy}: the whole is covered`, async () => {
    const net = policy === 'never-twice' ? '56' : '52';
    await withListeners(spread(net), async ({ port, seen }) => {
      const paper: LoopbackPaper = {
        isps: { a: [`127.88.${net}.0/22`] },
        ports: [port],
        limits: { total: { perSecond: 2500, burst: 20 } },
      };
      const wish: ChildWish = { paper, ledgerFile: newFile(), shardSize: 300, policy };
      const script = fileURLToPath(
        new URL(`../../../test/fixtures/sweep-child${extname(import.meta.url)}`, import.meta.url),
      );
      for (const enough of [1, 250, 600]) {
        const child = spawn(process.execPath, [script, JSON.stringify(wish)], { stdio: ['ignore', 'pipe', 'inherit'] });
        child.stdout.on('data', (text: Buffer) => {
          if (Math.max(...text.toString().trim().split('\n').map(Number)) >= enough) child.kill('SIGKILL');
        });
        const [code, signal] = await once(child, 'exit');
        assert.deepEqual([code, signal], [null, 'SIGKILL']);
      }
      assert.ok(readFileSync(wish.ledgerFile, 'utf8').length > 0);
      const { result, hits } = await sweep(paper, { ledgerFile: wish.ledgerFile, shardSize: 300, policy });
      assert.equal(result.resumed, true);
      assert.deepEqual([result.done, result.sent, result.excluded], [true, 1024, 0]);
      await settled();
      if (policy === 'at-least-once') {
        assert.ok(
          [...seen.values()].every(times => times >= 1),
          'nobody was missed',
        );
        assert.deepEqual(sorted(hits), spread(net).sort());
        assert.equal(result.tally.answered, 64);
      } else {
        assert.ok(
          [...seen.values()].every(times => times <= 1),
          'nobody was asked twice',
        );
        assert.ok(result.tally.assumed > 0 && result.tally.assumed < 1024, JSON.stringify(result.tally));
      }
    });
  });
