/** The collection itself: what it says of its devices, how they count, and that their far ends are what they claim. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { createConnection } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import ssh2 from 'ssh2';
import { PROTOCOLS } from '../../record/glossary.ts';
import { allButTwo, nthPair } from './accepts.ts';
import { selfSigned } from './certificate.ts';
import { FIRST_26, ODD_DEVICES } from './collection.ts';
import { idOf, nameOf, type Personality } from './device.ts';
import { encodeJapanese } from './japanese.ts';
import { openOddDevices, placesOf } from './open.ts';
import { tableOf } from './table.ts';

const monotonic = () => performance.now();
const PAIR = { user: 'admin', password: 'CNRY-1' };

test('the twenty-six come first, and at least twenty-four more; every protocol has some', () => {
  assert.equal(FIRST_26.length, 26);
  assert.deepEqual(FIRST_26.map(nameOf).slice(12, 15), ['13 prompt with a hash', '14 silent', '15 endless']);
  assert.ok(ODD_DEVICES.length >= 26 + 24, `${ODD_DEVICES.length}`);
  assert.equal(new Set(ODD_DEVICES.map(idOf)).size, ODD_DEVICES.length);
  const spoken = new Set(ODD_DEVICES.map(one => one.protocol));
  for (const protocol of PROTOCOLS) assert.ok(spoken.has(protocol) || protocol === 'https-form', protocol);
});

test('nothing deceptive or unjudged may be reported, and the honest are found', () => {
  const positive = ({ right, wrong }: Personality) => [wrong.reported, right.reported].includes('positive');
  for (const one of ODD_DEVICES) {
    assert.ok(one.nature === 'honest' || !positive(one), idOf(one));
    assert.ok(one.nature !== 'honest' || one.takesNone || one.right.reported === 'positive', idOf(one));
    assert.ok(one.wrong.verdicts.length > 0 && one.right.verdicts.length > 0, idOf(one));
  }
});

test('the table in the README is this collection', () => {
  const readme = readFileSync('src/rehearsal/odd-devices/README.md', 'utf8');
  assert.ok(readme.endsWith(`${tableOf(ODD_DEVICES)}\n`), `put this at its end:\n${tableOf(ODD_DEVICES)}`);
});

test('the n-th pair of a source, n from 2 to 5, and from then on that pair alone', () => {
  fc.assert(
    fc.property(fc.string(), fc.ipV4(), fc.ipV4(), (here, first, second) => {
      fc.pre(first !== second);
      const memory = new Map<string, unknown>();
      const ask = (source: string) => (password: string) =>
        nthPair(here, 'root', password, {
          source,
          memory,
          accepted: () => {},
          intruded: () => {},
          tried: () => 0,
        });
      const one = ask(first);
      const taken = ['a', 'b', 'c', 'd', 'e'].filter(one);
      assert.equal(taken.length, 1);
      assert.notEqual(taken[0], 'a');
      assert.ok(one(taken[0] as string) && !one('decoy'));
      const other = ask(second);
      assert.ok(['v', 'w', 'x', 'y', 'z'].some(other), 'a ladder of five from elsewhere sees it');
    }),
  );
  assert.deepEqual(
    [allButTwo('root', 'root'), allButTwo('root', 'decoy'), allButTwo('user', 'decoy')],
    [false, true, false],
  );
});

test('the encodings come back', () => {
  const words = 'ユーザ名：パスワード 正しくありません。';
  for (const encoding of ['shift_jis', 'euc-jp'] as const)
    assert.equal(new TextDecoder(encoding).decode(Buffer.from(encodeJapanese(words, encoding), 'latin1')), words);
  assert.equal(encodeJapanese('😀', 'shift_jis'), '?');
});

test('the certificate is one, and out of date as most are', () => {
  const made = new X509Certificate(selfSigned('camera.invalid').cert);
  assert.equal(made.subject, 'CN=camera.invalid');
  assert.ok(made.verify(made.publicKey));
  assert.ok(Date.parse(made.validTo) < Date.UTC(2026, 0));
});

test('addresses say who lives there, and nobody lives twice', () => {
  const places = placesOf({ ports: { telnet: 1, ssh: 2 }, each: 150, pairs: [PAIR], personalities: ODD_DEVICES });
  assert.equal(new Set(places.map(one => one.address)).size, places.length);
  assert.ok(places.every(one => /^127\.7[78]\./.test(one.address)));
  assert.deepEqual(
    places.filter(one => one.address === '127.78.1.101').map(one => [idOf(one.personality), one.guessable]),
    [['telnet/1', true]],
  );
  assert.ok(!places.some(one => one.personality.protocol === 'http'), 'no port, no device');
});

/** One device of its own, the right pair in it. */
async function standing(id: string, work: (address: string, port: number) => Promise<void>) {
  const personalities = ODD_DEVICES.filter(one => idOf(one) === id);
  const port = 29_400 + Math.floor(Math.random() * 500);
  const ports = Object.fromEntries(personalities.map(one => [one.protocol, port]));
  const devices = await openOddDevices({ block: 76, ports, each: 1, pairs: [PAIR], personalities, monotonic });
  try {
    await work('127.76.1.101', port);
    const [, count] = devices.counts();
    assert.ok(count);
    return count;
  } finally {
    await devices.close();
  }
}

