/** Receiver and self-audit over a wire of two namespaces: every reply is heard and none lost by the kernel; a frame that should not be is seen. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RepliesSaid, RepliesWish } from '../fixtures/replies-child.ts';
import { type FarBehaviour, makeVethPair, NEAR, type VethPair } from '../real/veth-pair.ts';

const run = promisify(execFile);
const CHILD = fileURLToPath(new URL(`../fixtures/replies-child${extname(import.meta.url)}`, import.meta.url));
/** Twice what is swept, so that what is planted outside the mandate has a way to go. */
const ROUTED = '198.18.0.0/15';
const OPEN = 2323;
const SHUT = 8080;

async function withPair<T>(behaviour: FarBehaviour, work: (pair: VethPair) => Promise<T>): Promise<T> {
  const pair = await makeVethPair(ROUTED, behaviour);
  try {
    return await work(pair);
  } finally {
    await pair.stop();
  }
}

async function child(pair: VethPair, wish: Partial<RepliesWish>): Promise<RepliesSaid> {
  const whole: RepliesWish = {
    paper: { isps: { a: ['198.18.0.0/16'] }, ports: [OPEN, SHUT], sources: [NEAR.address] },
    count: 40_000,
    perSecond: 20_000,
    ...wish,
  };
  const [command, args] = pair.inNear(process.execPath, CHILD, JSON.stringify(whole));
  return JSON.parse((await run(command, args)).stdout) as RepliesSaid;
}

/** A listener at every address of the far end. */
async function listening<T>(pair: VethPair, work: () => Promise<T>): Promise<T> {
  const script = `require('net').createServer(s => s.on('error', () => 0).destroy()).listen(${OPEN}, '0.0.0.0', 4096, () => console.log('up'))`;
  const [command, args] = pair.inFar(process.execPath, '-e', script);
  const listener = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(listener.stdout, 'data');
    return await work();
  } finally {
    listener.kill('SIGKILL');
  }
}

test('real kernels answer from 20,000 addresses: each SYN-ACK and each RST is heard once, and none is lost', async () => {
  await withPair('any-ip', pair =>
    listening(pair, async () => {
      const said = await child(pair, {});
      assert.equal(said.failure, '');
      assert.equal(said.sent, 40_000);
      assert.deepEqual(said.heard, { 'syn-ack': 20_000, rst: 20_000, icmp: 0 });
      assert.equal(said.elements, 40_000);
      assert.deepEqual(said.seen, { kernelDrops: 0, badCookie: 0, outOfScope: 0, duplicates: 0 });
      assert.ok(said.options.includes('M1460'), said.options.join(' '));
      assert.ok(said.judged >= 39 && said.judged <= 41, `${said.judged} judged`);
      assert.ok(said.late < 5_000, `${said.late} ms`);
    }),
  );
});

test('a router’s word is heard as such', async () => {
  await withPair('any-ip', async pair => {
    const [command, args] = pair.inFar(
      'sh',
      '-ec',
      `sysctl -qw net.ipv4.icmp_ratelimit=0; nft -f - <<'END'
table ip closed {
  chain in {
    type filter hook input priority 0; policy accept;
    ip protocol tcp reject with icmp type admin-prohibited
  }
}
END`,
    );
    await run(command, args);
    const said = await child(pair, { count: 500, perSecond: 250 });
    assert.equal(said.failure, '');
    assert.deepEqual([said.heard['syn-ack'], said.heard.rst], [0, 0]);
    // A kernel has a limit of its own for such words, of a thousand a second for all namespaces together.
    assert.ok(said.heard.icmp > 20 && said.heard.icmp <= 500, `${said.heard.icmp}`);
  });
});

test('as fast as it can be sent, with every SYN answered, every reply is heard', async () => {
  await withPair('xdp-syn-ack', async pair => {
    const said = await child(pair, { count: 130_000, perSecond: 10_000_000 });
    assert.equal(said.sent, 130_000);
    assert.equal(await pair.counted(), 130_000);
    assert.equal(said.seen.kernelDrops, 0);
    assert.equal(said.heard['syn-ack'], 130_000);
  });
});

test('frames to where the mandate does not reach are seen, and no batch is begun after the one a copy is from', async () => {
  await withPair('drop', async pair => {
    const said = await child(pair, { plantFrom: 40, plantBy: 65_536 });
    assert.match(said.failure, /not what the mandate allows: it goes to 198\.19\.\d+\.\d+ port \d+: .* no target/);
    assert.equal(said.after, 0);
    // One frame of 1,024 is copied: of each four batches one.
    assert.ok(said.sent > 40 * 256 && said.sent <= 48 * 256, `${said.sent} sent`);
    assert.equal(await pair.counted(), said.sent);
  });
});

test('an exclusion that comes in mid-round and is not kept is seen', async () => {
  await withPair('drop', async pair => {
    const said = await child(pair, { excludeFrom: 40 });
    assert.match(said.failure, /to an excluded address/);
    assert.equal(said.after, 0);
    assert.equal(await pair.counted(), said.sent);
  });
});
