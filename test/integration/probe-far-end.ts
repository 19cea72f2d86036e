/**
 * Devices on loopback that count at their own end what `notice probe` does to them, on two ports: telnet and HTTP. In: who
 * stands where and which pair it takes. Out: per address how many connections were open at once, every try with its
 * instant, and what came after a success. And the command itself, with its output in the test's hand.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createServer, type Server, type Socket } from 'node:net';
import { neverTouch } from '../../src/mandate/ceilings.ts';
import type { Key, PlainDevice } from '../../src/rehearsal/odd-devices/device.ts';
import { HTTP_DEVICES } from '../../src/rehearsal/odd-devices/http.ts';
import { TELNET_DEVICES } from '../../src/rehearsal/odd-devices/telnet.ts';
import { NOTICE } from '../fixtures/command.ts';
import { freePort } from '../real/daemon.ts';

export type Spoken = 'telnet' | 'http';

export interface Stand {
  readonly address: string;
  readonly protocol: Spoken;
  readonly key: Key | null;
  /** Another device than the normal one. */
  readonly device?: PlainDevice;
}

export interface AtFarEnd {
  connections: number;
  open: number;
  mostOpen: number;
  /** `closed` instants, ms UTC. */
  readonly closedAt: number[];
  readonly tries: { readonly user: string; readonly password: string; readonly at: number }[];
  afterAccept: number;
}

export interface FarEnd {
  readonly ports: Readonly<Record<Spoken, number>>;
  /** By address, over both ports. */
  readonly seen: ReadonlyMap<string, AtFarEnd>;
  connections(): number;
  close(): Promise<void>;
}

const NORMAL: Readonly<Record<Spoken, PlainDevice>> = {
  telnet: TELNET_DEVICES['1 normal'] as PlainDevice,
  http: HTTP_DEVICES['1 normal Basic'] as PlainDevice,
};

async function allowedPort(address: string, not: number): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const port = await freePort(address);
    if (neverTouch(port) === undefined && port !== not) return port;
  }
  throw new Error('no port is free');
}

export async function farEnd(stands: readonly Stand[]): Promise<FarEnd> {
  const first = stands[0]?.address ?? '127.0.0.1';
  const telnet = await allowedPort(first, 0);
  const ports = { telnet, http: await allowedPort(first, telnet) };
  const seen = new Map<string, AtFarEnd>();
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  for (const { address, protocol, key, device = NORMAL[protocol] } of stands) {
    const mine = seen.get(address) ?? { connections: 0, open: 0, mostOpen: 0, closedAt: [], tries: [], afterAccept: 0 };
    seen.set(address, mine);
    const server = createServer(socket => {
      sockets.add(socket);
      mine.connections++;
      mine.open++;
      // A reset that came before this connection may stand behind it in the same turn of the event loop.
      setImmediate(() =>
        setImmediate(() => {
          mine.mostOpen = Math.max(mine.mostOpen, mine.open);
        }),
      );
      let accepted = false;
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        mine.open--;
        mine.closedAt.push(Date.now());
      });
      socket.on('data', chunk => {
        if (accepted) mine.afterAccept += chunk.length;
      });
      device(socket, key, {
        accepted: () => {
          accepted = true;
        },
        tried: (user, password) => mine.tries.push({ user, password, at: Date.now() }),
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(ports[protocol], address, resolve);
    });
    servers.push(server);
  }
  return {
    ports,
    seen,
    connections: () => [...seen.values()].reduce((sum, one) => sum + one.connections, 0),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.map(one => new Promise(resolve => one.close(resolve))));
    },
  };
}

export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  /** As they come; the reading can be held up with `child.stdout.pause()`. */
  readonly said: { out: string; err: string };
  readonly ended: Promise<number | null>;
}

/** The real command. It is killed after a minute. `slow`: nobody reads its stdout until somebody does. */
export function probing(
  args: readonly string[],
  input = '',
  slow = false,
  env: Readonly<Record<string, string>> = {},
): Running {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', NOTICE, 'probe', ...args], {
    env: { ...process.env, ...env },
  });
  const said = { out: '', err: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  child.stdout.setEncoding('utf8');
  const read = (text: string): void => {
    said.out += text;
  };
  if (!slow) child.stdout.on('data', read);
  child.stdin.on('error', () => undefined).end(input);
  const late = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const ended = new Promise<number | null>(resolve => {
    child.on('close', code => {
      clearTimeout(late);
      resolve(code);
    });
  });
  return { child, said, ended };
}

export const linesOf = (text: string): string[] => text.split('\n').filter(line => line !== '');
export const rowsOf = (text: string): Record<string, unknown>[] =>
  linesOf(text).map(line => JSON.parse(line) as Record<string, unknown>);
export const targetLine = (address: string, port: number): string => `${JSON.stringify({ address, port, at: 1 })}\n`;

/** Polls; false when it did not come about in that time. */
export async function until(so: () => boolean, ms = 20_000): Promise<boolean> {
  for (const end = performance.now() + ms; performance.now() < end; ) {
    if (so()) return true;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  return so();
}
