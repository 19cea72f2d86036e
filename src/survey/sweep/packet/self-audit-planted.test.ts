/** The self-audit against frames that were made wrong on purpose, and against the gate it is there to doubt. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { loopbackPaper } from '../../../../test/fixtures/loopback-paper.ts';
import { compileGate } from '../../../mandate/gate.ts';
import type { Paper } from '../../../mandate/paper.ts';
import { Fault } from '../../../record/fault.ts';
import { DAY, isoOf } from '../../../record/instant.ts';
import { frameLength, makeFrames } from './frame.ts';
import type { Slots } from './packet-driver.ts';
import { type AuditLaw, makeJudge } from './self-audit.ts';
import { auditFrom, lawOf, startSelfAudit } from './self-auditor.ts';

const NOW = 1.8e12;
const BASE = 0x7f400000;
const SOURCE = 0x7f000001;
const SOURCE_PORT = 61_007;
const MAC = Uint8Array.of(2, 0, 0, 0, 0x77, 1);
const GATEWAY = Uint8Array.of(2, 0, 0, 0, 0x77, 2);
const LENGTH = frameLength('mss');
const PAPER = {
  isps: { a: ['127.64.0.0/22'], b: ['127.64.8.0/23'] },
  ports: [23, 2323],
  excluded: ['127.64.1.0/28', '127.64.8.7/32'],
};

const slotsOf = (count: number): Slots => ({ memory: new Uint8Array(count * 128), stride: 128, offset: 2, count });
const framesIn = (slots: Slots, more: { source?: number; sourcePort?: number } = {}) =>
  makeFrames(slots, {
    sourceMac: MAC,
    gatewayMac: GATEWAY,
    source: SOURCE,
    sourcePort: SOURCE_PORT,
    options: 'mss',
    ...more,
  });
const route = {
  interface: 'va',
  index: 1,
  mac: MAC,
  gatewayMac: GATEWAY,
  source: SOURCE,
  sourceText: '127.0.0.1',
  mtu: 1500,
};

/** The mandate outlives the consents, which end 39 days from `at`. */
function longPaper(at: number): Paper {
  const paper = loopbackPaper(PAPER, at);
  const { body, signatures } = paper.mandate;
  const period = { from: body.period.from, to: isoOf(at + 60 * DAY) };
  return { ...paper, mandate: { body: { ...body, period }, signatures } };
}

function lawAt(at: number): AuditLaw {
  const { mandate, consents, exclusions } = lawOf(longPaper(at), () => at);
  return { mandate, consents, exclusions, mac: MAC, gatewayMac: GATEWAY, source: SOURCE, sourcePort: SOURCE_PORT };
}

function frameTo(address: number, port: number, more: { source?: number; sourcePort?: number } = {}): Uint8Array {
  const slots = slotsOf(1);
  framesIn(slots, more).fill(0, address, port, 0xdeadbeef, 7);
  return slots.memory.slice(slots.offset, slots.offset + LENGTH);
}

test('it and the gate, which share no table, say the same of every target at every instant', () => {
  const clocks = { at: NOW };
  const gate = compileGate(longPaper(NOW), { calendar: () => clocks.at, monotonic: () => clocks.at });
  const { judge } = makeJudge(lawAt(NOW));
  // Near every edge of a prefix, and anywhere.
  const edges = [0, 0x100, 0x110, 0x400, 0x800, 0x807, 0xa00].flatMap(edge => [-1, 0, 1].map(step => edge + step));
  const address = fc.oneof(
    fc.constantFrom(...edges.map(edge => (BASE + edge) >>> 0)),
    fc.integer({ min: BASE - 0x400, max: BASE + 0x1000 }),
    fc.integer({ min: 0, max: 0xffffffff }),
  );
  const port = fc.oneof(fc.constantFrom(23, 2323, 2222, 80), fc.integer({ min: 1, max: 65_535 }));
  // Consents end, then the period; what may be under way then is kept out.
  const after = fc.oneof(
    fc.integer({ min: 0, max: 39 * DAY - 1 }),
    fc.integer({ min: 39 * DAY + 1_001, max: 60 * DAY - 1 }),
    fc.integer({ min: 60 * DAY + 1_001, max: 90 * DAY }),
  );
  fc.assert(
    fc.property(address, port, after, (to, at, later) => {
      clocks.at = NOW + later;
      const allowed = gate.now() === undefined && gate.refusesFrame(to, at, 'sweep') === undefined;
      assert.equal(judge(frameTo(to, at), clocks.at) === undefined, allowed);
    }),
    { numRuns: 3_000 },
  );
});

