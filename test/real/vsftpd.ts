/**
 * vsftpd, in a throw-away root with accounts and a PAM service of its own, in the foreground. Its log has every command as
 * it arrived and every login as it ended: the far end's own count.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { answers, type Daemon, startDaemon } from './daemon.ts';
import { type Account, inRoot, makeRoot, PAM_PROMPT } from './own-root.ts';

export interface Vsftpd {
  /** Connections, commands as they came (`USER admin`; a password shows as `PASS <password>`), and logins by their end. */
  readonly seen: () => {
    readonly connections: number;
    readonly commands: readonly string[];
    readonly accepted: number;
    readonly refused: number;
  };
  readonly log: () => string;
  stop(): Promise<void>;
}

export interface VsftpdOptions {
  readonly pam?: string;
  /** More files, by their path below `/etc`. */
  readonly etc?: Readonly<Record<string, string>>;
  /** More lines of configuration; a later line wins. */
  readonly settings?: readonly string[];
}

export async function startVsftpd(
  folder: string,
  address: string,
  port: number,
  accounts: readonly Account[],
  { pam = PAM_PROMPT, etc = {}, settings = [] }: VsftpdOptions = {},
): Promise<Vsftpd> {
  const conf = [
    'listen=YES',
    'background=NO',
    `listen_address=${address}`,
    `listen_port=${port}`,
    'anonymous_enable=NO',
    'local_enable=YES',
    'write_enable=NO',
    'pasv_enable=NO',
    'port_enable=NO',
    'pam_service_name=ftp',
    'secure_chroot_dir=/run',
    'nopriv_user=nobody',
    'xferlog_enable=YES',
    'vsftpd_log_file=/records/vsftpd.log',
    'log_ftp_protocol=YES',
    'delay_failed_login=0',
    // Neither is ours to try, and both need a kernel that allows them inside containers.
    'isolate_network=NO',
    'seccomp_sandbox=NO',
    ...settings,
  ];
  makeRoot(folder, {
    accounts,
    pam: { ftp: pam },
    etc: { ...etc, 'vsftpd.conf': `${conf.join('\n')}\n` },
    records: ['vsftpd.log'],
  });
  const [program, args] = inRoot(folder, ['/usr/sbin/vsftpd', '/etc/vsftpd.conf']);
  const daemon: Daemon = await startDaemon(program, args, () => answers(address, port));
  const log = () => readFileSync(join(folder, 'records', 'vsftpd.log'), 'utf8');
  const linesWith = (word: string) =>
    log()
      .split('\n')
      .filter(line => line.includes(word));
  // The ready check was a connection too: it is waited for in the log, and then left out.
  for (let waits = 0; linesWith('CONNECT:').length < 1 && waits < 100; waits++) await sleep(20);
  return {
    log,
    seen: () => ({
      connections: linesWith('CONNECT:').length - 1,
      commands: linesWith('FTP command:').map(line => /"([^"]*)"$/.exec(line)?.[1] ?? line),
      accepted: linesWith('OK LOGIN:').length,
      refused: linesWith('FAIL LOGIN:').length,
    }),
    stop: () => daemon.stop(),
  };
}
