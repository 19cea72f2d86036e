import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cutMessages, failure, int32, message, query, readReply, ready, statusOf, wantedBytes } from './wire.ts';

const anyMessage = fc.tuple(fc.constantFrom('Q', 'P', 'S', 'D'), fc.uint8Array({ maxLength: 40 }));

test('messages are cut alike however the bytes arrive', () => {
  fc.assert(
    fc.property(fc.array(anyMessage, { maxLength: 6 }), fc.nat(), (list, at) => {
      const whole = Buffer.concat(list.map(([type, body]) => message(type, Buffer.from(body))));
      const split = whole.length === 0 ? 0 : at % whole.length;
      const first = cutMessages(whole.subarray(0, split));
      assert.ok('rest' in first);
      const second = cutMessages(Buffer.concat([first.rest, whole.subarray(split)]));
      assert.ok('rest' in second);
      assert.equal(second.rest.length, 0);
      assert.deepEqual(
        [...first.messages, ...second.messages].map(m => [m.type, m.bytes.subarray(5).toString('hex')]),
        list.map(([type, body]) => [type, Buffer.from(body).toString('hex')]),
      );
      // Nothing can come of what is left before the wanted number of bytes is there.
      assert.ok(wantedBytes(first.rest) > first.rest.length);
    }),
  );
});

test('any bytes end in messages or a refusal, never in an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      const cut = cutMessages(Buffer.from(bytes), 100);
      assert.ok('rest' in cut || cut.malformed.length > 0);
      readReply(Buffer.from(bytes).subarray(0, 0));
    }),
  );
  assert.ok('malformed' in cutMessages(Buffer.concat([Buffer.from('Q'), int32(-1), Buffer.alloc(8)])));
});

test('replies are read for rows, errors and the status they end with', () => {
  const row = message('D', Buffer.from([0, 1]), int32(3), Buffer.from('abc'));
  const nothing = message('D', Buffer.from([0, 1]), int32(-1));
  assert.deepEqual(readReply(Buffer.concat([row, nothing, ready('T')])), { values: ['abc', ''] });
  assert.match(readReply(failure('ERROR', '42501', 'no')).error ?? '', /42501 Mno/);
  assert.equal(statusOf(Buffer.concat([row, ready('E')])), 'E');
  assert.equal(statusOf(row), undefined);
  assert.equal(statusOf(Buffer.alloc(0)), undefined);
  assert.equal(query('select 1').toString('latin1'), 'Q\0\0\0\rselect 1\0');
});
