/** How the tries go over real sockets: on the look's connection, as few as allowed, not for want of our own, not past the mandate. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openAudit } from '../../src/mandate/audit.ts';
import { openBudget } from '../../src/mandate/budget.ts';
import { compileGate } from '../../src/mandate/gate.ts';
import { sha256 } from '../../src/record/digest.ts';
import { isoOf, SECOND } from '../../src/record/instant.ts';
import type { MandateBody } from '../../src/record/mandate.ts';
import { HTTP_DEVICES } from '../../src/rehearsal/odd-devices/http.ts';
import { TELNET_DEVICES } from '../../src/rehearsal/odd-devices/telnet.ts';
import { loadCatalogue } from '../../src/survey/credential/catalogue.ts';
import { checkService } from '../../src/survey/credential/check.ts';
import { type Dial, dial } from '../../src/survey/probe/dial.ts';
import { paperToday } from '../fixtures/paper-today.ts';
import { CATALOGUE, type Device, laboratory, mandateBody, type Station, station } from './station.ts';

let host = 1;
const STRONG = { user: 'admin', password: 'Strong-and-long-enough-1' };
const normal = TELNET_DEVICES['1 normal'] as Device;
const stations: Station[] = [];
const up = async (device = normal, protocol: 'telnet' | 'http' = 'telnet'): Promise<Station> => {
  const made = await station(`127.77.3.${host++}`, protocol, device, STRONG);
  stations.push(made);
  return made;
};
// A test that fails in the middle must not leave the others waiting.
after(() => Promise.all(stations.map(made => made.close())));

test('the first try rides on the look: as many connections as tries', async () => {
  for (const [protocol, device] of [
    ['telnet', normal],
    ['http', HTTP_DEVICES['1 normal Basic'] as Device],
  ] as const) {
    const lab = laboratory();
    const made = await up(device, protocol);
    const { verdict, tries, prompt } = await checkService(made.target, lab.deps);
    assert.deepEqual([verdict, tries, prompt], ['CLEAR', 4, true]);
    assert.deepEqual([made.count.tries.length, made.count.connections, made.count.mostOpen], [4, 4, 1]);
    await made.close();
    lab.close();
  }
});

test('no more pairs than the mandate allows a device in a round, and a slowed model gets half', async () => {
  const { limits } = mandateBody();
  const mandate = { limits: { ...limits, triesPerDevicePerRound: 3 } };
  const lab = laboratory({ mandate });
  const made = await up();
  const { verdict, clears } = await checkService(made.target, lab.deps);
  assert.deepEqual([verdict, clears, made.count.tries.length], ['CLEAR', ['no-login'], 3]);
  assert.equal((await checkService(made.target, lab.deps)).tries, 0, 'the round is over for it');
  const router: Device = (socket, key, sight) => {
    socket.write('\r\nHinoki HR-200 Broadband Router\r\n');
    normal(socket, key, sight);
  };
  const now = lab.deps.clocks.calendar();
  lab.deps.budget.classes.report('Hinoki HR-200', 'locked', now);
  const slowed = await up(router);
  const { tries, device } = await checkService(slowed.target, lab.deps);
  assert.deepEqual([tries, device.model], [1, 'HR-200']);
  for (const one of [made, slowed]) await one.close();
  lab.close();
});

test('a want of our own is neither a refusal nor a lockout, and is not held against the device or its class', async () => {
  const lab = laboratory();
  const made = await up();
  let dials = 0;
  const failing: Dial = (to, events) => {
    if (++dials === 1) return dial(to, events);
    queueMicrotask(() => {
      events.failed('LOCAL_RESOURCE');
      events.closed();
    });
    return () => {};
  };
  const { verdict, outcome, clears, reported } = await checkService(made.target, { ...lab.deps, dial: failing });
  assert.deepEqual([verdict, outcome, clears, reported], ['INCONCLUSIVE', 'LOCAL_RESOURCE', [], 'inconclusive']);
  assert.equal(made.count.tries.length, 1);
  assert.ok(lab.deps.budget.reserve(made.target.address, 'root', 'attempt').granted, 'the device does not rest');
  assert.equal(lab.deps.budget.classes.broken('unknown telnet'), false);
  await made.close();
  lab.close();
});

/** A check under a real gate, with a calendar that the test moves. */
async function underPaper(
  device: Device,
  period: (now: number) => Partial<MandateBody>,
  deadlines: Partial<MandateBody['deadlines']>,
  work: (check: () => ReturnType<typeof checkService>, made: Station, jump: (ms: number) => void) => Promise<void>,
) {
  const made = await up(device);
  const now = Date.now();
  const paper = paperToday({
    isps: { 'isp-a': ['127.77.3.0/24'] },
    ports: { telnet: [made.target.port] },
    limits: { gapMs: 250 },
    deadlines: { settleMs: 80, ...deadlines },
    body: {
      ...period(now),
      identifiers: { policy: 'test', catalogueVersion: 'test-1', catalogueSha256: sha256(CATALOGUE) },
    },
  });
  const state = mkdtempSync(join(tmpdir(), 'notice-clock-'));
  let jumped = 0;
  const clocks = { calendar: () => Date.now() + jumped, monotonic: () => performance.now() };
  writeFileSync(join(paper.dir, 'catalogue.json'), CATALOGUE);
  const gate = compileGate(paper.load(), clocks);
  const budget = openBudget(join(state, 'budget'), gate.mandate, clocks);
  const audit = openAudit(join(state, 'audit.log'), clocks);
  const catalogue = loadCatalogue(CATALOGUE, sha256(CATALOGUE), 'test');
  const random = (length: number) => new Uint8Array(length).fill(3);
  try {
    await work(
      () => checkService(made.target, { clocks, gate, budget, audit, dial, catalogue, random }),
      made,
      ms => {
        jumped += ms;
      },
    );
  } finally {
    budget.close();
    audit.close();
    await made.close();
    paper.remove();
    rmSync(state, { recursive: true });
  }
}

