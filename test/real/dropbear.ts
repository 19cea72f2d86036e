/** dropbear, a real SSH server. Its log names every attempt with a password. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { answers, type Daemon, startDaemon } from './daemon.ts';

export async function startDropbear(folder: string, address: string, port: number): Promise<Daemon> {
  const key = join(folder, 'host-key');
  const made = spawnSync('/usr/bin/dropbearkey', ['-t', 'ed25519', '-f', key], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`dropbearkey: ${made.stderr}`);
  return startDaemon(
    '/usr/sbin/dropbear',
    ['-F', '-E', '-w', '-p', `${address}:${port}`, '-r', key, '-P', join(folder, 'pid')],
    () => answers(address, port),
  );
}
