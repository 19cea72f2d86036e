/**
 * Starts odd devices in a process of their own. In: what to open, without the functions. Out: where they are, and their
 * counts when asked.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Fault } from '../../record/fault.ts';
import type { Count } from './count.ts';
import { idOf } from './device.ts';
import { type OpenOptions, type Place, placesOf } from './open.ts';

type Sent = Omit<OpenOptions, 'personalities' | 'monotonic'> & { readonly ids: readonly string[] };
export type Order = { readonly type: 'open'; readonly options: Sent } | { readonly type: 'count' };
export interface Answer {
  readonly counts?: readonly Count[];
  /** The system's word for what went wrong. */
  readonly code?: string;
}

export interface StartedDevices {
  readonly places: readonly Place[];
  counts(): Promise<readonly Count[]>;
  close(): Promise<void>;
}

/** Throws Fault('port-taken' or 'resource') when they cannot all listen. One call at a time to `counts`. */
export async function startOddDevices(options: Omit<OpenOptions, 'monotonic'>): Promise<StartedDevices> {
  const file = import.meta.url.endsWith('.ts') ? './process.ts' : './process.js';
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), { serialization: 'advanced', execArgv: [] });
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', (code, signal) =>
      reject(new Fault('resource', `the odd devices ended (${signal ?? code})`, 'start them again')),
    );
  });
  ended.catch(() => {});
  const ask = async (order: Order): Promise<Answer> => {
    const answer = once(child, 'message') as Promise<[Answer]>;
    child.send(order);
    const [said] = await Promise.race([answer, ended]);
    return said;
  };
  const close = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.disconnect();
    await exit;
  };
  const { personalities, ...rest } = options;
  const { code } = await ask({ type: 'open', options: { ...rest, ids: personalities.map(idOf) } });
  if (code !== undefined) {
    await close();
    throw code === 'EADDRINUSE'
      ? new Fault('port-taken', 'a port of the odd devices is taken', 'end the program that has it')
      : new Fault('resource', `the odd devices cannot listen (${code})`, 'raise `ulimit -n`, or open fewer');
  }
  return { places: placesOf(options), counts: async () => (await ask({ type: 'count' })).counts ?? [], close };
}
