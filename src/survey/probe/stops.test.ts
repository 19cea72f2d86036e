/** What must stop a conversation that is under way, over a real socket, with a real gate, within a second. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { loopbackPaper } from '../../../test/fixtures/loopback-paper.ts';
import { type CompiledGate, compileGate } from '../../mandate/gate.ts';
import { parsePrefix } from '../../record/address.ts';
import { type Clocks, DAY, HOUR } from '../../record/instant.ts';
import { type Dial, dial } from './dial.ts';
import { dialNet } from './dial-net.ts';
import { type Conversation, converse, type RunnerDeps } from './runner.ts';
import { telnetDriver } from './telnet/driver.ts';

const AT = Date.UTC(2026, 5, 1, 3);

/** Calendar and monotonic, moved by hand; between moves they run. */
function fakeClocks() {
  const began = performance.now();
  const moved = { both: 0, calendar: 0 };
  const since = () => performance.now() - began;
  const clocks: Clocks = {
    calendar: () => AT + since() + moved.both + moved.calendar,
    monotonic: () => 5_000 + since() + moved.both,
  };
  return { clocks, moved };
}

interface Bench {
  readonly gate: CompiledGate;
  readonly moved: { both: number; calendar: number };
  readonly stop: AbortController;
}

/** Bytes the peer got, and when. */
interface Peer {
  bytes: number;
  resetAt: number;
}

interface Setting {
  readonly way?: Dial;
  readonly conversationMs?: number;
  readonly settleMs?: number;
  readonly transport?: 'tcp' | 'tls';
  readonly onSocket: (socket: Socket) => void;
  readonly then?: (bench: Bench) => void;
}

