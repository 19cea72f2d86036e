import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf } from '../machine.ts';
import { TelnetGrammar } from './grammar.ts';

const PAIR = { user: 'admin', password: 'CNRY-11' };
const says = (text: string) => bytesOf(text);

test('a conversation without a credential may send negotiation and one empty line', () => {
  const grammar = new TelnetGrammar();
  assert.ok(grammar.allows(says('\xff\xfc\x18\xff\xfd\x01\xff\xfe\x22')));
  assert.ok(grammar.allows(says('\r\n')));
  for (const text of ['\r\n', 'admin\r\n', 'ls\r\n', '\xff\xfb\x01', '\xff\xfd\x22', '\xff\xfc', '', '\x03'])
    assert.equal(grammar.allows(says(text)), false, JSON.stringify(text));
});

test('user, then password, then nothing', () => {
  const grammar = new TelnetGrammar();
  grammar.permit(PAIR);
  assert.equal(grammar.allows(says('root\r\n')), false);
  assert.ok(grammar.allows(says('admin\r\n')));
  assert.equal(grammar.allows(says('admin\r\n')), false, 'the user only once');
  assert.equal(grammar.allows(says('\r\n')), false, 'no empty line after the user');
  assert.ok(grammar.allows(says('CNRY-11\r\n')));
  for (const text of ['CNRY-11\r\n', '\r\n', 'ls\r\n', '\xff\xfc\x18', 'exit\r\n'])
    assert.equal(grammar.allows(says(text)), false, 'nothing after the password');
});

test('the number of negotiation replies is bounded', () => {
  const grammar = new TelnetGrammar();
  const reply = says('\xff\xfc\x18');
  let allowed = 0;
  while (allowed < 1_000 && grammar.allows(reply)) allowed++;
  assert.equal(allowed, 96);
});
