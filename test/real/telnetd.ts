/**
 * inetutils' telnetd with the real login(1), in a throw-away root of its own: a private mount namespace, its own passwd and
 * shadow, no account on the host. A user's "shell" is a recorder, so the far end itself tells what was sent after a login.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

export interface Account {
  readonly user: string;
  readonly password: string;
}

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

/** sizeof(struct utmp) on x86-64 Linux, utmp(5). */
const UTMP = 384;

/** Builds the root inside the namespace and runs telnetd in it on standard input. `$1` is the template folder. */
const IN_ROOT = `set -e
R="$1/root"
mount -t tmpfs none "$R"
cp -a "$1/tree/." "$R/"
for d in usr dev proc; do mkdir -p "$R/$d"; mount --rbind "/$d" "$R/$d"; done
for d in bin sbin lib lib64; do if [ -L "/$d" ]; then cp -P "/$d" "$R/$d"; else mkdir -p "$R/$d"; mount --rbind "/$d" "$R/$d"; fi; done
mkdir -p "$R/records"; mount --bind "$1/records" "$R/records"
ln -s /records/btmp "$R/var/log/btmp"
exec chroot "$R" /usr/sbin/telnetd -h
`;

function hash(password: string): string {
  const made = spawnSync('openssl', ['passwd', '-6', password], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`openssl passwd: ${made.stderr}`);
  return made.stdout.trim();
}

function makeTree(folder: string, accounts: readonly Account[]): void {
  const tree = join(folder, 'tree');
  for (const d of ['etc/pam.d', 'var/log', 'var/run', 'run', 'tmp', 'home'])
    mkdirSync(join(tree, d), { recursive: true });
  mkdirSync(join(folder, 'root'), { recursive: true });
  mkdirSync(join(folder, 'records'), { recursive: true, mode: 0o777 });
  const etc = (name: string, text: string, mode = 0o644) => writeFileSync(join(tree, 'etc', name), text, { mode });
  etc(
    'passwd',
    `root:x:0:0::/:/bin/false\n${accounts.map((a, i) => `${a.user}:x:${2000 + i}:2000::/tmp:/etc/recorder\n`).join('')}`,
  );
  etc('group', 'root:x:0:\ntty:x:5:\nusers:x:2000:\n');
  etc(
    'shadow',
    `root:*:19000::::::\n${accounts.map(a => `${a.user}:${hash(a.password)}:19000::::::\n`).join('')}`,
    0o600,
  );
  etc('pam.d/login', 'auth required pam_unix.so\naccount required pam_unix.so\nsession required pam_permit.so\n');
  etc('login.defs', 'LOGIN_RETRIES 3\nLOGIN_TIMEOUT 20\nFTMP_FILE /records/btmp\n');
  etc('nsswitch.conf', 'passwd: files\ngroup: files\nshadow: files\n');
  etc('recorder', '#!/bin/sh\necho session >> /records/sessions\nprintf "# "\nexec cat >> /records/received\n', 0o755);
  if (existsSync('/etc/ld.so.cache')) etc('ld.so.cache', '');
  writeFileSync(join(tree, 'etc', 'ld.so.cache'), readFileSync('/etc/ld.so.cache'));
  for (const record of ['btmp', 'sessions', 'received'])
    writeFileSync(join(folder, 'records', record), '', { mode: 0o666 });
  for (const record of ['sessions', 'received']) spawnSync('chmod', ['666', join(folder, 'records', record)]);
  spawnSync('chmod', ['777', join(folder, 'records')]);
}

/** Listens like inetd: one telnetd a connection, the connection as its standard input and output. */
export async function startTelnetd(
  folder: string,
  address: string,
  port: number,
  accounts: readonly Account[],
): Promise<Telnetd> {
  makeTree(folder, accounts);
  const children = new Set<ChildProcess>();
  let connections = 0;
  const server: Server = createServer({ pauseOnConnect: true }, (socket: Socket) => {
    connections++;
    const child = spawn('unshare', ['-m', '--propagation', 'private', 'sh', '-c', IN_ROOT, 'sh', folder], {
      stdio: [socket, socket, 'inherit'],
    });
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