test('one flipped bit anywhere in a frame is seen', () => {
  const { judge } = makeJudge(lawAt(NOW));
  const good = frameTo(BASE + 5, 23);
  assert.equal(judge(good, NOW), undefined);
  for (let bit = 0; bit < LENGTH * 8; bit++) {
    const bad = good.slice();
    bad[bit >>> 3] = (bad[bit >>> 3] as number) ^ (1 << (bit & 7));
    assert.notEqual(judge(bad, NOW), undefined, `bit ${bit & 7} of byte ${bit >>> 3}`);
  }
});

for (const [what, plant] of [
  ['an excluded address', () => frameTo(BASE + 0x105, 23)],
  ['an address that is no target', () => frameTo(BASE + 0x500, 23)],
  ['a port that is not named', () => frameTo(BASE + 1, 80)],
  ['another source', () => frameTo(BASE + 1, 23, { source: SOURCE + 1 })],
  ['another source port', () => frameTo(BASE + 1, 23, { sourcePort: 61_008 })],
] as const)
  test(`in a thread of its own it stops a sweep that sends to or from: ${what}`, { timeout: 20_000 }, async t => {
    const paper = loopbackPaper(PAPER, Date.now());
    const failures: unknown[] = [];
    const audit = startSelfAudit(lawOf(paper, Date.now), route, SOURCE_PORT, thrown => void failures.push(thrown));
    t.after(() => audit.end());
    const slots = slotsOf(256);
    const frames = framesIn(slots);
    const sampler = auditFrom(audit.ring, slots, LENGTH, Date.now, 99);
    // Good batches first, then nothing but bad ones: of 1,024 frames one is looked at, so at most 8 batches may begin.
    let bad = 0;
    let good = 0;
    let stopped = false;
    for (let looks = 0; looks < 3_000; looks++) {
      if (!sampler.mayGoOn()) {
        await sleep(1);
        if (failures.length === 0) continue;
        stopped = true;
        break;
      }
      for (let slot = 0; slot < 256; slot++) {
        frames.fill(slot, BASE + slot, 23, slot, slot);
        if (good >= 20) slots.memory.set(plant(), slot * slots.stride + slots.offset);
      }
      if (good < 20) good++;
      else bad++;
      sampler.offer(256);
    }
    assert.ok(stopped, 'it was seen');
    assert.ok(bad >= 1 && bad <= 8, `${bad} bad batches were begun`);
    assert.equal(sampler.mayGoOn(), false, 'and stays so');
    await audit.end();
    assert.equal(failures.length, 1);
    assert.ok(failures[0] instanceof Fault && failures[0].message.includes('self-audit'));
    assert.ok(audit.judged() >= 5, `${audit.judged()} judged`);
  });

test('when the copy is of the first bad batch, no second one is begun', { timeout: 20_000 }, async t => {
  const paper = loopbackPaper(PAPER, Date.now());
  const failures: unknown[] = [];
  const audit = startSelfAudit(lawOf(paper, Date.now), route, SOURCE_PORT, thrown => void failures.push(thrown));
  t.after(() => audit.end());
  const slots = slotsOf(256);
  const frames = framesIn(slots);
  for (let slot = 0; slot < 256; slot++) frames.fill(slot, BASE + 0x500 + slot, 23, slot, slot);
  // The very first frame is always copied.
  const sampler = auditFrom(audit.ring, slots, LENGTH, Date.now, 1);
  sampler.offer(256);
  for (let looks = 0; looks < 200; looks++) {
    assert.equal(sampler.mayGoOn(), false, 'neither before it is judged nor after');
    if (failures.length > 0) break;
    await sleep(1);
  }
  await audit.end();
  assert.equal(failures.length, 1);
});
