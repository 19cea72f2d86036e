/** A whole raw sweep over a wire of two namespaces: what is up is found, and what arrived at the far end is what the ledger says. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { SweepProgress, SweepResult } from '../../src/survey/sweep/sweep.ts';
import type { LoopbackPaper } from '../fixtures/loopback-paper.ts';
import type { RawWish } from '../fixtures/raw-sweep-child.ts';
import { makeVethPair, NEAR, type VethPair } from '../real/veth-pair.ts';

const run = promisify(execFile);
const CHILD = fileURLToPath(new URL(`../fixtures/raw-sweep-child${extname(import.meta.url)}`, import.meta.url));
/** RFC 2544's benchmark space: nobody's. 4,096 addresses, two ports, of which one is open where there is a host. */
const PREFIX = '198.18.0.0/20';
const OPEN = 2323;
const SHUT = 8080;
/** Where there are hosts: 64 + 16 addresses. */
const UP = ['198.18.3.64/26', '198.18.9.240/28'];
const HOSTS = UP.flatMap(prefix => {
  const [base = '', length = ''] = prefix.split('/');
  const [a, b, c, d = 0] = base.split('.').map(Number);
  return Array.from({ length: 2 ** (32 - Number(length)) }, (_, n) => `${a}.${b}.${c}.${d + n}`);
}).sort();

const dir = mkdtempSync(join(tmpdir(), 'notice-raw-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const paper = (more: Partial<LoopbackPaper> = {}): LoopbackPaper => ({
  isps: { a: ['198.18.0.0/21'], b: ['198.18.8.0/21'] },
  ports: [OPEN, SHUT],
  sources: [NEAR.address],
  connectMs: 400,
  limits: { total: { perSecond: 8000, burst: 400 } },
  ...more,
});

interface Far {
  readonly pair: VethPair;
  /** SYNs that have arrived, as the far kernel counts them. */
  syns(): Promise<number>;
}

/** The far end answers for UP alone, listens on OPEN, and counts SYNs before anything else. */
async function withFar(work: (far: Far) => Promise<void>): Promise<void> {
  const pair = await makeVethPair(PREFIX, 'any-ip');
  const inFar = async (script: string): Promise<string> => {
    const [command, args] = pair.inFar('sh', '-ec', script);
    return (await run(command, args)).stdout;
  };
  await inFar(`ip route del local ${PREFIX} dev lo`);
  for (const prefix of UP) await inFar(`ip route add local ${prefix} dev lo`);
  await inFar(`nft -f - <<'END'
table ip count {
  chain in {
    type filter hook prerouting priority -300; policy accept;
    tcp flags & (syn | ack | rst | fin) == syn counter
  }
}
END`);
  const listen = `require('net').createServer(s => s.on('error', () => 0).destroy()).listen(${OPEN}, '0.0.0.0', 4096, () => console.log('up'))`;
  const [command, args] = pair.inFar(process.execPath, '-e', listen);
  const listener = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(listener.stdout, 'data');
    await work({
      pair,
      syns: async () => Number(/counter packets (\d+)/.exec(await inFar('nft list table ip count'))?.[1]),
    });
  } finally {
    listener.kill('SIGKILL');
    await pair.stop();
  }
}

interface Swept {
  readonly result: SweepResult | undefined;
  readonly hits: readonly { address: string; port: number; class?: string; ttl?: number }[];
}

/** `killAt`: ends it without a word once so many are done. */
async function sweep(pair: VethPair, wish: Partial<RawWish>, killAt = Number.POSITIVE_INFINITY): Promise<Swept> {
  const whole = { paper: paper(), shardSize: 1000, driver: 'mmsg', ledgerFile: join(dir, 'ledger'), ...wish };
  const [command, args] = pair.inNear(process.execPath, CHILD, JSON.stringify(whole));
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const hits: Swept['hits'][number][] = [];
  let result: SweepResult | undefined;
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (text + chunk).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const word = JSON.parse(line) as { hit?: Swept['hits'][number]; progress?: SweepProgress; result?: SweepResult };
      if (word.hit) hits.push(word.hit);
      if (word.result) result = word.result;
      if (word.progress && word.progress.done >= killAt) child.kill('SIGKILL');
    }
  });
  const [code, signal] = await once(child, 'close');
  if (killAt === Number.POSITIVE_INFINITY) assert.deepEqual([code, signal], [0, null]);
  else assert.equal(signal, 'SIGKILL');
  return { result, hits };
}

