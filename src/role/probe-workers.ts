/**
 * `notice probe` with workers: N threads, each a whole prober over the /24s that are its own. In: targets. Out: what became
 * of each. A worker holds at most three times its conversations in targets: waiting, under way, and not printed yet; so a
 * reader that stops reading stops the dealing.
 */
import { watchExclusions } from '../mandate/exclusions.ts';
import { compileGate } from '../mandate/gate.ts';
import { loadPaper } from '../mandate/paper.ts';
import { parseIpv4 } from '../record/address.ts';
import type { Clocks } from '../record/instant.ts';
import type { Crew } from './probe-crew.ts';
import { type Hand, type HireOptions, hire } from './probe-hands.ts';
import type { ProbeTarget } from './probe-intake.ts';
import type { Done } from './probe-messages.ts';

export interface WorkersOptions extends Omit<HireOptions, 'digest'> {
  /** In all workers together. */
  readonly concurrency: number;
  readonly clocks: Clocks;
}

export async function workerCrew(options: WorkersOptions): Promise<Crew> {
  const { deal, clocks } = options;
  const paper = loadPaper(options.files);
  const gate = compileGate(paper, clocks);
  const concurrency = Math.max(1, Math.floor(options.concurrency / deal.workers));
  const hands = await hire({ ...options, concurrency, digest: gate.digest });
  // Each worker keeps its own watch and writes it down; this one is for the intake, and tells the operator once.
  const watch = watchExclusions(paper.files.exclusions, gate, clocks, change => options.onMessage(change.message));
  const held = new Map<number, ProbeTarget>();
  const printing = new Set<Promise<void>>();
  let next = 0;

  function receive(
    hand: Hand,
    done: readonly Done[],
    onChecked: (target: ProbeTarget, done: Done) => Promise<void>,
  ): void {
    const all = done.map(one => {
      const target = held.get(one.n);
      return target && onChecked(target, one);
    });
    const one = Promise.all(all)
      .then(() => {
        for (const { n } of done) held.delete(n);
        hand.held -= done.length;
        hand.post({ type: 'printed', count: done.length });
      }, hands.fail)
      .then(() => {
        printing.delete(one);
        hands.wake();
      });
    printing.add(one);
  }

  return {
    gate,
    get inFlight() {
      return held.size;
    },
    async close() {
      watch.close();
      await hands.close();
    },
    async run(targets, signal, onChecked) {
      const stopped = (): boolean => signal.aborted || hands.failure !== undefined;
      const onAbort = (): void => {
        hands.stop();
        hands.wake();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
      hands.onDone = (hand, done) => receive(hand, done, onChecked);

      const source = targets[Symbol.asyncIterator]();
      let dry = false;
      const dealAll = async (): Promise<void> => {
        for (;;) {
          const pulled = await source.next();
          if (pulled.done) return;
          const { address, port, protocol } = pulled.value;
          const hand = hands.all[deal.ownerOf(parseIpv4(address) ?? 0)] as Hand;
          while (hand.held >= concurrency * 3 && !stopped()) await hands.happening();
          if (stopped()) return;
          held.set(next, pulled.value);
          hand.deal({ n: next++, address, port, protocol });
        }
      };
      void dealAll()
        .catch(hands.fail)
        .then(() => {
          dry = true;
          hands.wake();
        });
      while (!dry && !stopped()) await hands.happening();
      // A source that stays silent for ever must not hold a stopped run: it is told, not waited for.
      if (!dry) void source.return?.();
      // After what was dealt in this turn of the event loop.
      await new Promise(resolve => setImmediate(resolve));
      for (const hand of hands.all) hand.post({ type: 'last' });
      while (hands.all.some(hand => !hand.over) || printing.size > 0) await hands.happening();
      signal.removeEventListener('abort', onAbort);
      if (hands.failure) throw hands.failure;
    },
  };
}
