import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { it } from 'node:test';
import { choosePorts, freePort } from './ports.ts';

const WANTED = { telnet: 28_323, http: 28_324, 'telnet-alt': 28_423 };
const own = async (host: string, port: number) => {
  const server = createServer(socket => socket.destroy());
  await new Promise<void>(ready => server.listen(port, host, ready));
  return server;
};

it('keeps the usual ports while nothing answers where nothing should', async () => {
  const notes: string[] = [];
  assert.deepEqual(await choosePorts(65_536, text => notes.push(text), WANTED), WANTED);
  assert.deepEqual(notes, []);
});

it('takes the next free port when the machine itself answers, and says why', async () => {
  const server = await own('0.0.0.0', WANTED.telnet);
  const notes: string[] = [];
  const ports = await choosePorts(65_536, text => notes.push(text), WANTED);
  await new Promise(closed => server.close(closed));
  // 28,324 belongs to another role.
  assert.deepEqual(ports, { ...WANTED, telnet: 28_325 });
  assert.match(notes.join('\n'), /127\.64\.0\.0:28323 answers[\s\S]*28325 is used instead of 28323/);
});

it('finds the first port that can be listened on', async () => {
  const server = await own('127.0.0.1', 28_700);
  assert.equal(await freePort(28_700), 28_701);
  await new Promise(closed => server.close(closed));
  assert.equal(await freePort(28_700), 28_700);
});
