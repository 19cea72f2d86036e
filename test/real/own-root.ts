/**
 * A throw-away root folder for a daemon that asks PAM: a private mount namespace with its own passwd, shadow and pam.d over
 * the machine's programs, so no account of the host is touched. In: accounts, PAM services, files. Out: the folder, how to
 * run a program in it, and the records it leaves outside. Needs root.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Account {
  readonly user: string;
  readonly password: string;
  /** A recorder when not said: it notes the session and every byte that comes. */
  readonly shell?: string;
}

export interface RootPlan {
  readonly accounts: readonly Account[];
  /** PAM service to its configuration. */
  readonly pam: Readonly<Record<string, string>>;
  /** Path below `/etc` to text. */
  readonly etc?: Readonly<Record<string, string>>;
  /** Files that begin empty in `/records`, which is this folder's own `records`. */
  readonly records: readonly string[];
}

export const RECORDER = '/etc/recorder';

/** Wrong passwords in a row after which `pamFaillock` locks an account. */
export const LOCKS_AT = 3;

/** Only the password decides. */
export const PAM_PLAIN = 'auth required pam_unix.so\naccount required pam_unix.so\nsession required pam_permit.so\n';
/** The same without the two seconds that it lets one wait who was wrong. */
export const PAM_PROMPT = PAM_PLAIN.replace('auth required pam_unix.so', 'auth required pam_unix.so nodelay');

/**
 * Locks an account after LOCKS_AT wrong passwords in a row for ten minutes, and says so: pam_faillock(8), its second example.
 * The tally lies among the records, one file an account. `asksOn` takes a locked account's password all the same.
 */
export const pamFaillock = (asksOn: 'asks-on' | 'ends-at-once'): string => {
  const options = `deny=${LOCKS_AT} unlock_time=600 dir=/records/faillock`;
  return `auth ${asksOn === 'asks-on' ? 'required' : 'requisite'} pam_faillock.so preauth ${options}
auth sufficient pam_unix.so nodelay
auth [default=die] pam_faillock.so authfail ${options}
auth required pam_deny.so
account required pam_faillock.so ${options}
account required pam_unix.so
session required pam_permit.so
`;
};

/** Builds the root inside the namespace and becomes a program in it. `$1` is the folder, the rest the command. */
const IN_ROOT = `set -e
F="$1"; R="$F/root"; shift
mount -t tmpfs none "$R"
cp -a "$F/tree/." "$R/"
for d in usr dev proc; do mkdir -p "$R/$d"; mount --rbind "/$d" "$R/$d"; done
for d in bin sbin lib lib64; do if [ -L "/$d" ]; then cp -P "/$d" "$R/$d"; else mkdir -p "$R/$d"; mount --rbind "/$d" "$R/$d"; fi; done
mkdir -p "$R/records"; mount --bind "$F/records" "$R/records"
ln -s /records/btmp "$R/var/log/btmp"
exec chroot "$R" "$@"
`;

function hash(password: string): string {
  const made = spawnSync('openssl', ['passwd', '-6', '-stdin'], { encoding: 'utf8', input: password });
  if (made.status !== 0) throw new Error(`openssl passwd: ${made.stderr}`);
  return made.stdout.trim();
}

/** What to run: `unshare` and its arguments, with the command inside the root as the last of them. */
export const inRoot = (folder: string, command: readonly string[]): readonly [string, readonly string[]] => [
  'unshare',
  ['-m', '--propagation', 'private', 'sh', '-c', IN_ROOT, 'sh', folder, ...command],
];

export function makeRoot(folder: string, plan: RootPlan): void {
  const tree = join(folder, 'tree');
  for (const d of ['etc/pam.d', 'etc/security', 'var/log', 'var/run', 'run', 'tmp', 'home'])
    mkdirSync(join(tree, d), { recursive: true });
  mkdirSync(join(folder, 'root'), { recursive: true });
  const records = join(folder, 'records');
  mkdirSync(join(records, 'faillock'), { recursive: true });
  chmodSync(records, 0o777);
  const etc = (name: string, text: string, mode = 0o644) => {
    const file = join(tree, 'etc', name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode });
  };
  const { accounts } = plan;
  const users = accounts.map((a, i) => `${a.user}:x:${2000 + i}:2000::/tmp:${a.shell ?? RECORDER}\n`);
  etc('passwd', `root:x:0:0::/:/bin/false\nnobody:x:65534:65534::/:/bin/false\n${users.join('')}`);
  etc('group', 'root:x:0:\ntty:x:5:\nusers:x:2000:\nnogroup:x:65534:\n');
  const shadow = accounts.map(a => `${a.user}:${hash(a.password)}:19000::::::\n`);
  etc('shadow', `root:*:19000::::::\n${shadow.join('')}`, 0o600);
  for (const [service, text] of Object.entries(plan.pam)) etc(`pam.d/${service}`, text);
  etc('security/faillock.conf', '');
  etc('login.defs', 'LOGIN_RETRIES 3\nLOGIN_TIMEOUT 20\nFTMP_FILE /records/btmp\n');
  etc('nsswitch.conf', 'passwd: files\ngroup: files\nshadow: files\n');
  etc('recorder', '#!/bin/sh\necho session >> /records/sessions\nprintf "# "\nexec cat >> /records/received\n', 0o755);
  for (const [name, text] of Object.entries(plan.etc ?? {})) etc(name, text);
  copyFileSync('/etc/ld.so.cache', join(tree, 'etc', 'ld.so.cache'));
  for (const record of ['btmp', ...plan.records]) {
    writeFileSync(join(records, record), '');
    chmodSync(join(records, record), 0o666);
  }
}

/** Valid failures in an account's tally: what pam_faillock compares with `deny`. `struct tally` is 64 bytes (faillock.h). */
export function faillockCount(folder: string, user: string): number {
  const shown = spawnSync('/usr/sbin/faillock', ['--dir', join(folder, 'records', 'faillock'), '--user', user], {
    encoding: 'utf8',
  });
  if (shown.status !== 0) throw new Error(`faillock: ${shown.stderr}`);
  return shown.stdout.split('\n').filter(line => / V\s*$/.test(line)).length;
}
