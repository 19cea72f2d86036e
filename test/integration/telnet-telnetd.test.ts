/**
 * The check against inetutils' telnetd in the forms it is found in: login(1) with a weak and a strong account, a password
 * alone, a shell without any login, an account without a shell. login(1)'s own records are compared with our count.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { realCheck, type Words } from '../fixtures/real-check.ts';
import { freePort } from '../real/daemon.ts';
import { type Account, RECORDER } from '../real/own-root.ts';
import { startTelnetd, type TelnetdOptions } from '../real/telnetd.ts';

const WEAK = { user: 'admin', password: '123456' };
const STRONG = { user: 'admin', password: 'Kaki-no-ki-47-and-long' };
const PAIRS: readonly Words[] = [
  ['admin', '123456'],
  ['root', 'root'],
];

const dir = mkdtempSync(join(tmpdir(), 'notice-telnet-'));
const running: { stop(): Promise<void> }[] = [];
let host = 1;

before(() => assert.equal(process.getuid?.(), 0, 'run as root: telnetd gets a mount namespace and a root of its own'));
after(async () => {
  for (const daemon of running) await daemon.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function checked(account: Account, options: TelnetdOptions = {}, pairs = PAIRS) {
  const address = `127.94.0.${host++}`;
  const port = await freePort(address);
  const daemon = await startTelnetd(mkdtempSync(join(dir, 'd-')), address, port, [account], options);
  running.push(daemon);
  const made = realCheck('telnet', pairs);
  try {
    return { daemon, result: await made.check(address, port), written: made.lab.written() };
  } finally {
    made.close();
  }
}

test('login(1) with a guessable account, and with another', async () => {
  const [weak, strong] = await Promise.all([checked(WEAK), checked(STRONG)]);
  assert.deepEqual([weak.result.verdict, weak.result.ordinal, weak.daemon.sessions()], ['WEAK', 0, 1]);
  assert.equal(weak.daemon.failures(), weak.result.tries - 1);
  assert.equal(weak.daemon.received(), '', 'nothing after the login');
  assert.doesNotMatch(weak.written, /123456|login:/);
  assert.deepEqual([strong.result.verdict, strong.result.clears], ['CLEAR', ['guessable', 'no-login']]);
  assert.deepEqual([strong.daemon.sessions(), strong.daemon.failures()], [0, strong.result.tries]);
});

test('a password alone: the user is not sent', async () => {
  const runs = { runs: '/usr/bin/login -h localhost admin' };
  const [weak, strong] = await Promise.all([checked(WEAK, runs), checked(STRONG, runs)]);
  assert.deepEqual([weak.result.verdict, weak.daemon.sessions(), weak.daemon.received()], ['WEAK', 1, '']);
  assert.deepEqual([strong.result.verdict, strong.daemon.sessions()], ['CLEAR', 0]);
  assert.equal(strong.daemon.failures(), strong.result.tries);
});

test('a shell at once is a finding of its own, and gets not one byte', async () => {
  const { daemon, result } = await checked(STRONG, { runs: RECORDER });
  assert.deepEqual([result.verdict, result.kinds, result.tries], ['NO_AUTH', ['no-login'], 0]);
  assert.deepEqual([daemon.sessions(), daemon.received()], [2, ''], 'seen twice');
});

test('an account that may not log in is no finding, whatever its password', async () => {
  const { daemon, result } = await checked({ ...WEAK, shell: '/usr/sbin/nologin' });
  assert.deepEqual([result.kinds, daemon.sessions()], [[], 0]);
  assert.notEqual(result.verdict, 'WEAK');
  assert.ok(!result.clears.includes('guessable'), 'its password was not refused either');
});
