import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import type { Outcome } from '../../record/observation.ts';
import { dial } from './dial.ts';

const port = (server: ReturnType<typeof createServer>) => (server.address() as { port: number }).port;

test('says where it came from, hands over bytes, and tells FIN from reset', async () => {
  const server = createServer(socket => {
    socket.on('error', () => {});
    socket.write('hello');
    socket.once('data', d => (d.toString() === 'reset' ? socket.resetAndDestroy() : socket.end()));
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  for (const [word, expected] of [
    ['reset', 'reset'],
    ['close', 'end'],
  ] as const) {
    const seen: string[] = [];
    await new Promise<void>(done => {
      dial(
        { address: '127.0.0.1', port: port(server), transport: 'tcp', connectMs: 500, from: '127.0.0.3' },
        {
          reached: from => seen.push(from.address),
          connected: c => {
            setTimeout(() => c.send(Buffer.from(word)), 5);
            setTimeout(() => c.leave(false), 60);
          },
          data: chunk => seen.push(Buffer.from(chunk).toString()),
          ended: how => seen.push(how),
          failed: outcome => seen.push(outcome),
          closed: done,
        },
      );
    });
    assert.deepEqual(seen, ['127.0.0.3', 'hello', expected]);
  }
  await new Promise<void>(done => server.close(() => done()));
});

test('a closed port is REFUSED, and a name is never looked up', async () => {
  const server = createServer();
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  const closed = port(server);
  await new Promise<void>(done => server.close(() => done()));
  const outcome = await new Promise<Outcome>(resolve => {
    const nothing = () => {};
    dial(
      { address: '127.0.0.1', port: closed, transport: 'tcp', connectMs: 500 },
      { reached: nothing, connected: nothing, data: nothing, ended: nothing, failed: resolve, closed: nothing },
    );
  });
  assert.equal(outcome, 'REFUSED');
  const nothing = () => {};
  assert.throws(() =>
    dial(
      { address: 'localhost', port: 1, transport: 'tcp', connectMs: 1 },
      { reached: nothing, connected: nothing, data: nothing, ended: nothing, failed: nothing, closed: nothing },
    ),
  );
});
