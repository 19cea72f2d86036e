/** dropbear judged by the check and by the driver alone; its own log and its users' shells say what it was asked. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import ssh2 from 'ssh2';
import { checkService } from '../../src/survey/credential/check.ts';
import { closeSshWorkers, sshDriver } from '../../src/survey/probe/ssh/driver.ts';
import { freePort } from '../real/daemon.ts';
import { type Dropbear, startDropbear } from '../real/dropbear.ts';
import { type SshLaboratory, STRONG, sshLaboratory, WEAK } from './ssh-laboratory.ts';

const AT = {
  weak: '127.97.1.1',
  strong: '127.97.1.2',
  keys: '127.97.1.3',
  both: '127.97.1.4',
  blank: '127.97.1.5',
  once: '127.97.1.6',
  rsa: '127.97.1.7',
  control: '127.97.1.8',
} as const;

let lab: SshLaboratory;
let port: number;
const daemons: Partial<Record<keyof typeof AT, Dropbear>> = {};
const at = (name: keyof typeof AT): Dropbear => daemons[name] as Dropbear;

before(async () => {
  assert.equal(process.getuid?.(), 0, 'run as root: dropbear gets a root folder of its own');
  port = await freePort(AT.weak);
  lab = sshLaboratory([port]);
  const start = async (name: keyof typeof AT, options: Parameters<typeof startDropbear>[3]) => {
    daemons[name] = await startDropbear(lab.folder(name), AT[name], port, options);
  };
  await Promise.all([
    start('weak', { accounts: [WEAK] }),
    start('strong', { accounts: [STRONG] }),
    start('keys', { accounts: [WEAK], args: ['-s'] }),
    start('both', { accounts: [WEAK], args: ['-t'] }),
    start('blank', { accounts: [{ ...WEAK, password: '' }], args: ['-B'] }),
    start('once', { accounts: [WEAK], args: ['-T', '1'] }),
    start('control', { accounts: [WEAK] }),
    start('rsa', { accounts: [WEAK], key: 'rsa' }),
  ]);
});
after(async () => {
  for (const daemon of Object.values(daemons)) await daemon.stop();
  await closeSshWorkers();
  lab.close();
});

const check = (name: keyof typeof AT) => checkService({ address: AT[name], port, protocol: 'ssh' }, lab.deps);
const count = (name: keyof typeof AT, pattern: RegExp) => at(name).log().match(pattern)?.length ?? 0;

test('a weak password is found, and its decoy refused', async () => {
  const found = await check('weak');
  assert.deepEqual([found.verdict, found.ordinal, found.prompt, found.source?.address], ['WEAK', 2, true, '127.0.0.1']);
  assert.equal(count('weak', /Password auth succeeded for 'admin'/g), 1);
  assert.ok(count('weak', /Bad password attempt for 'admin'/g) >= 1, 'the decoy');
});

test('after the success came a disconnect, and no session was asked for', async () => {
  for (let waits = 0; count('weak', /Exit \(admin\)/g) < 1 && waits < 50; waits++) await sleep(50);
  assert.match(at('weak').log(), /Exit \(admin\) from <127\.0\.0\.1:\d+>: Disconnect received/);
  assert.equal(at('weak').sessions(), 0);
});

test("the recorder behind dropbear does see a client's session", async () => {
  const client = new ssh2.Client().on('error', () => {});
  client.connect({ host: AT.control, port, username: WEAK.user, password: WEAK.password });
  await once(client, 'ready');
  client.shell(() => {});
  for (let waits = 0; at('control').sessions() < 1 && waits < 60; waits++) await sleep(50);
  client.end();
  assert.equal(at('control').sessions(), 1);
});

test('a strong password is not found, and every attempt is counted on both sides', async () => {
  const clear = await check('strong');
  assert.deepEqual([clear.verdict, clear.tries, clear.prompt], ['CLEAR', 3, true]);
  assert.deepEqual(
    [count('strong', /Bad password attempt for 'admin'/g), count('strong', /root login rejected/g)],
    [2, 1],
    at('strong').log(),
  );
  assert.equal(at('strong').sessions(), 0);
});

test('where only keys are taken no password is sent', async () => {
  const { conversation } = await lab.attempt(AT.keys, port, WEAK);
  assert.deepEqual([conversation.outcome, conversation.offered], ['NOT_A_LOGIN', false]);
  assert.equal(count('keys', /password/gi), 0, at('keys').log());
});

test('a key besides the password is no verdict, right or wrong', async () => {
  assert.equal((await lab.attempt(AT.both, port, WEAK)).conversation.outcome, 'NO_VERDICT');
});

test('who needs no password is an open session, and gets none', async () => {
  const { conversation } = await lab.attempt(AT.blank, port, WEAK);
  assert.deepEqual([conversation.outcome, conversation.offered], ['OPEN_SESSION', false]);
  for (let waits = 0; count('blank', /Exit \(admin\)/g) < 1 && waits < 50; waits++) await sleep(50);
  assert.match(at('blank').log(), /Disconnect received/);
  assert.equal(at('blank').sessions(), 0);
});

test('a server that hangs up on the first wrong one is not read as a refusal of more than that', async () => {
  const { conversation } = await lab.attempt(AT.once, port, STRONG);
  assert.ok(['REJECT', 'CLOSED_AFTER_PASSWORD', 'LOCKOUT'].includes(conversation.outcome), conversation.outcome);
  assert.equal((await lab.attempt(AT.once, port, WEAK)).conversation.outcome, 'ACCEPT');
});

test('an RSA host key', async () => {
  assert.equal((await lab.attempt(AT.rsa, port, WEAK)).conversation.outcome, 'ACCEPT');
  assert.equal((await lab.attempt(AT.rsa, port, STRONG)).conversation.outcome, 'REJECT');
});

test('the limit of strangers from one address is BUSY, never a refusal', async () => {
  const { facts } = await lab.look(AT.strong, port);
  // Those who say nothing are strangers; dropbear hears five from one address.
  const strangers: Socket[] = [];
  for (let heard = true; heard && strangers.length < 10; ) {
    const socket = connect({ host: AT.strong, port }).on('error', () => {});
    strangers.push(socket);
    heard = await Promise.race([once(socket, 'data').then(() => true), once(socket, 'end').then(() => false)]);
  }
  assert.equal((await lab.look(AT.strong, port)).conversation.outcome, 'BUSY');
  const order = { address: AT.strong, port, act: 'attempt' as const, credential: WEAK, facts, settleMs: 200 };
  const attempted = await sshDriver.attempt?.(order, lab.deps);
  assert.deepEqual([attempted?.conversation.outcome, attempted?.conversation.offered], ['BUSY', false]);
  for (const socket of strangers) socket.destroy();
});

test('no file of the check holds a password, and an outcome has no room for one', async () => {
  const attempted = await lab.attempt(AT.weak, port, WEAK);
  assert.doesNotMatch(JSON.stringify(attempted), /CNRY/);
  assert.doesNotMatch(lab.written(), /CNRY|127\.97/);
});