test('a mandate that ends in the middle of a check ends it, between tries and within a conversation', async () => {
  const LASTS = 600;
  // Papers name instants to the millisecond; the gate compares with the same calendar.
  const ends = (now: number) => ({ period: { from: isoOf(now - SECOND), to: isoOf(now + LASTS) } });
  await underPaper(normal, ends, {}, async (check, made) => {
    const from = performance.now();
    const { verdict } = await check();
    const took = performance.now() - from;
    assert.equal(verdict, 'OUT_OF_MANDATE');
    assert.ok(made.count.tries.length >= 1 && made.count.tries.length < 4);
    for (const { at } of made.count.tries) assert.ok(at - from < LASTS + 60, 'a pair arrived after the end');
    assert.ok(took < LASTS + 1_500, `${took} ms`);
  });
  await underPaper(TELNET_DEVICES['14 silent'] as Device, ends, { conversationMs: 9_000 }, async check => {
    const from = performance.now();
    const { verdict, outcome } = await check();
    assert.deepEqual([verdict, outcome], ['OUT_OF_MANDATE', 'POLICY_STOP']);
    assert.ok(performance.now() - from < LASTS + 1_000);
  });
});

test('a clock that jumps in the middle of a check ends it at once', async () => {
  for (const jump of [3_600_000, -3_600_000]) {
    await underPaper(
      normal,
      () => ({}),
      {},
      async (check, made, jumpBy) => {
        const checking = check();
        setTimeout(() => jumpBy(jump), 300);
        const from = performance.now();
        assert.equal((await checking).verdict, 'OUT_OF_MANDATE');
        assert.ok(made.count.tries.length <= 2, `${made.count.tries.length} tries`);
        for (const { at } of made.count.tries) assert.ok(at - from < 360, 'a pair arrived after the jump');
      },
    );
    await underPaper(
      TELNET_DEVICES['14 silent'] as Device,
      () => ({}),
      { conversationMs: 9_000 },
      async (check, _, jumpBy) => {
        const from = performance.now();
        const checking = check();
        setTimeout(() => jumpBy(jump), 200);
        assert.equal((await checking).outcome, 'POLICY_STOP');
        assert.ok(performance.now() - from < 1_500);
      },
    );
  }
});
