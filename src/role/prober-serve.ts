/** A prober that takes orders from its state folder until told to stop. The loop is bounded by the abort signal alone. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RoundProgress } from '../record/progress.ts';
import { answerOrder, openOrders, type RecheckOrder, writeProgress } from './orders.ts';
import type { Prober } from './prober.ts';

/** How often the folder is looked at, ms. */
const LOOK = 50;
/** How often progress is written at most, ms. */
const TELL = 200;

/** Re-checks in conversation at the same time; each has another address. */
const AT_ONCE = 16;

export async function serveOrders(
  prober: Prober,
  state: string,
  monotonic: () => number,
  signal: AbortSignal,
): Promise<void> {
  let told = Number.NEGATIVE_INFINITY;
  const tell = (progress: RoundProgress): void => {
    const now = monotonic();
    if (now - told < TELL && (progress.stage === 'sweep' || progress.stage === 'probe')) return;
    told = now;
    writeProgress(state, progress);
  };
  // Re-checks run beside each other, but never two with one address: it has one connection of ours at a time.
  const busy = new Map<string, Promise<void>>();
  async function recheck(order: RecheckOrder): Promise<void> {
    try {
      const result = await prober.recheck(order, signal);
      answerOrder(state, { type: 'recheck', id: order.id, result, askedAt: order.askedAt });
    } finally {
      busy.delete(order.address);
    }
  }
  while (!signal.aborted) {
    if (busy.size === 0) prober.forget();
    const orders = openOrders(state);
    for (const order of orders)
      if (order.type === 'recheck' && busy.size < AT_ONCE && !busy.has(order.address))
        busy.set(order.address, recheck(order));
    const round = orders.find(order => order.type === 'round');
    if (round && busy.size === 0) {
      const report = await prober.round(round, signal, tell);
      // A round that stopped keeps its order: the next start goes on where it was.
      if (report.stopped === null) answerOrder(state, { type: 'round', id: round.id, report });
      else if (!signal.aborted) await sleep(1_000, undefined, { signal }).catch(() => {});
      continue;
    }
    await sleep(LOOK, undefined, { signal }).catch(() => {});
  }
  await Promise.allSettled(busy.values());
}
