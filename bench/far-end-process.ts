/**
 * Starts the far end: as root in a network namespace of its own, where no program under test can meet anything else; else on
 * this machine's own loopback. Out: a prefix that runs a command where the far end is, and its own count.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { FarEndCount } from './far-end.ts';

export const FAR_PORTS = { telnet: 23_230, http: 28_080, held: 23_231 } as const;

export interface FarEnd {
  /** Goes before a command line. */
  readonly enter: readonly string[];
  count(): Promise<FarEndCount>;
  stop(): Promise<void>;
}

export const hasNamespace = process.getuid?.() === 0;

const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const FAR_END = fileURLToPath(new URL(`./far-end${extension}`, import.meta.url));

export async function startFarEnd(): Promise<FarEnd> {
  const own = hasNamespace ? ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'] : [];
  const ports = [FAR_PORTS.telnet, FAR_PORTS.http, FAR_PORTS.held].map(String);
  const [file = '', ...args] = [...own, process.execPath, FAR_END, ...ports];
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>(resolve => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the far end has gone');
    return value;
  };
  if ((await line()) !== 'ready') throw new Error('the far end did not start');
  return {
    enter: hasNamespace ? ['nsenter', `--net=/proc/${child.pid}/ns/net`] : [],
    async count() {
      child.stdin.write('\n');
      return JSON.parse(await line()) as FarEndCount;
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