test('telnet: what comes after an accept is counted, and two connections at once', async () => {
  const count = await standing('telnet/1', async (address, port) => {
    const idle = createConnection({ host: address, port });
    const socket = createConnection({ host: address, port });
    let heard = '';
    socket.on('data', chunk => {
      heard += chunk.toString('latin1');
    });
    for (const [until, line] of [
      ['login: ', 'admin'],
      ['Password: ', PAIR.password],
      ['# ', 'ls'],
    ] as const) {
      while (!heard.endsWith(until)) await new Promise(done => setTimeout(done, 5));
      socket.write(`${line}\r\n`);
    }
    await new Promise(done => setTimeout(done, 60));
    idle.destroy();
    socket.destroy();
  });
  assert.deepEqual([count.tries.length, count.accepted, count.afterAccept, count.mostOpen], [1, 1, 4, 2]);
});

/** What an SSH client gets with this password, leaving at once or asking for a shell first. */
const ssh = (address: string, port: number, password: string, shell: boolean): Promise<string> =>
  new Promise(resolve => {
    const client = new ssh2.Client();
    client.on('error', error => resolve(error.level ?? error.message));
    client.on('ready', () => {
      if (shell) client.shell(() => {});
      setTimeout(() => client.end(), shell ? 50 : 0);
      resolve('ready');
    });
    client.connect({
      host: address,
      port,
      username: 'admin',
      password,
      tryKeyboard: true,
      algorithms: {
        kex: { append: ['diffie-hellman-group1-sha1'], prepend: [], remove: [] },
        cipher: { append: ['aes128-cbc'], prepend: [], remove: [] },
        serverHostKey: { append: ['ssh-rsa'], prepend: [], remove: [] },
      },
    });
    client.on('keyboard-interactive', (_, __, ___, ____, finish) => finish([password]));
  });

for (const number of [1, 2, 3, 5, 6, 7])
  test(`ssh/${number}: lets in the right pair only; a channel is an intrusion, a goodbye is none`, async () => {
    const said: string[] = [];
    const count = await standing(`ssh/${number}`, async (address, port) => {
      said.push(await ssh(address, port, 'wrong', false));
      said.push(await ssh(address, port, PAIR.password, false));
      await new Promise(done => setTimeout(done, 300));
    });
    assert.deepEqual(said, ['client-authentication', 'ready']);
    assert.deepEqual([count.accepted, count.afterAccept, count.intrusions], [1, 0, 0]);
    assert.ok(count.tries.length >= 2);
    const pried = await standing(`ssh/${number}`, async (address, port) => {
      await ssh(address, port, PAIR.password, true);
      await new Promise(done => setTimeout(done, 400));
    });
    assert.ok(pried.intrusions > 0);
  });

test('https: Basic behind a certificate nobody signed', async () => {
  const ask = (host: string, port: number, auth: string | undefined): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const asked = request(
        { host, port, rejectUnauthorized: false, ...(auth === undefined ? {} : { auth }) },
        answer => {
          answer.resume();
          resolve(answer.statusCode);
        },
      );
      asked.once('error', reject);
      asked.end();
    });
  const said: unknown[] = [];
  const count = await standing('https/1', async (address, port) => {
    for (const auth of [undefined, 'admin:wrong', 'admin:CNRY-1']) said.push(await ask(address, port, auth));
  });
  assert.deepEqual(said, [401, 401, 200]);
  assert.deepEqual([count.tries.length, count.accepted], [2, 1]);
});
