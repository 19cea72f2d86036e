/** The sender's end of the messages: a loop that never yields to its event loop reads its port by hand, and sleeps by futex. */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { ShardLine } from '../round/ledger.ts';
import { CONTROL, type FromSender, type Report, type ToSender } from './messages.ts';

/** Without a heartbeat for this long nobody keeps the books, so nothing is sent (ms). */
export const DEAD_AFTER = 5_000;
/** Reports the main thread may be behind before the sender waits for it. */
const BEHIND = 16;

export interface Link {
  readonly stopping: boolean;
  /** True while nothing may leave: the main thread is silent, or behind. */
  paused(now: number): boolean;
  take(): ToSender | undefined;
  askShard(): void;
  askReserve(line: ShardLine): void;
  report(report: Report): void;
  /** Sleeps up to `ms` (fractions too), less when the main thread has something to say. */
  idle(ms: number): void;
}

export function makeLink(port: MessagePort, control: Int32Array, monotonic: () => number): Link {
  const read = (name: keyof typeof CONTROL): number => Atomics.load(control, CONTROL[name]);
  const post = (message: FromSender): void => port.postMessage(message);
  let beat = read('beat');
  let beatAt = monotonic();
  let woken = read('wake');
  let reports = 0;
  return {
    get stopping() {
      return read('stop') !== 0;
    },
    paused(now) {
      const latest = read('beat');
      if (latest !== beat) {
        beat = latest;
        beatAt = now;
      }
      return now - beatAt > DEAD_AFTER || reports - read('read') > BEHIND;
    },
    take: () => (receiveMessageOnPort(port) as { message: ToSender } | undefined)?.message,
    askShard: () => post({ type: 'ask' }),
    askReserve: line => post({ type: 'reserve', line }),
    report(report) {
      reports++;
      post({ type: 'report', report });
    },
    idle(ms) {
      Atomics.wait(control, CONTROL.wake, woken, ms);
      woken = read('wake');
    },
  };
}
