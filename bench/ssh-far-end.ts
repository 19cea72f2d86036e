/**
 * Real SSH servers for the benchmark: dropbear on many loopback addresses in the far end's network namespace, in a mount
 * namespace of their own where one account has a good password. Needs root. Their own log counts the attempts.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WRONG } from './probe-paper.ts';

export const SSH_PORT = 22_022;
/** Addresses of one server: fewer than the five strangers from one address that dropbear hears at the same time. */
const EACH = 4;
const DROPBEAR = '/usr/sbin/dropbear';

export const hasDropbear = (): boolean => existsSync(DROPBEAR);

export interface SshFarEnd {
  /** Neighbours in this list belong to different servers. */
  readonly addresses: readonly string[];
  attempts(): number;
  stop(): Promise<void>;
}

/**
 * $1 is a folder with passwd, shadow and the host key; every further word is one server's addresses, with commas. This is
 * process 1 of its namespace: when its stdin ends, whatever became of the benchmark, the kernel ends all servers.
 */
const SCRIPT = `mount --bind "$1/passwd" /etc/passwd && mount --bind "$1/shadow" /etc/shadow || exit 1
key=$1/host-key; shift
for list; do
  set --; IFS=,; for address in $list; do set -- "$@" -p "$address:${SSH_PORT}"; done
  ${DROPBEAR} -F -E -r "$key" -P /dev/null "$@" &
done
cat >/dev/null`;

function makeAccount(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const made = spawnSync('openssl', ['passwd', '-6', 'a-good-password-nobody-tries'], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`openssl passwd: ${made.stderr}`);
  writeFileSync(
    join(folder, 'passwd'),
    `root:x:0:0::/:/bin/false\n${WRONG.user}:x:2000:2000::/tmp:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n`,
  );
  writeFileSync(join(folder, 'shadow'), `root:*:19000::::::\n${WRONG.user}:${made.stdout.trim()}:19000::::::\n`, {
    mode: 0o600,
  });
  const key = spawnSync('dropbearkey', ['-t', 'ed25519', '-f', join(folder, 'host-key')], { encoding: 'utf8' });
  if (key.status !== 0) throw new Error(`dropbearkey: ${key.stderr}`);
}

export async function startSshFarEnd(folder: string, hosts: number, enter: readonly string[]): Promise<SshFarEnd> {
  makeAccount(folder);
  const servers = Math.ceil(hosts / EACH);
  const addresses = Array.from({ length: hosts }, (_, i) => `127.22.${i >> 8}.${i & 255}`);
  const lists = Array.from({ length: servers }, (_, s) => addresses.filter((_, i) => i % servers === s).join(','));
  const [file = '', ...args] = [
    ...enter,
    ...['unshare', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'],
    ...['bash', '-c', SCRIPT, 'bash', folder, ...lists],
  ];
  const child = spawn(file, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()));
  let log = '';
  let attempts = 0;
  child.stderr.on('data', chunk => {
    const lines = (log + String(chunk)).split('\n');
    log = lines.pop() ?? '';
    attempts += lines.filter(line => line.includes('Bad password attempt')).length;
  });
  const [asks = '', ...how] = [...enter, 'cat', '/proc/net/tcp'];
  const listening = () => spawnSync(asks, how, { encoding: 'utf8' }).stdout.split(' 00000000:0000 0A ').length - 1;
  for (let tries = 0; listening() < hosts; tries++) {
    if (tries > 100) throw new Error(`dropbear did not come up: ${log}`);
    await sleep(100);
  }
  return {
    addresses,
    attempts: () => attempts,
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
