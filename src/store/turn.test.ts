import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeSession } from './seat.ts';
import { type Client, makeTurns } from './turn.ts';
import { cutMessages, failure, int32, type Message, message, query, readReply, ready, type Status } from './wire.ts';

const row = (text: string) => message('D', Buffer.from([0, 1]), int32(text.length), Buffer.from(text));

const asks = (sql: string) => /session_(authorization|user);/.test(sql);

/** An engine that knows just enough: whose session it is, whether a transaction is open, and echoes what it is asked. */
function engine() {
  let who = 'postgres';
  let status: Status = 'I';
  const ran: string[] = [];
  async function run(bytes: Uint8Array): Promise<Buffer> {
    const out: Buffer[] = [];
    for (const { type, bytes: one } of cutMessages(Buffer.from(bytes)).messages) {
      if (type !== 'Q') continue;
      const sql = one.toString('utf8', 5, one.length - 1);
      const become = /set session authorization "(\w+)"/.exec(sql)?.[1];
      if (become) who = become;
      else if (asks(sql)) out.push(row(who), row(sql.startsWith('show') ? 'none' : who));
      else if (sql === 'begin') status = 'T';
      else if (sql === 'rollback' || sql === 'commit') status = 'I';
      else if (sql === 'select trespass()') who = 'postgres';
      else if (sql === 'refused') {
        if (status === 'T') status = 'E';
        out.push(failure('ERROR', '42601', sql));
      } else out.push(row(`${who} ${sql}`));
      if (!become && !asks(sql)) ran.push(`${who}: ${sql}`);
      out.push(ready(status));
    }
    await sleep(1);
    return Buffer.concat(out);
  }
  return { run, ran };
}

/** Long limits, so that a slow machine is not taken for an idle client. */
function setting(limits = { idleMs: 60_000, abortedMs: 60_000 }) {
  const { run, ran } = engine();
  const lost: unknown[] = [];
  const turns = makeTurns(makeSession(run), why => lost.push(why), limits);
  const client = (name: string) => {
    const heard: string[] = [];
    const waiting: (() => void)[] = [];
    const hear = (bytes: Buffer) => {
      const { values, error } = readReply(bytes);
      heard.push(error ?? values.join());
      waiting.shift()?.();
    };
    const one: Client = { seat: { role: name, schema: name }, send: hear, end: hear };
    const ask = (sql: string) =>
      new Promise<string>(resolve => {
        waiting.push(() => resolve(heard.at(-1) as string));
        turns.submit(one, cutMessages(query(sql)).messages as readonly Message[]);
      });
    return { one, ask, heard };
  };
  return { turns, ran, client, lost };
}

test('each client is served under its own name, in the order they asked', async () => {
  const { client } = setting();
  const [a, b] = [client('a'), client('b')];
  const said = await Promise.all([a.ask('select 1'), b.ask('select 2'), a.ask('select 3'), b.ask('select 4')]);
  assert.deepEqual(said, ['a select 1', 'b select 2', 'a select 3', 'b select 4']);
});

test('nobody comes between the batches of a transaction', async () => {
  const { client, ran } = setting();
  const [a, b] = [client('a'), client('b')];
  await a.ask('begin');
  const other = b.ask('select 9');
  await a.ask('select 1');
  await a.ask('commit');
  await other;
  assert.deepEqual(ran, ['a: begin', 'a: select 1', 'a: commit', 'b: select 9']);
});

test('a reply got under another name is not delivered, and its client is out', async () => {
  const { client } = setting();
  const [a, b] = [client('a'), client('b')];
  assert.match(await a.ask('select trespass()'), /left its compartment/);
  assert.equal(await b.ask('select 2'), 'b select 2');
  void a.ask('select 3');
  assert.equal(await b.ask('select 4'), 'b select 4');
  assert.equal(a.heard.length, 1);
});

test('an idle transaction is rolled back and its client cut off', async () => {
  const { client, ran } = setting({ idleMs: 40, abortedMs: 20 });
  const [a, b] = [client('a'), client('b')];
  await a.ask('begin');
  assert.equal(await b.ask('select 2'), 'b select 2');
  assert.match(a.heard.at(-1) ?? '', /25P03/);
  assert.deepEqual(ran, ['a: begin', 'a: rollback', 'b: select 2']);
});

test('a failed one is rolled back unseen, and fails still when its client speaks again', async () => {
  const { client, ran } = setting({ idleMs: 40, abortedMs: 20 });
  const [a, b] = [client('a'), client('b')];
  await a.ask('begin');
  assert.match(await a.ask('set role b'), /42501/);
  await b.ask('select 2');
  await a.ask('rollback');
  assert.equal(await a.ask('select 3'), 'a select 3');
  assert.deepEqual(ran, [
    ...['a: begin', 'a: refused', 'a: rollback', 'b: select 2'],
    ...['a: begin', 'a: refused', 'a: rollback', 'a: select 3'],
  ]);
});

test('who leaves in a transaction is rolled back at once, and what it still had waiting is dropped', async () => {
  const { client, turns, ran } = setting();
  const [a, b] = [client('a'), client('b')];
  await a.ask('begin');
  await sleep(0);
  void a.ask('select 1');
  void a.ask('select 2');
  turns.leave(a.one);
  await b.ask('select 3');
  assert.deepEqual(ran, ['a: begin', 'a: select 1', 'a: rollback', 'b: select 3']);
  assert.equal(a.heard.length, 1);
});

test('an engine that fails is reported once, and nobody is served any more', async () => {
  const lost: unknown[] = [];
  const failing = makeSession(() => Promise.reject(new Error('unreachable')));
  const turns = makeTurns(failing, why => lost.push(why));
  const client: Client = { seat: { role: 'a', schema: 'a' }, send: () => assert.fail(), end: () => assert.fail() };
  turns.submit(client, cutMessages(query('select 1')).messages);
  turns.submit(client, cutMessages(query('select 2')).messages);
  await sleep(5);
  assert.equal(lost.length, 1);
});

test('who leaves as its batch ends is rolled back too', async () => {
  const { client, turns, ran } = setting();
  const [a, b] = [client('a'), client('b')];
  await a.ask('begin');
  turns.leave(a.one);
  await b.ask('select 3');
  assert.deepEqual(ran, ['a: begin', 'a: rollback', 'b: select 3']);
});
