/** A prober that takes orders from its state folder until told to stop. The loop is bounded by the abort signal alone. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RoundProgress } from '../record/progress.ts';
import { answerOrder, openOrders, writeProgress } from './orders.ts';
import type { Prober } from './prober.ts';

/** How often the folder is looked at, ms. */
const LOOK = 50;
/** How often progress is written at most, ms. */
const TELL = 200;

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
  while (!signal.aborted) {
    const [order] = openOrders(state);
    if (!order) {
      await sleep(LOOK, undefined, { signal }).catch(() => {});
      continue;
    }
    if (order.type === 'recheck') {
      answerOrder(state, { type: 'recheck', id: order.id, result: await prober.recheck(order, signal) });
      continue;
    }
    const report = await prober.round(order, signal, tell);
    // A round that was asked to stop keeps its order: the next start goes on where it was.
    if (!signal.aborted) answerOrder(state, { type: 'round', id: order.id, report });
  }
}
