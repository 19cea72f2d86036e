/** Starts and stops the rehearsal's prober process. It is stopped whenever the calendar moves. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Fault } from '../record/fault.ts';
import type { ProberStart } from './prober-process.ts';

export interface ProberChild {
  /** Resolves with the last audit root when the process has ended. */
  stop(): Promise<{ readonly root: string; readonly entries: number; readonly peakKb: number }>;
  /** Rejects when the process ends without having been asked to. */
  readonly failed: Promise<never>;
}

export async function startProber(start: ProberStart): Promise<ProberChild> {
  const file = import.meta.url.endsWith('.ts') ? './prober-process.ts' : './prober-process.js';
  const child: ChildProcess = fork(fileURLToPath(new URL(file, import.meta.url)), [JSON.stringify(start)], {
    execArgv: [],
  });
  let last = { root: '', entries: 0, peakKb: 0 };
  let asked = false;
  const ready = new Promise<void>(resolve => {
    child.on('message', (message: { type: string; root?: string; entries?: number; peakKb?: number }) => {
      if (message.type === 'ready') resolve();
      if (message.type === 'root')
        last = { root: message.root ?? '', entries: message.entries ?? 0, peakKb: message.peakKb ?? 0 };
    });
  });
  const failed = once(child, 'exit').then(([code, signal]) => {
    if (asked) return new Promise<never>(() => {});
    throw new Fault(
      'resource',
      `the prober ended (${signal ?? `exit ${code}`})`,
      'read the line above; the next start goes on where it was',
    );
  });
  failed.catch(() => {});
  await Promise.race([ready, failed]);
  return {
    failed,
    stop: async () => {
      asked = true;
      if (child.exitCode === null && child.signalCode === null) {
        const exit = once(child, 'exit');
        if (child.connected) child.send('stop');
        const hard = setTimeout(() => child.kill('SIGKILL'), 10_000);
        await exit;
        clearTimeout(hard);
      }
      return last;
    },
  };
}
