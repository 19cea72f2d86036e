/**
 * inetutils' telnetd with the real login(1), in a throw-away root of its own. A user's "shell" is a recorder, so the far end
 * itself tells what was sent after a login.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { type Account, inRoot, makeRoot, PAM_PLAIN } from './own-root.ts';

export type { Account } from './own-root.ts';

export interface Telnetd {
  readonly connections: () => number;
  /** Failed logins as login(1) itself recorded them (one utmp record each). */
  readonly failures: () => number;
  /** Sessions that reached the shell. */
  readonly sessions: () => number;
  /** Every byte that came after a successful login. */
  readonly received: () => string;
  stop(): Promise<void>;
}

export interface TelnetdOptions {
  /** `/etc/pam.d/login`; only the password decides when not said. */
  readonly pam?: string;
  /** What telnetd runs instead of login(1) asking for a user. */
  readonly runs?: string;
}

/** sizeof(struct utmp) on x86-64 Linux, utmp(5). */
const UTMP = 384;

/** Listens like inetd: one telnetd a connection, the connection as its standard input and output. */
export async function startTelnetd(
  folder: string,
  address: string,
  port: number,
  accounts: readonly Account[],
  { pam = PAM_PLAIN, runs }: TelnetdOptions = {},
): Promise<Telnetd> {
  makeRoot(folder, { accounts, pam: { login: pam }, records: ['sessions', 'received'] });
  const [program, args] = inRoot(folder, ['/usr/sbin/telnetd', '-h', ...(runs === undefined ? [] : ['-E', runs])]);
  const children = new Set<ChildProcess>();
  let connections = 0;
  const server: Server = createServer({ pauseOnConnect: true }, (socket: Socket) => {
    connections++;
    const child = spawn(program, args, { stdio: [socket, socket, 'inherit'] });
    children.add(child);
    child.once('exit', () => children.delete(child));
    // The child has its own copy of the connection; ours is closed without a word on the wire.
    socket.on('error', () => {});
    socket.destroy();
  });
  server.listen(port, address);
  await once(server, 'listening');
  const record = (name: string) => join(folder, 'records', name);
  return {
    connections: () => connections,
    failures: () => Math.floor(statSync(record('btmp')).size / UTMP),
    sessions: () => readFileSync(record('sessions'), 'utf8').split('\n').filter(Boolean).length,
    received: () => readFileSync(record('received'), 'utf8'),
    stop: async () => {
      server.close();
      for (const child of children) child.kill('SIGKILL');
      await once(server, 'close').catch(() => {});
    },
  };
}