const addresses = ({ hits }: Swept): string[] => [...new Set(hits.map(hit => hit.address))].sort();

test('exactly what is up is found, exactly what the ledger says was sent, and an exclusion is kept', async () => {
  await withFar(async ({ pair, syns }) => {
    const ledgerFile = join(dir, 'whole');
    const swept = await sweep(pair, {
      ledgerFile,
      paper: paper({ excluded: ['198.18.3.64/30', '198.18.12.0/24'] }),
      canaries: [
        { address: 0xc612_0350, port: OPEN },
        { address: 0xc612_09f1, port: OPEN },
      ],
    });
    const { result } = swept;
    const open = HOSTS.filter(host => !/^198\.18\.3\.6[4-7]$/.test(host));
    assert.ok(result?.done);
    assert.deepEqual(addresses(swept), open);
    assert.ok(swept.hits.every(hit => hit.port === OPEN && hit.class === 'syn-ack' && (hit.ttl ?? 0) > 32));
    assert.deepEqual([result.total, result.excluded, result.sent], [8192, 520, 7672]);
    assert.deepEqual([result.answered, result.tally.refused], [open.length, open.length]);
    assert.equal(result.raw?.rst, open.length);
    const canaries = result.raw?.canaries;
    assert.ok(canaries && canaries.sent === 2 * 9 && canaries.answered === canaries.sent, JSON.stringify(canaries));
    assert.equal(result.packets, result.sent);
    assert.equal(await syns(), result.packets + canaries.sent);
    assert.equal(result.raw?.kernelDrops, 0);
    const again = await sweep(pair, { ledgerFile, paper: paper({ excluded: ['198.18.3.64/30', '198.18.12.0/24'] }) });
    assert.deepEqual([again.result?.done, again.result?.packets, again.result?.resumed], [true, 0, true]);
    assert.deepEqual(addresses(again), open, 'what is done is told again');
  });
});

test('a second pass asks only those that had not answered, and counts the others apart', async () => {
  await withFar(async ({ pair, syns }) => {
    const { result } = await sweep(pair, { ledgerFile: join(dir, 'passes'), passes: 2, passGapMs: 50 });
    assert.ok(result?.done);
    assert.equal(result.total, 2 * 8192);
    assert.equal(result.known, 2 * HOSTS.length, 'open and shut ports both answered');
    assert.equal(result.sent, 2 * 8192 - result.known);
    assert.equal(result.answered, HOSTS.length);
    assert.equal(await syns(), result.sent);
  });
});

for (const policy of ['at-least-once', 'never-twice'] as const)
  test(`killed at any moment and resumed, ${policy}: the whole is covered`, async () => {
    await withFar(async ({ pair, syns }) => {
      const ledgerFile = join(dir, policy);
      const wish = { ledgerFile, policy, paper: paper({ limits: { total: { perSecond: 3000, burst: 100 } } }) };
      const hits = new Set<string>();
      for (const enough of [1, 2500, 5000])
        for (const hit of (await sweep(pair, wish, enough)).hits) hits.add(hit.address);
      assert.ok(readFileSync(ledgerFile, 'utf8').length > 0);
      const last = await sweep(pair, wish);
      for (const hit of last.hits) hits.add(hit.address);
      const { result } = last;
      assert.ok(result?.done && result.resumed);
      assert.deepEqual([result.total, result.sent], [8192, 8192]);
      const arrived = await syns();
      if (policy === 'at-least-once') {
        assert.deepEqual(addresses(last), HOSTS, 'no reply is lost, whichever process had heard it');
        assert.ok(arrived >= 8192 && arrived < 8192 + 3 * 3000 * 2.5, `${arrived} SYNs`);
        assert.deepEqual([result.tally.answered, result.tally.refused], [HOSTS.length, HOSTS.length]);
      } else {
        assert.ok(arrived <= 8192, `${arrived} SYNs for 8192 pairs`);
        assert.ok(result.tally.assumed > 0);
        assert.equal(arrived + result.tally.assumed >= 8192, true);
      }
    });
  });
