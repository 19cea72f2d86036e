/** SSH servers that stall, flood, leave or change, and a survey that is stopped in the middle: always in time, never a claim. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GateTables } from '../../src/mandate/authority.ts';
import { parsePrefix } from '../../src/record/address.ts';
import { closeSshWorkers, sshDriver } from '../../src/survey/probe/ssh/driver.ts';
import { farEnd } from '../fixtures/ssh-far-end.ts';
import { freePort } from '../real/daemon.ts';
import { type SshLaboratory, sshLaboratory, WEAK } from './ssh-laboratory.ts';

const CONVERSATION_MS = 1_500;
let lab: SshLaboratory;
let port: number;
const servers: Server[] = [];
let hosts = 0;

before(async () => {
  port = await freePort('127.97.3.1');
  lab = sshLaboratory([port], { conversationMs: CONVERSATION_MS });
});
after(async () => {
  for (const server of servers) server.close();
  await closeSshWorkers();
  lab.close();
});

/** Serves one address; connections are numbered from 0, which is the look's. */
async function serve(device: (socket: Socket, connection: number) => void): Promise<string> {
  const address = `127.97.3.${++hosts}`;
  let connections = 0;
  const server = createServer({ noDelay: true }, socket => {
    socket.on('error', () => {});
    device(socket, connections++);
  });
  server.listen(port, address);
  await once(server, 'listening');
  servers.push(server);
  return address;
}

/** A server that follows the protocol until `after` bytes were said, then does `then`. */
const until = (socket: Socket, after: number, then: (socket: Socket) => void, ident = 'fictional_1.0') => {
  const server = farEnd({
    ident,
    answer: (asked, s) => (asked.method === 'none' ? s.authFailure(['password'], false) : s.authFailure([], false)),
  });
  let said = 0;
  let over = false;
  const tell = () => {
    const bytes = server.take();
    const part = bytes.subarray(0, Math.max(0, after - said));
    said += bytes.length;
    if (part.length > 0) socket.write(part);
    if (said < after || over) return;
    over = true;
    then(socket);
  };
  socket.on('data', chunk => {
    if (over) return;
    server.hear(chunk);
    tell();
  });
  tell();
};
/** Identification and KEXINIT of the server above. */
const OPENING = (() => {
  const server = farEnd({ ident: 'fictional_1.0', answer: () => {} });
  const ident = server.take().length;
  server.hear(Buffer.from('SSH-2.0-x\r\n'));
  return ident + server.take().length;
})();
const honest = (socket: Socket) => until(socket, Number.POSITIVE_INFINITY, () => {});

test('the far end here is a server that can be logged in to', async () => {
  const { conversation } = await lab.attempt(await serve(honest), port, WEAK);
  assert.deepEqual([conversation.outcome, conversation.offered], ['REJECT', true]);
});

test('one that stalls in the key exchange, or with the answer, is left at the deadline', async () => {
  for (const [after, outcomes] of [
    [OPENING, ['DEADLINE']],
    [OPENING + 40, ['DEADLINE']],
    // After the keys, and after the answer to `none`.
    [OPENING + 500, ['DEADLINE', 'IDLE_AFTER_SEND']],
  ] as const) {
    const address = await serve((socket, n) => until(socket, n === 0 ? Number.POSITIVE_INFINITY : after, () => {}));
    const began = performance.now();
    const { conversation } = await lab.attempt(address, port, WEAK);
    const took = performance.now() - began;
    assert.ok(([...outcomes] as string[]).includes(conversation.outcome), `${after}: ${conversation.outcome}`);
    assert.ok(took < CONVERSATION_MS + 1_500, `${took} ms`);
  }
});

test('a check that is nearly over gives an attempt no more than what is left', async () => {
  const address = await serve((socket, n) => until(socket, n === 0 ? Number.POSITIVE_INFINITY : OPENING, () => {}));
  const { facts } = await lab.look(address, port);
  const began = performance.now();
  const attempted = await sshDriver.attempt?.(
    { address, port, act: 'attempt', credential: WEAK, facts, settleMs: 100, notAfter: performance.now() + 400 },
    lab.deps,
  );
  assert.equal(attempted?.conversation.outcome, 'DEADLINE');
  assert.ok(performance.now() - began < CONVERSATION_MS);
});

test('one that leaves at any moment is never read as a refusal', async () => {
  for (const after of [OPENING, OPENING + 100, OPENING + 330, OPENING + 430]) {
    const address = await serve((socket, n) =>
      until(socket, n === 0 ? Number.POSITIVE_INFINITY : after, s => s.resetAndDestroy()),
    );
    const { conversation } = await lab.attempt(address, port, WEAK);
    assert.ok(
      ['CLOSED_EARLY', 'CLOSED_AFTER_PASSWORD', 'BUSY', 'NO_VERDICT'].includes(conversation.outcome),
      `${after}: ${conversation.outcome}`,
    );
  }
});

test('a flood ends soon, before and after the keys', async () => {
  const flood = (socket: Socket) => {
    const more = () => {
      while (!socket.destroyed && socket.write(Buffer.alloc(16_384, 0x41)));
    };
    socket.on('drain', more);
    more();
  };
  for (const [after, expected] of [
    [0, ['NOT_PROTOCOL', 'BYTE_CAP']],
    [OPENING, ['KEX_UNSUPPORTED', 'BYTE_CAP']],
  ] as const) {
    const address = await serve((socket, n) => until(socket, n === 0 ? Number.POSITIVE_INFINITY : after, flood));
    const { conversation } = await lab.attempt(address, port, WEAK);
    assert.ok(([...expected] as string[]).includes(conversation.outcome), conversation.outcome);
    assert.ok(conversation.bytesIn < 256 * 1024);
  }
});

