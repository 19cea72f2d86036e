import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeConnection } from './connection.ts';
import type { Turns } from './turn.ts';
import { cutMessages, int32, message, query, SYNC } from './wire.ts';

const login = { role: 'notice_web', schema: 'web', password: 'right' };

function setting() {
  const batches: string[] = [];
  const heard: Buffer[] = [];
  const state = { ended: false, left: 0 };
  const turns: Turns = {
    submit: (_client, batch) => void batches.push(batch.map(m => m.type).join('')),
    leave: () => void state.left++,
    asOwner: () => Promise.reject(new Error('not asked for here')),
  };
  const wire = {
    write: (bytes: Buffer) => void heard.push(bytes),
    end(bytes?: Buffer) {
      if (bytes) heard.push(bytes);
      state.ended = true;
    },
  };
  const connection = makeConnection(wire, role => (role === login.role ? login : undefined), turns);
  const types = () => {
    const cut = cutMessages(Buffer.concat(heard));
    return cut.messages.map(m => m.type).join('');
  };
  return { connection, batches, state, types, said: () => Buffer.concat(heard).toString('latin1') };
}

const startup = (user: string, version = 196_608) => {
  const body = Buffer.concat([int32(version), Buffer.from(`user\0${user}\0database\0postgres\0\0`)]);
  return Buffer.concat([int32(body.length + 4), body]);
};
const password = (text: string) => message('p', text);
const opening = Buffer.concat([startup(login.role), password(login.password)]);

test('a session is cut into the same batches however its bytes arrive', () => {
  const parse = message('P', '', 'select 1', Buffer.from([0, 0]));
  const stream = Buffer.concat([
    opening,
    query('begin'),
    parse,
    message('B', '', ''),
    message('E', '', int32(0)),
    SYNC,
  ]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 30 })), sizes => {
      const { connection, batches, types } = setting();
      let at = 0;
      for (const size of sizes) {
        connection.take(stream.subarray(at, at + size));
        at += size;
      }
      connection.take(stream.subarray(at));
      assert.deepEqual(batches, ['Q', 'PBES']);
      assert.match(types(), /^RRS+KZ$/);
    }),
  );
});

test('without the right password nothing is forwarded, and neither login nor password is told apart', () => {
  const answers = [
    [login.role, 'wrong'],
    ['notice_wob', 'right'],
    ['notice_wob', ''],
  ].map(([user, secret]) => {
    const { connection, batches, state, said } = setting();
    connection.take(Buffer.concat([startup(user as string), password(secret as string), query('select 1')]));
    assert.deepEqual([batches, state.ended], [[], true]);
    return said().replaceAll(user as string, 'X');
  });
  assert.equal(new Set(answers).size, 1);
  assert.match(answers[0] ?? '', /28P01/);
});

test('other protocols, Flush and COPY data end the connection with a reason', () => {
  for (const [bytes, why] of [
    [startup(login.role, 196_610), /0A000/],
    [Buffer.from('GET / HTTP/1.1\r\n\r\n'), /08P01/],
    [Buffer.concat([opening, message('H')]), /0A000/],
    [Buffer.concat([opening, message('d', 'row')]), /0A000/],
    [Buffer.concat([opening, Buffer.from('Q'), int32(2 ** 30)]), /08P01/],
    [Buffer.concat([startup(login.role), Buffer.from('p'), int32(2 ** 20)]), /08P01/],
  ] as const) {
    const { connection, state, said, batches } = setting();
    connection.take(bytes);
    assert.equal(state.ended, true);
    assert.match(said(), why);
    assert.deepEqual(batches, []);
  }
});

test('TLS is declined on a socket that never leaves the machine, and the session goes on', () => {
  const { connection, types, said } = setting();
  connection.take(Buffer.concat([int32(8), int32(80_877_103)]));
  assert.equal(said(), 'N');
  connection.take(opening);
  assert.ok(said().endsWith('ZI') || types().length > 0 || said().endsWith('\x05I'));
});

test('any bytes are taken without an exception; leaving is said exactly once', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), (admitted, chunks) => {
      const { connection, state } = setting();
      if (admitted) connection.take(opening);
      for (const chunk of chunks) connection.take(Buffer.from(chunk));
      connection.closed();
      connection.closed();
      assert.equal(state.left, admitted ? 1 : 0);
      assert.equal(state.ended, true);
    }),
  );
});
