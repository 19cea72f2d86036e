// Makes a fresh clone ready for `npm start` and `npm test`: installs when node_modules is absent or the lock changed,
// compiles when a source is newer than the last build, and with --debian adds the Debian packages the tests need.
// Plain JavaScript that any Node >= 18 runs, because it runs before there is anything else. One line for each thing done.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const quiet = process.argv.includes('--quiet');
const say = text => quiet || process.stderr.write(`setup: ${text}\n`);

function stop(why, remedy) {
  process.stderr.write(`setup: ${why}; ${remedy}\n`);
  process.exit(5);
}

function run(command, args, why) {
  const started = Date.now();
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: process.env,
  });
  if (status !== 0) {
    process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
    stop(
      `${why} failed (${error?.message ?? `exit ${status}`})`,
      `read the lines above, then run: ${[command, ...args].join(' ')}`,
    );
  }
  return Math.round((Date.now() - started) / 100) / 10;
}

/** Every file below a folder, as paths from the project's root. */
function filesBelow(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

const digest = (...files) => {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
};

function install() {
  const stamp = join(root, 'node_modules', '.notice-lock');
  const wanted = digest('package.json', 'package-lock.json');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say(
    existsSync(join(root, 'node_modules'))
      ? 'the lock file changed; installing packages'
      : 'installing packages (first time)',
  );
  // npm install and not ci: ci refuses a lock that lists optional packages of other platforms which were never published.
  const seconds = run(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    'npm install',
  );
  writeFileSync(stamp, digest('package.json', 'package-lock.json'));
  say(`packages installed in ${seconds} s`);
}

/** The Node that will really run the programme: the pinned one where it exists for this platform, else the system's. */
function runtime() {
  const pinned = join(root, 'node_modules', '.bin', 'node');
  if (existsSync(pinned)) {
    const { status, stdout } = spawnSync(pinned, ['--version'], { encoding: 'utf8' });
    if (status === 0 && Number(stdout.slice(1).split('.')[0]) >= 24) return pinned;
  }
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  return stop(
    `Node ${process.versions.node} on ${process.platform}-${process.arch} is too old, and the pinned Node 24 is for linux-x64`,
    'install Node 24 or newer and run the same command again',
  );
}

const ASSETS = new Set(['.json', '.sql', '.typ', '.css', '.svg', '.md']);

function compile(node) {
  const sources = ['src', 'test', 'bench', 'scripts'].flatMap(filesBelow).concat('tsconfig.json', 'package-lock.json');
  const stamp = join(root, 'dist', '.built');
  const list = digestOfNames(sources);
  if (existsSync(stamp)) {
    const built = statSync(stamp).mtimeMs;
    const same = readFileSync(stamp, 'utf8') === list;
    if (same && sources.every(file => statSync(join(root, file)).mtimeMs <= built)) return;
  }
  const started = new Date();
  const tsc = run(node, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], 'compiling');
  for (const file of sources) {
    if (!ASSETS.has(extname(file)) || file.endsWith('tsconfig.json') || file === 'package-lock.json') continue;
    mkdirSync(join(root, 'dist', dirname(file)), { recursive: true });
    copyFileSync(join(root, file), join(root, 'dist', file));
  }
  // `npx notice` runs the file itself.
  chmodSync(join(root, 'dist/src/cli/notice.js'), 0o755);
  const template = existsSync(join(root, 'dist/scripts/template.js'))
    ? run(node, ['dist/scripts/template.js'], 'building the store template')
    : 0;
  writeFileSync(stamp, list);
  say(
    `compiled in ${tsc} s${template > 0.5 ? `, store template built in ${template} s` : ''} (${relative(root, join(root, 'dist'))}/, ${started.toISOString().slice(0, 10)})`,
  );
}

const digestOfNames = names =>
  createHash('sha256')
    .update([...names].sort().join('\n'))
    .digest('hex');

