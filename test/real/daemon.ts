/**
 * Starts a real program for a test: in a folder of its own, ready check with a deadline, its log in the failure, stopped by
 * its own process id. In: what to run. Out: a handle; a program that does not come up fails the test with its log.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Daemon {
  readonly pid: number;
  /** Everything it wrote to its standard output and error so far. */
  log(): string;
  stop(): Promise<void>;
}

/** A port on this address that nobody listens on now. */
export async function freePort(address: string): Promise<number> {
  const server = createServer();
  server.listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Whether something accepts a connection there. */
export const answers = (address: string, port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect({ host: address, port });
    socket.setTimeout(500, () => socket.destroy());
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });

export async function startDaemon(
  command: string,
  args: readonly string[],
  ready: () => Promise<boolean>,
  options: { readonly deadlineMs?: number; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Daemon> {
  const child: ChildProcess = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: options.env ?? process.env,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  let ended: string | undefined;
  child.once('error', error => (ended = error.message));
  child.once('exit', (code, signal) => (ended ??= `exit ${signal ?? code}`));
  const until = performance.now() + (options.deadlineMs ?? 10_000);
  while (!(await ready())) {
    if (ended !== undefined || performance.now() > until) {
      child.kill('SIGKILL');
      throw new Error(`${command} did not come up (${ended ?? 'deadline'}):\n${text}`);
    }
    await sleep(50);
  }
  return {
    pid: child.pid ?? 0,
    log: () => text,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      const hard = setTimeout(() => child.kill('SIGKILL'), 3_000);
      await exit;
      clearTimeout(hard);
    },
  };
}
