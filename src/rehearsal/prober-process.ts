/**
 * The rehearsal's prober in its own process: the same role as a real one, with the rehearsal's calendar. Its parent says
 * by how much that calendar is shifted; a real prober has no such thing, because only this file sets it.
 */
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { readKey } from '../mandate/keys.ts';
import { errorOf, Fault } from '../record/fault.ts';
import { secretIn } from '../role/key-folder.ts';
import { lockFolder } from '../role/lock.ts';
import { openProber } from '../role/prober.ts';
import { serveOrders } from '../role/prober-serve.ts';

export interface ProberStart {
  readonly state: string;
  readonly mandate: string;
  readonly key: string;
  readonly secrets: string;
  readonly calendarOffsetMs: number;
}

async function main(start: ProberStart): Promise<void> {
  const stop = new AbortController();
  process.on('disconnect', () => stop.abort());
  process.on('SIGINT', () => {});
  process.on('message', message => {
    if (message === 'stop') stop.abort();
  });
  const unlock = await lockPatiently(start.state);
  const clocks = { calendar: () => Date.now() + start.calendarOffsetMs, monotonic: () => performance.now() };
  const prober = openProber({
    state: start.state,
    files: { mandate: start.mandate },
    clocks,
    calendarOffsetMs: start.calendarOffsetMs,
    random: n => randomBytes(n),
    signing: readKey(start.key),
    recognition: secretIn(start.secrets, 'recognition', n => randomBytes(n)),
    driver: 'auto',
  });
  process.send?.({ type: 'ready' });
  try {
    await serveOrders(prober, start.state, clocks.monotonic, stop.signal);
  } finally {
    process.send?.({ type: 'root', ...prober.auditRoot(), peakKb: process.resourceUsage().maxRSS });
    prober.close();
    unlock();
  }
}

/** A killed rehearsal's prober ends by itself a moment later; two must never write one audit log. */
async function lockPatiently(state: string): Promise<() => void> {
  for (let tries = 1; ; tries++) {
    try {
      return lockFolder(state);
    } catch (thrown) {
      if (!(thrown instanceof Fault) || thrown.code !== 'locked' || tries >= 100) throw thrown;
    }
    await sleep(100);
  }
}

main(JSON.parse(process.argv[2] ?? '{}') as ProberStart).then(
  () => process.exit(0),
  (thrown: unknown) => {
    const fault = thrown instanceof Fault ? thrown : undefined;
    process.stderr.write(`prober: ${fault ? fault.message : errorOf(thrown).stack}\n`);
    process.exit(fault?.exit ?? 1);
  },
);
