/**
 * The threads themselves: starts N workers of `notice probe`, each over its own folder, and tells what they say. In: paper
 * and folder. Out: hands that take targets. Whatever ends one before its time ends all, with its Fault.
 */
import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { PaperFiles } from '../mandate/paper.ts';
import { Fault } from '../record/fault.ts';
import { type Deal, workerFolder } from './probe-deal.ts';
import type { Dealt, Done, FromProbeWorker, ToProbeWorker, WorkerStart } from './probe-messages.ts';

export interface HireOptions {
  readonly files: PaperFiles;
  readonly state: string;
  readonly keys: string;
  readonly round: string;
  readonly deal: Deal;
  /** Of each worker. */
  readonly concurrency: number;
  readonly digest: string;
  readonly onMessage: (text: string) => void;
}

export interface Hand {
  /** Targets it has and that are not printed yet. */
  held: number;
  /** It has ended. */
  readonly over: boolean;
  deal(target: Dealt): void;
  /** Nothing is sent to one that has ended. */
  post(message: ToProbeWorker): void;
}

export interface Hands {
  readonly all: readonly Hand[];
  /** What stopped one of them. */
  readonly failure: Fault | undefined;
  fail(thrown: unknown): void;
  stop(): void;
  /** Set before the first target is dealt. */
  onDone: (hand: Hand, done: readonly Done[]) => void;
  /** Resolves when any of them said or did anything. */
  happening(): Promise<void>;
  wake(): void;
  /** Resolves when every thread has ended and closed its files. */
  close(): Promise<void>;
}

/** A Fault from another thread, in the same words. */
function faultFrom(code: Fault['code'], message: string): Fault {
  const [what = message, ...remedy] = message.split('; ');
  return new Fault(code, what, remedy.join('; ') || 'start again');
}

/** Throws Fault when one of them may not or cannot begin; then none is left. */
export async function hire(options: HireOptions): Promise<Hands> {
  let waiters: (() => void)[] = [];
  let failure: Fault | undefined;
  const ended: Promise<unknown>[] = [];
  const ready: Promise<void>[] = [];
  const wake = (): void => {
    const all = waiters;
    waiters = [];
    for (const resolve of all) resolve();
  };
  const stop = (): void => {
    for (const hand of hands.all) hand.post({ type: 'stop' });
  };
  const fail = (thrown: unknown): void => {
    failure ??= thrown instanceof Fault ? thrown : faultFrom('resource', `a worker failed (${String(thrown)})`);
    stop();
    wake();
  };

  function begin(n: number): Hand {
    const { files, keys, round, digest, concurrency } = options;
    const folder = workerFolder(options.state, n);
    const workerData: WorkerStart = {
      ...{ files, folder, keys, round, digest, concurrency },
      shares: options.deal.workers,
    };
    // The same file under its compiled and its source name.
    const worker = new Worker(new URL(`./probe-worker${extname(import.meta.url)}`, import.meta.url), { workerData });
    let over = false;
    let finished = false;
    let dealt: Dealt[] = [];
    const hand: Hand = {
      held: 0,
      get over() {
        return over;
      },
      // What is dealt in one turn of the event loop goes in one message.
      deal(target) {
        hand.held++;
        if (dealt.push(target) > 1) return;
        setImmediate(() => {
          hand.post({ type: 'targets', targets: dealt });
          dealt = [];
        });
      },
      post: message => {
        if (!over) worker.postMessage(message);
      },
    };
    ended.push(once(worker, 'exit').catch(() => once(worker, 'exit')));
    ready.push(
      new Promise(resolve => {
        worker.on('message', (message: FromProbeWorker) => {
          if (message.type === 'done') hands.onDone(hand, message.done);
          else if (message.type === 'fault') fail(faultFrom(message.code, message.message));
          else if (message.type === 'message') options.onMessage(message.text);
          else if (message.type === 'end') finished = true;
          else if (message.type === 'ready') resolve();
          wake();
        });
        worker.on('error', fail);
        worker.on('exit', () => {
          over = true;
          if (!finished) fail(faultFrom('resource', 'a worker ended before its work did'));
          resolve();
          wake();
        });
      }),
    );
    return hand;
  }

  const all: Hand[] = [];
  const hands: Hands = {
    all,
    get failure() {
      return failure;
    },
    fail,
    stop,
    onDone: () => {},
    happening: () => new Promise(resolve => waiters.push(resolve)),
    wake,
    async close() {
      stop();
      for (const hand of all) hand.post({ type: 'last' });
      await Promise.all(ended);
    },
  };
  for (let n = 0; n < options.deal.workers; n++) all.push(begin(n));
  await Promise.all(ready);
  if (failure) {
    await hands.close();
    throw failure;
  }
  return hands;
}
