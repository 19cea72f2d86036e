/**
 * Peers that mean harm, over real sockets, by both ways of dialling: every conversation and every check ends in time and in a
 * closed outcome, says nothing bad of anybody, keeps memory bounded, and leaves no timer and no socket behind.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { extname } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { OUTCOMES, type Outcome } from '../../src/record/observation.ts';
import { type Dial, dial } from '../../src/survey/probe/dial.ts';
import { dialNet } from '../../src/survey/probe/dial-net.ts';
import { driverOf } from '../../src/survey/probe/drivers.ts';
import { type Conversation, converse } from '../../src/survey/probe/runner.ts';
import { type Footprint, footprint, leftBehind } from '../fixtures/footprint.ts';
import { HOSTILE, type Place, type Places } from '../fixtures/hostile-peers.ts';
import { type RealCheck, realCheck } from '../fixtures/real-check.ts';

const PREFIX = '127.96';
const FULL = '127.97.0.1';
const PROTOCOLS = ['telnet', 'http', 'ftp'] as const;
type Spoken = (typeof PROTOCOLS)[number];
const WAYS: Readonly<Record<string, Dial>> = { 'as this machine dials': dial, 'by Node': dialNet };

const DEADLINES = { connectMs: 600, settleMs: 80, conversationMs: 1_200, checkMs: 4_000 };
/** A tenth, and what a busy machine is late. ms */
const inTime = (ms: number) => ms * 1.1 + 200;

const CREDENTIAL = { user: 'admin', password: 'CNRY-11' };
const checks = Object.fromEntries(
  PROTOCOLS.map(protocol => [
    protocol,
    realCheck(
      protocol,
      [
        ['admin', 'CNRY-11'],
        ['root', 'CNRY-2'],
      ],
      { deadlines: DEADLINES },
    ),
  ]),
) as Record<Spoken, RealCheck>;
let peers: ChildProcess;
let places: Places;
let held: Footprint;

