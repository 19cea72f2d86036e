/**
 * The main thread's end of the receiver: starts its thread, waits until it listens, hands its batches on in order, ends it
 * after its last one. In: what to accept (route, key, port, ranges), where to hand replies. Out: counters as they stand.
 */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Fault } from '../../../record/fault.ts';
import type { SweepOptions } from '../sweep-options.ts';
import type { Answered } from './answered.ts';
import { type FromReceiver, RECEIVED, type ReceivedReply, type ReceiveInput, repliesOf } from './receive-messages.ts';
import type { Route } from './route.ts';

export interface RawSeen {
  readonly kernelDrops: number;
  readonly badCookie: number;
  readonly outOfScope: number;
  readonly duplicates: number;
  readonly judged: number;
}

export interface Receiver {
  seen(): Omit<RawSeen, 'judged'>;
  /** Resolves when its last batch has been handed on. */
  end(): Promise<void>;
}

export interface ReceiverParts {
  readonly options: Pick<SweepOptions, 'gateTables' | 'ranges' | 'ports' | 'calendarOffsetMs'>;
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
  const counters = new BigInt64Array(new SharedArrayBuffer(8 * Object.keys(RECEIVED).length));
  const control = new Int32Array(new SharedArrayBuffer(4));
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
      else if (word.type === 'replies') parts.onReplies(repliesOf(word.columns));
      else fail(new Fault('resource', word.what, word.remedy));
    });
    worker.once('error', fail);
    worker.once('exit', () => {
      if (wanted) fail(failure ?? new Fault('resource', 'the receiving thread ended without a word', 'resume'));
    });
  });
  const read = (name: keyof typeof RECEIVED): number => Number(Atomics.load(counters, RECEIVED[name]));
  return {
    seen: () => ({
      kernelDrops: read('kernelDrops'),
      badCookie: read('badCookie'),
      outOfScope: read('outOfScope'),
      duplicates: read('duplicates'),
    }),
    async end() {
      wanted = false;
      Atomics.store(control, 0, 1);
      await exited;
    },
  };
}
