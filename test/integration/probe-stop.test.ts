/**
 * What must stop a conversation that is under way: an exclusion, the end of the mandate, a clock that jumped, Ctrl-C. Devices
 * that take a user name and then mutter for ever hold their connections open; within a second of the event every one must
 * be closed, nothing more sent, and the services be left for another start.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DAY, isoOf } from '../../src/record/instant.ts';
import type { ProbeLine } from '../../src/role/probe-intake.ts';
import { type ProbeReport, runProbe } from '../../src/role/probe-run.ts';
import { paperToday } from '../fixtures/paper-today.ts';
import type { Lab } from '../mandate/lab-paper.ts';
import { type FarEnd, farEnd, probing, rowsOf, targetLine, until } from './probe-far-end.ts';

const HELD = Array.from({ length: 6 }, (_, n) => `127.100.0.${n + 1}`);
/** Bytes that came after the user's name, with their instant. */
const later: number[] = [];
const holds = (socket: Socket): void => {
  let muttering: NodeJS.Timeout | undefined;
  socket.write('login: ');
  socket.on('data', () => {
    if (muttering) later.push(Date.now());
    muttering ??= setInterval(() => socket.write('.'), 50);
  });
  socket.on('close', () => clearInterval(muttering));
};
const dir = mkdtempSync(join(tmpdir(), 'notice-probe-stop-'));
let far: FarEnd;
before(async () => {
  far = await farEnd(HELD.map(address => ({ address, protocol: 'telnet', key: null, device: holds })));
});
after(async () => {
  await far.close();
  rmSync(dir, { recursive: true, force: true });
});

const paper = (body: Parameters<typeof paperToday>[0]['body'] = {}): Lab =>
  paperToday({
    isps: { 'isp-a': ['127.100.0.0/24'] },
    ports: { telnet: [far.ports.telnet] },
    limits: { gapMs: 5 },
    // Nothing but the event ends these conversations.
    deadlines: { settleMs: 200, conversationMs: 30_000, checkMs: 60_000 },
    body,
  });
const input = (): string => HELD.map(address => targetLine(address, far.ports.telnet)).join('');
const open = (): number => [...far.seen.values()].reduce((sum, one) => sum + one.open, 0);
/** Held, and for longer than any quiet would let them be. */
async function allHeld(): Promise<boolean> {
  if (!(await until(() => open() === HELD.length))) return false;
  await sleep(500);
  return open() === HELD.length;
}

/** Every connection is gone in time, and nothing was sent after the event and its second of grace. */
async function stopped(at: number, addresses: readonly string[] = HELD): Promise<void> {
  assert.ok(await until(() => addresses.every(address => far.seen.get(address)?.open === 0), 5_000));
  for (const address of addresses) {
    const last = far.seen.get(address)?.closedAt.at(-1) ?? 0;
    assert.ok(last - at <= 1_000, `${address} was open ${last - at} ms longer`);
  }
  assert.deepEqual(
    later.filter(one => one > at + 1_000),
    [],
  );
}

test('an exclusion closes the conversations with that device within a second, and leaves the others alone', async () => {
  const lab = paper();
  try {
    const run = probing(['--mandate', lab.mandate, '--state', join(dir, 'excluded')], input());
    assert.ok(await allHeld(), run.said.err);
    const [first = '', ...others] = HELD;
    const at = Date.now();
    appendFileSync(join(lab.dir, 'exclusions.txt'), `${first} asked by its owner\n`);
    await stopped(at, [first]);
    assert.equal(open(), others.length);
    assert.ok(await until(() => rowsOf(run.said.out).length === 1));
    assert.equal(rowsOf(run.said.out)[0]?.reported, 'excluded');
    // Polite to the rest too.
    const asked = Date.now();
    run.child.kill('SIGINT');
    assert.equal(await run.ended, 0, run.said.err);
    await stopped(asked, others);
    assert.match(run.said.err, /stopped as asked: 1 checked/);
  } finally {
    lab.remove();
  }
});

test('the end of the mandate in mid-conversation stops at once with exit 3', async () => {
  const to = Date.now() + 4_000;
  const lab = paper({ period: { from: isoOf(to - 10 * DAY), to: isoOf(to) } });
  try {
    const run = probing(['--mandate', lab.mandate, '--state', join(dir, 'expired')], input());
    assert.ok(await allHeld(), run.said.err);
    await stopped(to);
    assert.equal(await run.ended, 3, run.said.err);
    assert.match(run.said.err, /\nnotice: the gate closed during the probe \(expired\); [^\n]+ \(exit 3\)\n$/);
    assert.equal(run.said.out, '', 'nothing is said of what was not decided');
  } finally {
    lab.remove();
  }
});

test('a calendar that jumps against the monotonic clock stops everything at once', async () => {
  for (const [name, jump] of [
    ['forward', 5_000],
    ['back', -5_000],
  ] as const) {
    const lab = paper();
    let offset = 0;
    async function* lines(): AsyncGenerator<ProbeLine> {
      for (const [n, address] of HELD.entries()) yield { file: 'test', line: n + 1, address, port: far.ports.telnet };
      // More is to come: the run ends by itself all the same.
      await new Promise(() => undefined);
    }
    try {
      const printed: string[] = [];
      const running: Promise<ProbeReport> = runProbe({
        files: { mandate: lab.mandate },
        state: join(dir, `jump-${name}`),
        keys: join(dir, `jump-${name}`),
        workers: 1,
        concurrency: 64,
        again: false,
        clocks: { calendar: () => Date.now() + offset, monotonic: () => performance.now() },
        random: length => randomBytes(length),
        signal: new AbortController().signal,
        lines: lines(),
        print: async text => printed.push(text) > 0,
        tell: () => undefined,
        onMessage: () => undefined,
        onProgress: () => undefined,
      });
      assert.ok(await allHeld());
      const at = Date.now();
      offset = jump;
      await stopped(at);
      const report = await running;
      assert.deepEqual([report.closed, report.checked, printed.length], ['clock-jumped', 0, 0]);
    } finally {
      lab.remove();
    }
  }
});
