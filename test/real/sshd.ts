/**
 * Debian's OpenSSH in a throw-away root with accounts, host keys and a PAM service of its own, in the foreground. Its debug
 * log names every message of authentication, every channel and every disconnect: the far end's own account.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { answers, type Daemon, startDaemon } from './daemon.ts';
import { type Account, inRoot, makeRoot, PAM_PROMPT } from './own-root.ts';

export interface Sshd extends Daemon {
  /** Sessions that reached a shell. */
  readonly sessions: () => number;
}

export interface SshdOptions {
  readonly pam?: string;
  readonly key?: 'ed25519' | 'ecdsa' | 'rsa';
  /** Lines of sshd_config; the first of a kind wins, and these come first. */
  readonly settings?: readonly string[];
}

export async function startSshd(
  folder: string,
  address: string,
  port: number,
  accounts: readonly Account[],
  { pam = PAM_PROMPT, key = 'ed25519', settings = [] }: SshdOptions = {},
): Promise<Sshd> {
  const conf = [
    ...settings,
    `ListenAddress ${address}`,
    `Port ${port}`,
    'HostKey /records/host-key',
    'UsePAM yes',
    'PasswordAuthentication yes',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin no',
    'PidFile none',
    'LogLevel DEBUG2',
    'UseDNS no',
    'MaxStartups 100',
  ];
  makeRoot(folder, {
    accounts,
    pam: { sshd: pam },
    etc: { 'ssh/sshd_config': `${conf.join('\n')}\n` },
    records: ['sessions', 'received'],
  });
  // The account that sshd gives its privileges up to, and the folder it locks itself into.
  appendFileSync(join(folder, 'tree/etc/passwd'), 'sshd:x:1999:65534::/run/sshd:/bin/false\n');
  mkdirSync(join(folder, 'tree/run/sshd'), { mode: 0o755 });
  const records = join(folder, 'records');
  const keygen = ['-q', '-t', key, '-N', '', '-f', join(records, 'host-key'), ...(key === 'rsa' ? ['-b', '2048'] : [])];
  const made = spawnSync('/usr/bin/ssh-keygen', keygen, { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`ssh-keygen: ${made.stderr}`);
  const [program, args] = inRoot(folder, ['/usr/sbin/sshd', '-D', '-e', '-f', '/etc/ssh/sshd_config']);
  const daemon = await startDaemon(program, args, () => answers(address, port));
  return {
    ...daemon,
    sessions: () => readFileSync(join(records, 'sessions'), 'utf8').split('\n').filter(Boolean).length,
  };
}
