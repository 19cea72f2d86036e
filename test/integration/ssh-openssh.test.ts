/** OpenSSH in the manners it has: PAM's questions, keys only, two factors, one try, old algorithms. Its debug log is the witness. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import ssh2 from 'ssh2';
import { checkService } from '../../src/survey/credential/check.ts';
import { closeSshWorkers } from '../../src/survey/probe/ssh/driver.ts';
import { freePort } from '../real/daemon.ts';
import { type Sshd, startSshd } from '../real/sshd.ts';
import { type SshLaboratory, STRONG, sshLaboratory, WEAK } from './ssh-laboratory.ts';

const AT = {
  weak: '127.97.2.1',
  keyboard: '127.97.2.2',
  keys: '127.97.2.3',
  factors: '127.97.2.4',
  once: '127.97.2.5',
  old: '127.97.2.6',
  triple: '127.97.2.7',
  shadow: '127.97.2.8',
  blank: '127.97.2.9',
  control: '127.97.2.10',
} as const;
type Name = keyof typeof AT;

let lab: SshLaboratory;
let port: number;
const daemons: Partial<Record<Name, Sshd>> = {};
const at = (name: Name): Sshd => daemons[name] as Sshd;

const OLD_CIPHER = (cipher: string) => [
  'KexAlgorithms diffie-hellman-group14-sha1',
  'HostKeyAlgorithms ssh-rsa',
  `Ciphers ${cipher}`,
  'MACs hmac-sha1',
];

before(async () => {
  assert.equal(process.getuid?.(), 0, 'run as root: sshd gets a root folder of its own');
  port = await freePort(AT.weak);
  lab = sshLaboratory([port]);
  const start = async (name: Name, options: Parameters<typeof startSshd>[4] = {}, accounts = [WEAK]) => {
    daemons[name] = await startSshd(lab.folder(name), AT[name], port, accounts, options);
  };
  const keyboard = ['PasswordAuthentication no', 'KbdInteractiveAuthentication yes'];
  await Promise.all([
    start('weak'),
    start('keyboard', { settings: keyboard }),
    start('keys', { settings: ['PasswordAuthentication no'] }),
    start('factors', { settings: ['AuthenticationMethods password,publickey'] }),
    start('once', { settings: ['MaxAuthTries 1'] }),
    start('old', { key: 'rsa', settings: OLD_CIPHER('aes128-cbc') }),
    start('triple', { key: 'rsa', settings: OLD_CIPHER('3des-cbc') }),
    start('shadow', { settings: ['UsePAM no'] }),
    start('control'),
    start('blank', { settings: ['UsePAM no', 'PermitEmptyPasswords yes'] }, [{ ...WEAK, password: '' }]),
  ]);
});
after(async () => {
  for (const daemon of Object.values(daemons)) await daemon.stop();
  await closeSshWorkers();
  lab.close();
});

const outcomeOf = async (name: Name, pair: typeof WEAK) =>
  (await lab.attempt(AT[name], port, pair)).conversation.outcome;
const methods = (name: Name) =>
  [
    ...at(name)
      .log()
      .matchAll(/userauth-request for user \S+ service \S+ method (\S+)/g),
  ].map(m => m[1]);
/** What a client may ask for once it is in, as sshd names it. */
const ASKED_FOR =
  /server_input_channel_open|server_input_global_request|input_session_request|SSH2_MSG_KEXINIT received(?! \[preauth\])/;

async function parted(name: Name): Promise<string> {
  for (let waits = 0; !/Disconnected from user/.test(at(name).log()) && waits < 60; waits++) await sleep(50);
  return at(name).log();
}

test('a weak password is found through the check, and its decoy refused', async () => {
  const found = await checkService({ address: AT.weak, port, protocol: 'ssh' }, lab.deps);
  assert.deepEqual([found.verdict, found.ordinal], ['WEAK', 2]);
  const log = await parted('weak');
  assert.equal(log.match(/Accepted password for admin/g)?.length, 1);
  assert.match(log, /Failed password for admin/);
});

test('it saw a disconnect by the application after the success, and nothing between', async () => {
  const log = await parted('weak');
  assert.match(log, /Received disconnect from 127\.0\.0\.1 port \d+:11:/);
  assert.doesNotMatch(log, ASKED_FOR);
  assert.equal(at('weak').sessions(), 0);
});

test("PAM's one question is answered, once", async () => {
  assert.equal(await outcomeOf('keyboard', WEAK), 'ACCEPT');
  assert.equal(await outcomeOf('keyboard', STRONG), 'REJECT');
  assert.doesNotMatch(await parted('keyboard'), ASKED_FOR);
  assert.deepEqual(methods('keyboard'), ['none', 'keyboard-interactive', 'none', 'keyboard-interactive']);
});

test('where only keys are taken, `none` was all that was tried', async () => {
  assert.equal(await outcomeOf('keys', WEAK), 'NOT_A_LOGIN');
  assert.deepEqual(methods('keys'), ['none']);
});

test('a right password that is not enough is no verdict, a wrong one is refused', async () => {
  assert.equal(await outcomeOf('factors', WEAK), 'NO_VERDICT');
  assert.equal(await outcomeOf('factors', STRONG), 'REJECT');
});

test('too many failures, in its own words, is a lockout', async () => {
  assert.equal(await outcomeOf('once', STRONG), 'LOCKOUT');
  assert.match(at('once').log(), /Too many authentication failures/);
});

test('nothing but old algorithms', async () => {
  for (const name of ['old', 'triple'] as const) {
    assert.equal(await outcomeOf(name, WEAK), 'ACCEPT', name);
    assert.equal(await outcomeOf(name, STRONG), 'REJECT', name);
  }
  assert.match(at('triple').log(), /kex: client->server cipher: 3des-cbc MAC: hmac-sha1/);
});

test('old algorithms were not offered to a new server', () => {
  const offers = at('weak').log();
  const peer = offers.slice(offers.indexOf('peer client KEXINIT proposal'));
  assert.match(peer, /KEX algorithms: ecdh-sha2-nistp256,/);
  assert.doesNotMatch(peer.slice(0, peer.indexOf('kex: algorithm')), /sha1|cbc|ssh-rsa|md5/);
});

test('without PAM too', async () => {
  assert.equal(await outcomeOf('shadow', WEAK), 'ACCEPT');
  assert.equal(await outcomeOf('shadow', STRONG), 'REJECT');
});

test('who needs no password is an open session, and left at once', async () => {
  const { conversation } = await lab.attempt(AT.blank, port, WEAK);
  assert.deepEqual([conversation.outcome, conversation.offered], ['OPEN_SESSION', false]);
  assert.doesNotMatch(await parted('blank'), ASKED_FOR);
});

test('the witnesses do see a client that asks for more', async () => {
  const client = new ssh2.Client().on('error', () => {});
  client.connect({ host: AT.control, port, username: WEAK.user, password: WEAK.password });
  await once(client, 'ready');
  client.shell(() => {});
  for (let waits = 0; at('control').sessions() < 1 && waits < 60; waits++) await sleep(50);
  client.end();
  assert.match(await parted('control'), ASKED_FOR);
  assert.equal(at('control').sessions(), 1);
});