test('a server that is another one now gets no credential', async () => {
  const asked: string[] = [];
  const address = await serve((socket, n) => {
    const server = farEnd({
      ident: n === 0 ? 'fictional_1.0' : 'another_2.0',
      answer: ({ method }, s) => {
        asked.push(method);
        s.authFailure(['password'], false);
      },
    });
    socket.on('data', chunk => {
      server.hear(chunk);
      socket.write(server.take());
    });
    socket.write(server.take());
  });
  const { conversation } = await lab.attempt(address, port, WEAK);
  assert.deepEqual([conversation.outcome, conversation.offered, asked], ['LOGIN_PROMPT', false, ['none']]);
});

const stalling = () => serve((socket, n) => until(socket, n === 0 ? Number.POSITIVE_INFINITY : OPENING, () => {}));

test('a stop reaches a thread in the middle of a conversation', async () => {
  const address = await stalling();
  const abort = new AbortController();
  const began = performance.now();
  setTimeout(() => abort.abort(), 300);
  const { conversation } = await lab.attempt(address, port, WEAK, { signal: abort.signal });
  assert.deepEqual([conversation.outcome, conversation.refusal], ['POLICY_STOP', 'stopped']);
  assert.ok(performance.now() - began < CONVERSATION_MS);
});

test('a new exclusion reaches a thread in the middle of a conversation, and the next is not begun', async () => {
  const address = await stalling();
  const prefix = parsePrefix(`${address}/32`);
  assert.ok(prefix);
  const { facts } = await lab.look(address, port);
  setTimeout(() => lab.gate.exclude([prefix]), 200);
  const order = { address, port, act: 'attempt' as const, credential: WEAK, facts, settleMs: 100 };
  const began = performance.now();
  const first = await sshDriver.attempt?.(order, lab.deps);
  assert.deepEqual([first?.conversation.outcome, first?.conversation.refusal], ['POLICY_STOP', 'excluded']);
  assert.ok(performance.now() - began < 1_300, 'within a second of the exclusion');
  const second = await sshDriver.attempt?.(order, lab.deps);
  assert.deepEqual([second?.conversation.outcome, second?.conversation.source], ['POLICY_STOP', null]);
});

test('threads that are closed leave no conversation open; the next attempt has a thread of its own', async () => {
  let open = 0;
  const address = await serve((socket, n) => {
    open++;
    socket.on('close', () => open--);
    until(socket, n === 0 ? Number.POSITIVE_INFINITY : OPENING, () => {});
  });
  const { facts } = await lab.look(address, port);
  const order = { address, port, act: 'attempt' as const, credential: WEAK, facts, settleMs: 100 };
  const running = sshDriver.attempt?.(order, lab.deps);
  for (let waits = 0; open === 0 && waits < 40; waits++) await sleep(50);
  await closeSshWorkers();
  const stopped = await running;
  assert.deepEqual([stopped?.conversation.outcome, stopped?.conversation.refusal], ['POLICY_STOP', 'stopped']);
  for (let waits = 0; open > 0 && waits < 20; waits++) await sleep(50);
  assert.equal(open, 0);
  assert.equal((await lab.attempt(await serve(honest), port, WEAK)).conversation.outcome, 'REJECT');
});

test('what goes wrong inside a thread is a local fault and a counted try, without a word of why', async () => {
  const { facts } = await lab.look(await serve(honest), port);
  const memory = { algorithms: { kex: null } };
  const order = { address: '127.97.3.1', port, act: 'attempt' as const, credential: WEAK, settleMs: 100 };
  const attempted = await sshDriver.attempt?.({ ...order, facts: { ...facts, memory } }, lab.deps);
  assert.deepEqual([attempted?.conversation.outcome, attempted?.conversation.offered], ['LOCAL_RESOURCE', true]);
  assert.doesNotMatch(JSON.stringify(attempted), /CNRY|Error/);
});

test('without a gate that a thread can build, not even a connection is made', async () => {
  let connections = 0;
  const address = await serve((socket, n) => {
    connections = n + 1;
    honest(socket);
  });
  const { facts } = await lab.look(address, port);
  const tables = { mandate: lab.gate.mandate } as GateTables;
  const attempted = await sshDriver.attempt?.(
    { address, port, act: 'attempt', credential: WEAK, facts, settleMs: 100 },
    { ...lab.deps, gate: { ...lab.gate, tables } },
  );
  assert.deepEqual([attempted?.conversation.outcome, connections], ['LOCAL_RESOURCE', 1]);
});

test('not a port, act or source beyond the mandate', async () => {
  const { facts } = await lab.look(await serve(honest), port);
  const refused = async (address: string, to: number, from?: string) =>
    (
      await sshDriver.attempt?.(
        { address, port: to, act: 'attempt', credential: WEAK, facts, settleMs: 100, ...(from ? { from } : {}) },
        lab.deps,
      )
    )?.conversation.refusal;
  assert.equal(await refused('127.98.0.1', port), 'outside-scope');
  assert.equal(await refused('127.97.3.1', port + 1), 'port-not-named');
  assert.equal(await refused('127.97.3.1', port, '127.0.0.9'), 'source-not-named');
});
