/** The check against vsftpd with real accounts: verdicts, and the daemon's own log against our count of tries. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type RealCheck, realCheck, type Words } from '../fixtures/real-check.ts';
import { freePort } from '../real/daemon.ts';
import { startVsftpd, type Vsftpd, type VsftpdOptions } from '../real/vsftpd.ts';

const STRONG = { user: 'admin', password: 'Kaki-no-ki-47-and-long' };
const WEAK = { user: 'admin', password: '123456' };
const PAIRS: readonly Words[] = [
  ['root', 'root'],
  ['admin', '123456'],
  ['admin', 'admin'],
];

const dir = mkdtempSync(join(tmpdir(), 'notice-ftp-'));
const running: { stop(): Promise<void> }[] = [];
let host = 1;

before(() => assert.equal(process.getuid?.(), 0, 'run as root: vsftpd gets a mount namespace and a root of its own'));
after(async () => {
  for (const daemon of running) await daemon.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function serve(account: typeof STRONG, options: VsftpdOptions = {}) {
  const address = `127.93.0.${host++}`;
  const port = await freePort(address);
  const daemon: Vsftpd = await startVsftpd(mkdtempSync(join(dir, 'd-')), address, port, [account], options);
  running.push(daemon);
  return { address, port, daemon };
}
async function checked(at: { address: string; port: number }, pairs = PAIRS, use?: (made: RealCheck) => void) {
  const made = realCheck('ftp', pairs);
  try {
    const result = await made.check(at.address, at.port);
    use?.(made);
    return result;
  } finally {
    made.close();
  }
}
const usersOf = (daemon: Vsftpd) => daemon.seen().commands.filter(command => command.startsWith('USER '));

test('a guessable account is found, its decoy refused, and the daemon counts what we count', async () => {
  const { daemon, ...at } = await serve(WEAK);
  const result = await checked(at, PAIRS, ({ lab }) => {
    for (const secret of ['123456', 'Login successful', 'vsFTPd'])
      assert.ok(!lab.written().includes(secret), `${secret} is in a file`);
  });
  assert.deepEqual([result.verdict, result.kinds, result.ordinal], ['WEAK', ['guessable'], 1]);
  const { accepted, refused, commands, connections } = daemon.seen();
  assert.equal(accepted, 1, 'one login, once');
  assert.equal(accepted + refused, result.tries);
  assert.equal(commands.filter(command => command === 'PASS <password>').length, result.tries);
  assert.equal(commands.length, 2 * result.tries, 'USER and PASS, and no other command, ever');
  assert.ok(connections <= result.tries + 1, `${connections} connections for ${result.tries} tries`);
});

test('a strong account is clear, and nothing but the catalogue was tried on it', async () => {
  const { daemon, ...at } = await serve(STRONG);
  const result = await checked(at);
  assert.deepEqual([result.verdict, result.clears], ['CLEAR', ['guessable', 'no-login']]);
  assert.deepEqual([result.tries, daemon.seen().refused, daemon.seen().accepted], [3, 3, 0]);
  assert.deepEqual(usersOf(daemon).sort(), ['USER admin', 'USER admin', 'USER root']);
});

test('anonymous is tried only where the catalogue has it, and a server that takes anybody is no guessable device', async () => {
  const open = { settings: ['anonymous_enable=YES', 'local_enable=YES', 'ftp_username=nobody'] };
  const { daemon, ...at } = await serve(STRONG, open);
  assert.equal((await checked(at)).verdict, 'CLEAR');
  assert.ok(!usersOf(daemon).some(line => /anonymous|ftp/i.test(line)));
  const asked = await serve(STRONG, open);
  const result = await checked(asked, [['anonymous', 'guest']]);
  assert.deepEqual([result.verdict, result.reported, result.kinds], ['ACCEPTS_ANYTHING', 'inconclusive', []]);
});

test('a user who is not let in is refused without a password', async () => {
  const { daemon, ...at } = await serve(WEAK, {
    settings: ['userlist_enable=YES', 'userlist_deny=NO', 'userlist_file=/etc/let-in'],
    etc: { 'let-in': 'somebody-else\n' },
  });
  const result = await checked(at);
  assert.deepEqual([result.verdict, result.outcome, result.tries], ['CLEAR', 'USER_REJECTED', 3]);
  assert.ok(!daemon.seen().commands.some(line => line.startsWith('PASS')));
});

test('a server that wants encryption first has refused nobody, and is not called clear', async () => {
  const cert = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=device', '-days', '2'],
    ...['-keyout', '-', '-out', '-'],
  ]).stdout.toString();
  const { daemon, ...at } = await serve(WEAK, {
    settings: ['ssl_enable=YES', 'force_local_logins_ssl=YES', 'rsa_cert_file=/etc/cert.pem'],
    etc: { 'cert.pem': cert },
  });
  const result = await checked(at);
  assert.deepEqual([result.verdict, result.outcome, result.clears], ['INCONCLUSIVE', 'NO_VERDICT', []]);
  assert.ok(!daemon.seen().commands.some(line => line.startsWith('PASS')), 'no password left in the clear');
});

test('a full server is left alone for the day', async () => {
  const { daemon, ...at } = await serve(WEAK, { settings: ['max_clients=1', 'max_per_ip=1'] });
  const taken = connect(at.port, at.address);
  await new Promise(resolve => taken.once('data', resolve));
  const result = await checked(at);
  taken.destroy();
  assert.deepEqual([result.verdict, result.reported, result.tries], ['LOCKED_COOLING', 'locked', 0]);
  assert.equal(daemon.seen().commands.length, 0);
});
