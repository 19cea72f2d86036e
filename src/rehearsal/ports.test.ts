import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { it } from 'node:test';
import { emptyAddresses, makeCountry } from './country.ts';
import { choosePorts } from './ports.ts';

const EMPTY = emptyAddresses(makeCountry(65_536));
const WANTED = { telnet: 28_323, http: 28_324, 'telnet-alt': 28_423 };
const own = async (host: string, port: number) => {
  const server = createServer(socket => socket.destroy());
  await new Promise<void>(ready => server.listen(port, host, ready));
  return server;
};

it('keeps the usual ports while nothing answers where nothing should', async () => {
  assert.deepEqual(await choosePorts(EMPTY, WANTED), { ports: WANTED, reasons: [] });
});

it('takes the next free port when the machine itself answers, and says why', async () => {
  const server = await own('0.0.0.0', WANTED.telnet);
  const { ports, reasons } = await choosePorts(EMPTY, WANTED);
  await new Promise(closed => server.close(closed));
  // 28,324 belongs to another role.
  assert.deepEqual(ports, { ...WANTED, telnet: 28_325 });
  assert.match(reasons.join('\n'), /127\.64\.0\.0:28323 answers[\s\S]*28325 is used instead of 28323/);
});
