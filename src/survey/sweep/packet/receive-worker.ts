/**
 * The thread that reads replies. It opens the capture, and goes round: sleep until the kernel hands over a block, read its
 * frames where they lie, hand on what answers. Ends when asked, after the blocks that were still being filled. The edge
 * where a thread's own clocks are read.
 *
 * It keeps nothing back: if the main thread is silent the sender stops within five seconds, and so do the replies.
 */
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { gateFromTables } from '../../../mandate/gate.ts';
import { makeSpace } from '../../round/space.ts';
import { type Capture, errorName, openCapture } from '../system.ts';
import { makeAnswered } from './answered.ts';
import { makeCookie } from './cookie.ts';
import { filterBytes, replyFilter } from './filter.ts';
import { notAllowed } from './mmsg.ts';
import { makeReceive } from './receive.ts';
import { type FromReceiver, RECEIVED, type ReceiveInput } from './receive-messages.ts';
import { makeRing, RING } from './ring.ts';

const NAP = 50;
/** What is still being filled is handed over within one retirement; two, because the kernel's timer is not ours. */
const LAST_LOOK = 2 * RING.retireMs;
const LOST_EVERY = 200;
/** A socket that has failed says so at once, every time. */
const FAULT_NAP = 20;

const input = workerData as ReceiveInput;
const { source, sourcePort, counters, control } = input;
const post = (message: FromReceiver): void => parentPort?.postMessage(message);
const clocks = { calendar: () => Date.now() + input.calendarOffsetMs, monotonic: () => performance.now() };
const add = (name: keyof typeof RECEIVED, more: number): void => {
  if (more > 0) Atomics.add(counters, RECEIVED[name], BigInt(more));
};

function open(): Capture | undefined {
  const capture = openCapture(input.interfaceIndex, filterBytes(replyFilter(source, sourcePort)), RING);
  if (!('errno' in capture)) return capture;
  const { errno, step } = capture;
  const what = step === 'socket' ? notAllowed(errno).message : `no ring for replies (${step}: ${errorName(errno)})`;
  post({ type: 'fault', what, remedy: 'or use the driver connect' });
  return undefined;
}

function listen(capture: Capture): void {
  const gate = gateFromTables(input.gateTables, clocks);
  const space = makeSpace(input.ranges, input.ports);
  const receive = makeReceive({
    space,
    gate,
    cookie: makeCookie(input.cookieKey),
    source,
    sourcePort,
    answered: makeAnswered(space.size, input.answered),
    canaries: input.canaries,
    calendarOffsetMs: input.calendarOffsetMs,
    // No frame takes less of a block than its header does.
    room: RING.blockBytes / 32,
  });
  const ring = makeRing(capture.memory, RING.blockBytes);
  const resting = new Int32Array(new SharedArrayBuffer(4));
  let told = { ...receive.counts };
  let lostAt = Number.NEGATIVE_INFINITY;

  function tell(): void {
    const now = { ...receive.counts };
    for (const name of ['received', 'badCookie', 'outOfScope', 'duplicates'] as const)
      add(name, now[name] - told[name]);
    told = now;
    if (receive.rows > 0) post({ type: 'replies', columns: receive.take() });
  }
  function countLost(now: number): void {
    lostAt = now;
    const { drops, freezes } = capture.lost();
    add('kernelDrops', drops);
    add('freezes', freezes);
  }
  /** Every block that is ours, one at a time, so that what was read is handed on however many there are. */
  function drain(): void {
    // The instant as of which the gate judges; whether anything may be *sent* now is not asked here.
    gate.now();
    for (let blocks = 0; blocks < RING.blocks && ring.next(receive.visit) >= 0; blocks++) tell();
  }

  post({ type: 'ready' });
  let endAt = Number.POSITIVE_INFINITY;
  for (;;) {
    const now = clocks.monotonic();
    if (endAt === Number.POSITIVE_INFINITY && Atomics.load(control, 0) !== 0) endAt = now + LAST_LOOK;
    if (now >= endAt) break;
    const errno = capture.wait(Math.ceil(Math.min(NAP, endAt - now)));
    if (errno !== 0) {
      add('faults', 1);
      Atomics.wait(resting, 0, 0, FAULT_NAP);
    }
    drain();
    if (now - lostAt >= LOST_EVERY) countLost(now);
  }
  drain();
  countLost(clocks.monotonic());
  capture.close();
}

const capture = open();
if (capture) listen(capture);
