import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSpace } from '../../round/space.ts';
import { makeAnswered } from './answered.ts';
import { makeCookie } from './cookie.ts';
import { makeReceive } from './receive.ts';
import { repliesOf } from './receive-messages.ts';

const US = 0xc6120001;
const PORT = 61_007;
const BASE = 0xc0000200;
const SYN_ACK = 18;
const RST = 20;

const cookie = makeCookie(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
const space = makeSpace([{ from: BASE, to: BASE + 255, isp: 'a' }], [23, 80]);
const element = (host: number, port: number): number => space.elementOf(BASE + host, port);

interface Answer {
  readonly host: number;
  readonly port?: number;
  readonly flags?: number;
  /** Added to the right acknowledgement. */
  readonly off?: number;
  readonly to?: number;
  readonly toPort?: number;
  readonly options?: readonly number[];
}

function frame({
  host,
  port = 23,
  flags = SYN_ACK,
  off = 0,
  to = US,
  toPort = PORT,
  options = [],
}: Answer): Uint8Array {
  const bytes = new Uint8Array(54 + options.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(12, 0x0800);
  view.setUint8(14, 0x45);
  view.setUint16(16, 40 + options.length);
  view.setUint8(22, 61);
  view.setUint8(23, 6);
  view.setUint32(26, BASE + host);
  view.setUint32(30, to);
  view.setUint16(34, port);
  view.setUint16(36, toPort);
  view.setUint32(42, cookie(BASE + host, PORT, port) + 1 + off);
  view.setUint8(46, (20 + options.length) * 4);
  view.setUint8(47, flags);
  view.setUint16(48, 1_024);
  bytes.set(options, 54);
  return bytes;
}

function unreachable(host: number, port: number, code: number): Uint8Array {
  const bytes = new Uint8Array(14 + 20 + 8 + 28);
  const view = new DataView(bytes.buffer);
  view.setUint16(12, 0x0800);
  view.setUint8(14, 0x45);
  view.setUint16(16, 56);
  view.setUint8(22, 250);
  view.setUint8(23, 1);
  view.setUint32(26, 0x0a000001);
  view.setUint32(30, US);
  view.setUint8(34, 3);
  view.setUint8(35, code);
  view.setUint8(42, 0x45);
  view.setUint8(51, 6);
  view.setUint32(54, US);
  view.setUint32(58, BASE + host);
  view.setUint16(62, PORT);
  view.setUint16(64, port);
  view.setUint32(66, cookie(BASE + host, PORT, port));
  return bytes;
}

function receiver(closed: readonly number[] = [], canaries: readonly number[] = []) {
  const answered = makeAnswered(space.size);
  const receive = makeReceive({
    space,
    gate: { refusesFrame: address => (closed.includes(address - BASE) ? 'excluded' : undefined) },
    cookie,
    source: US,
    sourcePort: PORT,
    answered,
    canaries,
    calendarOffsetMs: 5_000,
    room: 1_000,
  });
  return {
    receive,
    answered,
    hear(...frames: readonly Uint8Array[]) {
      for (const bytes of frames) receive.visit(bytes, 0, bytes.length, 1_000);
      return repliesOf(receive.take());
    },
  };
}

test('an answer is told with all that was seen of it', () => {
  const { hear, answered } = receiver();
  const options = [2, 4, 5, 0xb4];
  assert.deepEqual(
    hear(frame({ host: 3, options }), frame({ host: 4, flags: RST, port: 80 }), unreachable(9, 80, 13)),
    [
      { element: element(3, 23), class: 'syn-ack', at: 6_000, ttl: 61, window: 1_024, options: 'M1460' },
      { element: element(4, 80), class: 'rst', at: 6_000, ttl: 61, window: 1_024, options: '' },
      { element: element(9, 80), class: 'icmp', at: 6_000, ttl: 250, window: 0, options: '', code: 0x30d },
    ],
  );
  assert.equal(answered.count(), 3);
  assert.deepEqual(hear(), []);
});

test('only the right cookie counts, and a reset may be one short', () => {
  const { hear, receive } = receiver();
  assert.equal(
    hear(frame({ host: 1, off: 1 }), frame({ host: 1, off: -1 }), frame({ host: 1, flags: RST, off: 1 })).length,
    0,
  );
  assert.equal(receive.counts.badCookie, 3);
  assert.equal(hear(frame({ host: 1, flags: RST, off: -1 })).length, 1);
});

test('what is for another port or address of ours is no business of this sweep', () => {
  const { hear, receive } = receiver();
  assert.equal(hear(frame({ host: 1, toPort: PORT + 1 }), frame({ host: 1, to: US + 1 })).length, 0);
  assert.deepEqual(receive.counts, { received: 0, badCookie: 0, outOfScope: 0, duplicates: 0 });
});

test('what lies outside the round, or was excluded since, is not told, though its cookie be right', () => {
  const { hear, receive, answered } = receiver([7]);
  assert.equal(
    hear(frame({ host: 300 }), frame({ host: 1, port: 81 }), frame({ host: 7 }), unreachable(7, 23, 1)).length,
    0,
  );
  assert.equal(receive.counts.outOfScope, 4);
  assert.equal(answered.count(), 0);
});

test('the first answer is the answer; of a canary every SYN-ACK is told', () => {
  const { hear, receive } = receiver([], [element(5, 23)]);
  const told = hear(
    frame({ host: 1 }),
    frame({ host: 1 }),
    frame({ host: 1, flags: RST }),
    frame({ host: 5 }),
    frame({ host: 5 }),
    frame({ host: 5, flags: RST }),
  );
  assert.deepEqual(
    told.map(reply => reply.element),
    [element(1, 23), element(5, 23), element(5, 23)],
  );
  assert.deepEqual(receive.counts, { received: 6, badCookie: 0, outOfScope: 0, duplicates: 4 });
});

test('options beyond four thousand different ones in a batch are told as malformed, and nothing grows', () => {
  const wide = makeSpace([{ from: 0x0a000000, to: 0x0a00ffff, isp: 'a' }], [23]);
  const receive = makeReceive({
    space: wide,
    gate: { refusesFrame: () => undefined },
    cookie,
    source: US,
    sourcePort: PORT,
    answered: makeAnswered(wide.size),
    canaries: [],
    calendarOffsetMs: 0,
    room: 10_000,
  });
  for (let n = 0; n < 6_000; n++) {
    const bytes = frame({ host: 0, options: [2, 4, n >>> 8, n & 255] });
    const view = new DataView(bytes.buffer);
    view.setUint32(26, 0x0a000000 + n);
    view.setUint32(42, cookie(0x0a000000 + n, PORT, 23) + 1);
    receive.visit(bytes, 0, bytes.length, 0);
  }
  const replies = repliesOf(receive.take());
  assert.equal(replies.length, 6_000);
  assert.equal(replies[4_095]?.options, 'M4095');
  assert.equal(replies[4_096]?.options, '!');
  assert.equal(replies[5_999]?.options, '!');
});
