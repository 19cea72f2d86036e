/** A network namespace without a name, held by a process of ours: it is gone when that is, and that ends when we do. Needs root. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Namespace {
  readonly pid: number;
  readonly holder: ChildProcess;
}

const netOf = (pid: number | 'self') => readlinkSync(`/proc/${pid}/ns/net`);

export async function namespace(): Promise<Namespace> {
  // Its input ends with this process, however that ends.
  const holder = spawn('unshare', ['--net', 'cat'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const { pid } = holder;
  if (pid === undefined) throw new Error('no namespace could be made');
  for (let tries = 0; netOf(pid) === netOf('self'); tries++) {
    if (tries > 100) throw new Error('no namespace of its own');
    await sleep(20);
  }
  return { pid, holder };
}

/** The command and arguments that run a program there. */
export const inside =
  ({ pid }: Namespace) =>
  (command: string, ...args: readonly string[]) =>
    ['nsenter', ['-t', String(pid), '-n', command, ...args]] as const;
