/**
 * dropbear, a real SSH server, with accounts of its own in a throw-away root when it is given any. Its log names every
 * attempt with a password; a user's shell is a recorder, so a session that was asked for leaves a trace.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { answers, type Daemon, startDaemon } from './daemon.ts';
import { type Account, inRoot, makeRoot, RECORDER } from './own-root.ts';

export interface Dropbear extends Daemon {
  /** Sessions that reached a shell; 0 without accounts. */
  readonly sessions: () => number;
}

export interface DropbearOptions {
  readonly accounts?: readonly Account[];
  /** `-s` no passwords, `-t` a key and a password, `-B` blank passwords count, `-T 1` one try a connection. */
  readonly args?: readonly string[];
  readonly key?: 'ed25519' | 'ecdsa' | 'rsa';
}

export async function startDropbear(
  folder: string,
  address: string,
  port: number,
  { accounts, args = [], key = 'ed25519' }: DropbearOptions = {},
): Promise<Dropbear> {
  const records = join(folder, 'records');
  if (accounts)
    makeRoot(folder, { accounts, pam: {}, etc: { shells: `${RECORDER}\n` }, records: ['sessions', 'received'] });
  const file = accounts ? join(records, 'host-key') : join(folder, 'host-key');
  const made = spawnSync('/usr/bin/dropbearkey', ['-t', key, '-f', file], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`dropbearkey: ${made.stderr}`);
  chmodSync(file, 0o600);
  const command = ['/usr/sbin/dropbear', '-F', '-E', '-w', '-p', `${address}:${port}`, ...args];
  const [program, programArgs] = accounts
    ? inRoot(folder, [...command, '-r', '/records/host-key', '-P', '/run/pid'])
    : [command[0] as string, [...command.slice(1), '-r', file, '-P', join(folder, 'pid')]];
  const daemon = await startDaemon(program, programArgs, () => answers(address, port));
  return {
    ...daemon,
    sessions: () => (accounts ? readFileSync(join(records, 'sessions'), 'utf8').split('\n').filter(Boolean).length : 0),
  };
}
