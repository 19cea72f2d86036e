/**
 * The threads that log in over SSH, started when first needed and no reason for the process to stay. In: an errand whose
 * try is reserved and logged. Out: what became of it; a thread that dies gives its errands back as LOCAL_RESOURCE, with the
 * try counted. Errands go to the thread with the fewest; another is started when that has plenty.
 */
import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Gate, GateTables } from '../../../mandate/authority.ts';
import type { Clocks } from '../../../record/instant.ts';
import type { Attempted } from '../driver.ts';
import type { Errand, FromWorker, ToWorker } from './orders.ts';

export interface Crew {
  /** Undefined when nothing is known of what was sent: count it as a try. */
  send(errand: Errand, gate: Gate, clocks: Clocks, signal: AbortSignal | undefined): Promise<Attempted | undefined>;
  /** Ends the threads; errands under way end as stopped, with their connections. A later errand starts new threads. */
  close(): Promise<void>;
}

interface Hand {
  readonly worker: Worker;
  readonly errands: Map<number, (attempted: Attempted | undefined) => void>;
  readonly gates: Set<number>;
}

export const CREW = 2;
/** Errands of one thread before another is started: they mostly wait for servers, and a new thread has its code to warm up. */
const PLENTY = 24;
/** A thread that is told to end gets so long to close its connections, ms: ended by force it would leave them open. */
const CLOSE_MS = 3_000;

async function letGo(worker: Worker): Promise<void> {
  const gone = once(worker, 'exit');
  worker.ref();
  worker.postMessage({ is: 'close' } satisfies ToWorker);
  const late = setTimeout(() => void worker.terminate(), CLOSE_MS);
  await gone;
  clearTimeout(late);
}

export function openCrew(size: number = CREW): Crew {
  const hands = new Set<Hand>();
  const gates = new WeakMap<GateTables, number>();
  let lastGate = 0;
  let lastErrand = 0;

  const hire = (): Hand => {
    // The same file under its compiled and its source name.
    const worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url));
    const hand: Hand = { worker, errands: new Map(), gates: new Set() };
    const leave = () => {
      hands.delete(hand);
      for (const settle of [...hand.errands.values()]) settle(undefined);
    };
    worker.on('message', ({ id, attempted }: FromWorker) => hand.errands.get(id)?.(attempted));
    // An error's words are not passed on: they might quote an errand.
    worker.on('error', leave);
    worker.on('exit', leave);
    worker.unref();
    hands.add(hand);
    return hand;
  };

  const pick = (): Hand => {
    const [idlest] = [...hands].sort((a, b) => a.errands.size - b.errands.size);
    return idlest && (idlest.errands.size < PLENTY || hands.size >= size) ? idlest : hire();
  };

  return {
    send: (errand, gate, clocks, signal) =>
      new Promise(resolve => {
        if (signal?.aborted) return resolve(undefined);
        const hand = pick();
        const post = (message: ToWorker) => hand.worker.postMessage(message);
        const key = gates.get(gate.tables) ?? ++lastGate;
        gates.set(gate.tables, key);
        if (!hand.gates.has(key)) {
          hand.gates.add(key);
          const calendarOffsetMs = clocks.calendar() - Date.now();
          post({ is: 'gate', gate: key, tables: gate.tables, calendarOffsetMs });
        }
        const id = ++lastErrand;
        const stop = () => post({ is: 'stop', id });
        hand.errands.set(id, attempted => {
          signal?.removeEventListener('abort', stop);
          hand.errands.delete(id);
          if (hand.errands.size === 0) hand.worker.unref();
          resolve(attempted);
        });
        signal?.addEventListener('abort', stop, { once: true });
        hand.worker.ref();
        post({ is: 'errand', id, gate: key, errand });
      }),
    async close() {
      const leaving = [...hands];
      hands.clear();
      await Promise.all(leaving.map(({ worker }) => letGo(worker)));
    },
  };
}