/** Packages the tests drive: [package, a file it brings, what for]. */
const DEBIAN = [
  ['postgresql', '/usr/lib/postgresql/15/bin/initdb', 'the store on a real PostgreSQL'],
  ['chromium', '/usr/bin/chromium', 'pages in a real browser'],
  ['poppler-utils', '/usr/bin/pdftotext', 'reading the letters back'],
  ['qpdf', '/usr/bin/qpdf', 'checking the letters'],
  ['fonts-noto-cjk', '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc', 'Japanese in the browser'],
  ['opensmtpd', '/usr/sbin/smtpd', 'a real mail server'],
  ['inetutils-telnetd', '/usr/sbin/telnetd', 'a real telnet server'],
  ['dropbear-bin', '/usr/sbin/dropbear', 'a real SSH server'],
  ['openssh-server', '/usr/sbin/sshd', 'another real SSH server'],
  ['lighttpd', '/usr/sbin/lighttpd', 'a real web server with a password'],
  ['nginx', '/usr/sbin/nginx', 'another real web server'],
  ['vsftpd', '/usr/sbin/vsftpd', 'a real FTP server'],
  ['freeradius', '/usr/sbin/freeradius', 'a real RADIUS server'],
  ['freeradius-utils', '/usr/bin/radclient', 'its client'],
  ['freeradius-postgresql', '/usr/lib/freeradius/rlm_sql_postgresql.so', 'its accounting table'],
  ['kea-dhcp4-server', '/usr/sbin/kea-dhcp4', 'a real DHCP server'],
  ['kea-dhcp6-server', '/usr/sbin/kea-dhcp6', 'the same for IPv6'],
  ['isc-dhcp-server', '/usr/sbin/dhcpd', 'another real DHCP server'],
  ['isc-dhcp-client', '/sbin/dhclient', 'a real DHCP client'],
  ['busybox', '/bin/busybox', 'another'],
  ['medusa', '/usr/bin/medusa', 'a peer, in the matrix and the benchmarks'],
  ['hydra', '/usr/bin/hydra', 'a peer'],
  ['ncrack', '/usr/bin/ncrack', 'a peer'],
  ['nmap', '/usr/bin/nmap', 'a peer'],
  ['zmap', '/usr/sbin/zmap', 'a peer of the raw sweep'],
  ['masscan', '/usr/bin/masscan', 'another'],
  ['iproute2', '/usr/sbin/ip', 'test networks of our own'],
  ['nftables', '/usr/sbin/nft', 'a far end that counts and drops'],
  ['tcpdump', '/usr/bin/tcpdump', 'counting packets at the far end'],
  ['openssl', '/usr/bin/openssl', 'password hashes for the real servers'],
];

function debian() {
  const missing = DEBIAN.filter(([, file]) => !existsSync(file));
  if (missing.length === 0) return;
  const names = missing.map(([name]) => name);
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    say(
      `the tests also need ${names.join(', ')}; as root on Debian they are installed by themselves: apt-get install ${names.join(' ')}`,
    );
    return;
  }
  say(
    `installing Debian packages for the tests:\n${missing.map(([name, , why]) => `         ${name.padEnd(20)} ${why}`).join('\n')}`,
  );
  // A temporary policy that denies service starts: what a test needs it starts itself, in a folder of its own.
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const apt = (...args) =>
    spawnSync('apt-get', args, {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  try {
    if (apt('update', '-qq').status !== 0) say('apt-get update did not finish; trying with the lists that are there');
    if (apt('install', '-y', '-qq', '--no-install-recommends', '--no-remove', ...names).status === 0) return;
    for (const name of names) {
      const one = apt('install', '-y', '-qq', '--no-install-recommends', '--no-remove', name);
      if (one.status !== 0) say(`${name} could not be installed: ${(one.stderr ?? '').trim().split('\n').at(-1)}`);
    }
  } finally {
    if (ours) spawnSync('rm', ['-f', policy]);
  }
}

install();
const node = runtime();
compile(node);
if (process.argv.includes('--debian')) debian();