before(async () => {
  const file = fileURLToPath(new URL(`../fixtures/hostile-peers${extname(import.meta.url)}`, import.meta.url));
  peers = spawn(process.execPath, [file, PREFIX], { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  for await (const chunk of peers.stdout as NodeJS.ReadableStream) {
    text += chunk;
    if (text.includes('\n')) break;
  }
  places = JSON.parse(text) as Places;
  // What is made once and kept (a native library, a shared buffer) is there before anything is counted.
  await Promise.all(PROTOCOLS.map(protocol => talk(protocol, 'closes its half and stays', dial)));
  await Promise.all(PROTOCOLS.map(protocol => checkOf('closes its half and stays', protocol)));
  held = footprint();
});
after(async () => {
  for (const made of Object.values(checks)) made.close();
  peers.stdin?.end();
  if (peers.exitCode === null) await once(peers, 'exit');
});

const placeOf = (name: string, protocol: Spoken) => places[name]?.[protocol] as Place;

const checkOf = (name: string, protocol: Spoken) => {
  const { address, port } = placeOf(name, protocol);
  return checks[protocol].check(address, port);
};

async function talk(protocol: Spoken, name: string, way: Dial, at = placeOf(name, protocol)) {
  const driver = driverOf(protocol);
  assert.ok(driver);
  const { deps } = checks[protocol];
  const begun = driver.begin({
    host: `${at.address}:${at.port}`,
    agent: 'test',
    settleMs: DEADLINES.settleMs,
    random: new Uint8Array(8),
  });
  const offer = () => ({ credential: CREDENTIAL, act: 'attempt' as const });
  const from = performance.now();
  const conversation = await converse(
    { ...at, act: 'identify', transport: driver.transport, talk: begun, offer },
    { ...deps, dial: way },
  );
  return { conversation, ms: performance.now() - from };
}

function sane({ conversation, ms }: { conversation: Conversation; ms: number }, name: string): Outcome {
  const { outcome, bytesOut, bytesIn } = conversation;
  assert.ok(OUTCOMES.includes(outcome), name);
  assert.ok(ms <= inTime(DEADLINES.conversationMs), `${name} took ${ms} ms`);
  assert.ok(bytesOut < 2_048, `${name}: we sent ${bytesOut} bytes`);
  assert.ok(bytesIn < 512 * 1024, `${name}: we read ${bytesIn} bytes`);
  if (name !== 'lets one in, then never closes') assert.notEqual(outcome, 'ACCEPT', name);
  assert.notEqual(outcome, 'OPEN_SESSION', name);
  return outcome;
}

/** What each is, at least; where nothing is said any closed outcome that claims nothing will do. */
const OUTCOME: Readonly<Record<string, Partial<Record<Spoken, readonly Outcome[]>>>> = {
  'a byte in five seconds': { telnet: ['SILENT', 'NO_PROMPT'], ftp: ['NO_PROMPT'] },
  'endless data': { telnet: ['BYTE_CAP'], ftp: ['BYTE_CAP', 'NOT_PROTOCOL'] },
  'ten megabytes of header': { telnet: ['BYTE_CAP'], ftp: ['BYTE_CAP'] },
  'accepts, then never anything': { telnet: ['SILENT'], ftp: ['SILENT'] },
  'ten thousand promises': { telnet: ['NEGOTIATION_LOOP', 'BYTE_CAP'], ftp: ['BYTE_CAP', 'NO_PROMPT'] },
  'sends one round in circles': { http: ['NOT_A_LOGIN'] },
  'lets one in, then never closes': { telnet: ['ACCEPT'], http: ['ACCEPT'], ftp: ['ACCEPT'] },
  'closes its half and stays': { telnet: ['CLOSED_EARLY'], http: ['CLOSED_EARLY'], ftp: ['CLOSED_EARLY'] },
};

for (const [wayName, way] of Object.entries(WAYS))
  test(`every conversation ends in time and claims nothing, ${wayName}`, async () => {
    await Promise.all(
      Object.keys(HOSTILE).flatMap(name =>
        PROTOCOLS.map(async protocol => {
          const outcome = sane(await talk(protocol, name, way), name);
          const expected = OUTCOME[name]?.[protocol];
          if (expected) assert.ok(expected.includes(outcome), `${protocol}, ${name}: ${outcome}`);
        }),
      ),
    );
    assert.deepEqual(await leftBehind(held), []);
  });

test('every check ends in time, with no finding and no try more than the catalogue has', async () => {
  await Promise.all(
    Object.keys(HOSTILE).flatMap(name =>
      PROTOCOLS.map(async protocol => {
        const from = performance.now();
        const { verdict, kinds, tries } = await checkOf(name, protocol);
        const ms = performance.now() - from;
        assert.deepEqual(kinds, [], `${protocol}, ${name}: ${verdict}`);
        assert.ok(ms <= inTime(DEADLINES.checkMs), `${protocol}, ${name} took ${ms} ms`);
        assert.ok(tries <= 4, `${protocol}, ${name}: ${tries} tries`);
      }),
    ),
  );
  assert.deepEqual(await leftBehind(held), []);
});

/** Fills what a program that never accepts can hold in wait, so that the next SYN is not answered. */
async function fillBacklog(port: number): Promise<Socket[]> {
  const waiting: Socket[] = [];
  for (let n = 0; n < 8; n++) {
    const socket = connect({ host: FULL, port });
    socket.on('error', () => {});
    waiting.push(socket);
    const stands = await Promise.race([once(socket, 'connect').then(() => true), sleep(150).then(() => false)]);
    if (!stands) return waiting;
  }
  return waiting;
}

test('a listener that never accepts: silence while it has room, then no connection', async () => {
  const script = `const s = require('node:net').createServer(); s.listen({ port: 0, host: '${FULL}', backlog: 1 },
    () => { require('node:fs').writeSync(1, s.address().port + '\\n'); process.kill(process.pid, 'SIGSTOP'); });`;
  const stopped = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(stopped.stdout, 'data')) as [Buffer];
  const port = Number(line);
  let waiting: Socket[] = [];
  try {
    const at = { address: FULL, port };
    const first = await talk('telnet', 'half-open', dial, at);
    assert.equal(sane(first, 'half-open'), 'SILENT');
    waiting = await fillBacklog(port);
    for (const way of Object.values(WAYS)) {
      const { conversation, ms } = await talk('ftp', 'full', way, at);
      assert.deepEqual([conversation.outcome, conversation.source], ['CONNECT_TIMEOUT', null]);
      assert.ok(ms <= inTime(DEADLINES.connectMs), `${ms} ms`);
    }
  } finally {
    for (const socket of waiting) socket.destroy();
    stopped.kill('SIGKILL');
    await once(stopped, 'exit');
  }
  assert.deepEqual(await leftBehind(held), []);
});

test('two hundred of them at a time take less than 32 MB and leave nothing behind', async () => {
  const names = Object.keys(HOSTILE);
  const crowd = (count: number) =>
    Promise.all(
      Array.from({ length: count }, async (_, n) => {
        const name = names[n % names.length] as string;
        sane(await talk(PROTOCOLS[n % PROTOCOLS.length] as Spoken, name, dial), name);
      }),
    );
  // Once to warm up: code that is compiled while it runs is no cost of a peer.
  await crowd(40);
  const before = process.memoryUsage.rss();
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20);
  await crowd(200);
  clearInterval(watch);
  const grown = (most - before) / 1024 / 1024;
  assert.ok(grown < 32, `${grown.toFixed(1)} MB`);
  assert.deepEqual(await leftBehind(held), []);
});