async function held(setting: Setting): Promise<Conversation & { readonly ms: number; readonly peer: Peer }> {
  const peer: Peer = { bytes: 0, resetAt: 0 };
  const server = createServer(socket => {
    socket.on('data', d => {
      peer.bytes += d.length;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      peer.resetAt = performance.now();
    });
    setting.onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { clocks, moved } = fakeClocks();
  const paper = loopbackPaper({ isps: { isp: ['127.0.0.0/24'] }, ports: [port] }, AT);
  const body = {
    ...paper.mandate.body,
    ports: [{ port, protocol: 'telnet' as const, acts: ['identify' as const] }],
    deadlines: {
      connectMs: 500,
      settleMs: setting.settleMs ?? 60_000,
      conversationMs: setting.conversationMs ?? 60_000,
      checkMs: 60_000,
    },
  };
  const gate = compileGate({ ...paper, mandate: { body, signatures: [] } }, clocks);
  const stop = new AbortController();
  const deps: RunnerDeps = { clocks, gate, dial: setting.way ?? dial, signal: stop.signal };
  const talk = telnetDriver.begin({
    host: '',
    agent: '',
    settleMs: body.deadlines.settleMs,
    random: new Uint8Array(8),
  });
  const { transport = 'tcp' } = setting;
  const running = converse({ address: '127.0.0.1', port, act: 'identify', transport, talk }, deps);
  await sleep(60);
  const began = performance.now();
  setting.then?.({ gate, moved, stop });
  const conversation = await running;
  const ms = performance.now() - began;
  await sleep(10);
  server.close();
  return { ...conversation, ms, peer };
}

const REASONS: readonly (readonly [string, string, (bench: Bench) => void])[] = [
  ['an exclusion', 'excluded', ({ gate }) => gate.exclude([parsePrefix('127.0.0.1/32') as never])],
  ['a revoked mandate', 'stopped', ({ gate }) => gate.stop()],
  ['a stop', 'stopped', ({ stop }) => stop.abort()],
  [
    'the end of the mandate',
    'expired',
    ({ moved }) => {
      moved.both += DAY;
    },
  ],
  [
    'a clock set forward',
    'clock-jumped',
    ({ moved }) => {
      moved.calendar += HOUR;
    },
  ],
  [
    'a clock set back',
    'clock-jumped',
    ({ moved }) => {
      moved.calendar -= HOUR;
    },
  ],
];

for (const [how, way] of [
  ['by Node', dialNet],
  ['by system calls', dial],
] as const)
  for (const [name, refusal, then] of REASONS)
    test(`${name} stops a waiting conversation within a second, ${how}`, async () => {
      const got = await held({ way, onSocket: s => void s.write('Welcome'), then });
      assert.deepEqual([got.outcome, got.refusal], ['POLICY_STOP', refusal]);
      assert.ok(got.ms < 1_000, `${got.ms} ms`);
      assert.ok(got.peer.resetAt > 0, 'the peer is left');
      assert.equal(got.peer.bytes, 0);
    });

test('a peer that says a byte now and then, or negotiates without end, stretches nothing', async () => {
  for (const [word, outcome] of [
    ['x', 'NO_PROMPT'],
    ['\xff\xf1', 'NO_PROMPT'],
    ['\xff\xfb\x22', 'NO_PROMPT'],
    ['\0', 'SILENT'],
  ] as const) {
    let timer: NodeJS.Timeout | undefined;
    const onSocket = (socket: Socket) => {
      timer = setInterval(() => socket.write(word, 'latin1'), 20);
    };
    const got = await held({ onSocket, conversationMs: 400, settleMs: 100 });
    clearInterval(timer);
    assert.equal(got.outcome, outcome);
    assert.ok(got.ms > 300 && got.ms < 600, `${got.ms} ms`);
  }
});

test('TLS that is none is TLS_ERROR, and a handshake that never ends has its deadline', async () => {
  const plain = await held({ transport: 'tls', onSocket: s => void s.write('login: ') });
  assert.equal(plain.outcome, 'TLS_ERROR');
  const silent = await held({ transport: 'tls', conversationMs: 300, onSocket: () => {} });
  assert.equal(silent.outcome, 'DEADLINE');
  assert.ok(silent.ms < 500, `${silent.ms} ms`);
  const closing = await held({ transport: 'tls', onSocket: s => void s.end() });
  assert.equal(closing.outcome, 'TLS_ERROR');
});

/** Holds each connection for a while, so that two hundred at once need more descriptors than there are. */
const CHILD = `
  const { createServer } = await import('node:net');
  const at = name => new URL(name, process.env.HERE).href;
  const { converse } = await import(at('./runner.' + process.env.EXT));
  const { dial } = await import(at('./dial.' + process.env.EXT));
  const { dialNet } = await import(at('./dial-net.' + process.env.EXT));
  const { telnetDriver } = await import(at('./telnet/driver.' + process.env.EXT));
  const clocks = { calendar: () => 0, monotonic: () => performance.now() };
  const deadlines = { connectMs: 500, settleMs: 40, conversationMs: 8000, checkMs: 9000 };
  const gate = { mandate: { deadlines }, refuses: () => undefined, refusesSource: () => undefined };
  const port = Number(process.env.PORT);
  const outcomes = {};
  await Promise.all(Array.from({ length: 200 }, async (_, i) => {
    const talk = telnetDriver.begin({ host: '', agent: '', settleMs: 40, random: new Uint8Array(8) });
    const { outcome } = await converse(
      { address: '127.0.1.' + (i + 1), port, act: 'identify', transport: 'tcp', talk },
      { clocks, gate, dial: process.env.WAY === 'net' ? dialNet : dial },
    );
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }));
  console.log(JSON.stringify(outcomes));
`;

for (const way of ['net', 'raw'])
  test(`too few descriptors lose no target: they wait for one another (${way})`, { timeout: 30_000 }, async () => {
    const server = createServer(socket => {
      socket.on('error', () => {});
      socket.write('login: ');
    });
    server.listen(0, '0.0.0.0');
    await once(server, 'listening');
    const here = import.meta.url;
    const env = {
      ...process.env,
      HERE: here,
      EXT: fileURLToPath(here).endsWith('.ts') ? 'ts' : 'js',
      PORT: String((server.address() as AddressInfo).port),
      WAY: way,
    };
    const args = ['-c', 'ulimit -n 64; exec "$@"', 'sh', process.execPath, '--input-type=module', '-e', CHILD];
    const child = spawn('sh', args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', d => {
      out += d;
    });
    const [code] = await once(child, 'close');
    server.close();
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(out), { LOGIN_PROMPT: 200 });
  });
