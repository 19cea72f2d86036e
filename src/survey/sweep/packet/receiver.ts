/**
 * The main thread's end of the receiver: starts its thread, waits until it listens, hands its batches on in order, ends it
 * after its last one. In: what to accept (route, key, port, ranges), where to hand replies. Out: counters as they stand.
 */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Fault } from '../../../record/fault.ts';
import type { SweepOptions } from '../sweep-options.ts';
import type { Answered } from './answered.ts';
import type { ReceivedReply } from './packet-books.ts';
import type { Route } from './route.ts';

export interface RawSeen {
  readonly kernelDrops: number;
  readonly badCookie: number;
  readonly outOfScope: number;
  readonly duplicates: number;
  readonly judged: number;
}

/** Numbers in shared memory (Int32): not 0 ends the thread, after one last look into its ring. */
export const RECEIVE_CONTROL = { stop: 0 } as const;
/** Numbers in shared memory (BigInt64), counted up by the receiver. */
export const RECEIVE_COUNTERS = {
  received: 0,
  badCookie: 1,
  outOfScope: 2,
  duplicates: 3,
  kernelDrops: 4,
  freezes: 5,
} as const;

export interface ReceiveInput {
  readonly interfaceIndex: number;
  readonly ranges: SweepOptions['ranges'];
  readonly ports: readonly number[];
  readonly sourcePort: number;
  /** Unsigned IPv4 number. */
  readonly source: number;
  readonly cookieKey: Uint8Array;
  readonly gateTables: SweepOptions['gateTables'];
  readonly answered: SharedArrayBuffer;
  readonly counters: BigInt64Array;
  readonly control: Int32Array;
  readonly calendarOffsetMs: number;
  /** Elements whose SYN-ACKs are handed on every time, not only the first. */
  readonly canaries: readonly number[];
}

export type FromReceiver =
  | { readonly type: 'ready' }
  | { readonly type: 'replies'; readonly replies: readonly ReceivedReply[] }
  | { readonly type: 'fault'; readonly what: string; readonly remedy: string }
  | { readonly type: 'end' };

export interface Receiver {
  seen(): Omit<RawSeen, 'judged'>;
  /** Resolves when its last batch has been handed on. */
  end(): Promise<void>;
}

export interface ReceiverParts {
  readonly options: SweepOptions;
  readonly route: Route;
  readonly answered: Answered;
  readonly cookieKey: Uint8Array;
  readonly sourcePort: number;
  readonly canaries: readonly number[];
  readonly onReplies: (batch: readonly ReceivedReply[]) => void;
  /** It ended while it was needed. */
  readonly onFailure: (thrown: unknown) => void;
}

/** Throws Fault when it cannot listen. */
export async function startReceiver(parts: ReceiverParts): Promise<Receiver> {
  const { options, route } = parts;
  const counters = new BigInt64Array(new SharedArrayBuffer(8 * Object.keys(RECEIVE_COUNTERS).length));
  const control = new Int32Array(new SharedArrayBuffer(4 * Object.keys(RECEIVE_CONTROL).length));
  const workerData: ReceiveInput = {
    interfaceIndex: route.index,
    ranges: options.ranges,
    ports: options.ports,
    sourcePort: parts.sourcePort,
    source: route.source,
    cookieKey: parts.cookieKey,
    gateTables: options.gateTables,
    answered: parts.answered.memory,
    counters,
    control,
    calendarOffsetMs: options.calendarOffsetMs,
    canaries: parts.canaries,
  };
  // The same file under its compiled and its source name.
  const worker = new Worker(new URL(`./receive-worker${extname(import.meta.url)}`, import.meta.url), { workerData });
  let wanted = true;
  let failure: unknown;
  const exited = new Promise<void>(resolve => worker.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    const fail = (thrown: unknown): void => {
      failure ??= thrown;
      reject(thrown);
      if (wanted) parts.onFailure(thrown);
    };
    worker.on('message', (word: FromReceiver) => {
      if (word.type === 'ready') resolve();
      else if (word.type === 'replies') parts.onReplies(word.replies);
      else if (word.type === 'fault') fail(new Fault('resource', word.what, word.remedy));
    });
    worker.once('error', fail);
    worker.once('exit', () => {
      if (wanted) fail(failure ?? new Fault('resource', 'the receiving thread ended without a word', 'resume'));
    });
  });
  const read = (name: keyof typeof RECEIVE_COUNTERS): number => Number(Atomics.load(counters, RECEIVE_COUNTERS[name]));
  return {
    seen: () => ({
      kernelDrops: read('kernelDrops'),
      badCookie: read('badCookie'),
      outOfScope: read('outOfScope'),
      duplicates: read('duplicates'),
    }),
    async end() {
      wanted = false;
      Atomics.store(control, RECEIVE_CONTROL.stop, 1);
      Atomics.notify(control, RECEIVE_CONTROL.stop);
      await exited;
    },
  };
}
