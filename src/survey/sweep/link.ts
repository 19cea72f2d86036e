/** The sender's end of the messages: a loop that never yields to its event loop reads its port by hand, and sleeps by futex. */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { ShardLine } from '../round/ledger.ts';
import { CONTROL, type FromSender, type Report, type ToSender } from './messages.ts';

/** Without a heartbeat for this long nobody keeps the books, so nothing is sent (ms). */
export const DEAD_AFTER = 5_000;
/** Reports the main thread may be behind before the sender waits for it. */
const BEHIND = 16;

/** What is seen at once, without a message: stop, heartbeat, how far the main thread has read. */
export interface Pulse {
  readonly stopping: boolean;
  /** True while nothing may leave: the main thread is silent, or behind the `reports` it was sent. */
  paused(now: number, reports: number): boolean;
  /** Sleeps up to `ms` (fractions too), less when the main thread has something to say. */
  idle(ms: number): void;
}

export interface Link {
  readonly stopping: boolean;
  /** True while nothing may leave: the main thread is silent, or behind. */
  paused(now: number): boolean;
  take(): ToSender | undefined;
  askShard(): void;
  askReserve(line: ShardLine): void;
  report(report: Report): void;
  idle(ms: number): void;
}

export function makePulse(control: Int32Array, monotonic: () => number): Pulse {
  const read = (name: keyof typeof CONTROL): number => Atomics.load(control, CONTROL[name]);
  let beat = read('beat');
  let beatAt = monotonic();
  let woken = read('wake');
  return {
    get stopping() {
      return read('stop') !== 0;
    },
    paused(now, reports) {
      const latest = read('beat');
      if (latest !== beat) {
        beat = latest;
        beatAt = now;
      }
      return now - beatAt > DEAD_AFTER || reports - read('read') > BEHIND;
    },
    idle(ms) {
      Atomics.wait(control, CONTROL.wake, woken, ms);
      woken = read('wake');
    },
  };
}

export function makeLink(port: MessagePort, control: Int32Array, monotonic: () => number): Link {
  const post = (message: FromSender): void => port.postMessage(message);
  const pulse = makePulse(control, monotonic);
  let reports = 0;
  return {
    get stopping() {
      return pulse.stopping;
    },
    paused: now => pulse.paused(now, reports),
    take: () => (receiveMessageOnPort(port) as { message: ToSender } | undefined)?.message,
    askShard: () => post({ type: 'ask' }),
    askReserve: line => post({ type: 'reserve', line }),
    report(report) {
      reports++;
      post({ type: 'report', report });
    },
    idle: pulse.idle,
  };
}
