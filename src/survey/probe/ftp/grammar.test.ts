import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOf } from '../machine.ts';
import { ftpGrammar } from './grammar.ts';

const PAIR = { user: 'admin', password: 'CNRY-11' };

test('nothing at all before a pair is permitted', () => {
  const grammar = ftpGrammar();
  for (const text of ['USER admin\r\n', 'PASS CNRY-11\r\n', '\r\n', 'QUIT\r\n', 'FEAT\r\n', '', '\xff\xfc\x18'])
    assert.equal(grammar.allows(bytesOf(text)), false, JSON.stringify(text));
});

test('USER, then PASS, then nothing', () => {
  const grammar = ftpGrammar();
  grammar.permit(PAIR);
  for (const text of [
    'PASS CNRY-11\r\n',
    'USER root\r\n',
    'USER admin',
    'user admin\r\n',
    'USER admin\r\nPASS CNRY-11\r\n',
  ])
    assert.equal(grammar.allows(bytesOf(text)), false, text);
  assert.ok(grammar.allows(bytesOf('USER admin\r\n')));
  assert.equal(grammar.allows(bytesOf('USER admin\r\n')), false, 'the user only once');
  assert.ok(grammar.allows(bytesOf('PASS CNRY-11\r\n')));
  for (const text of ['PASS CNRY-11\r\n', 'QUIT\r\n', 'LIST\r\n', 'SYST\r\n', '\r\n', ''])
    assert.equal(grammar.allows(bytesOf(text)), false, `${text} after the password`);
});

test('a pair that would be more than two lines is not sent at all', () => {
  for (const evil of ['a\r\nDELE x', 'a\nb', 'a\0', '\xff\xf4', '\u3042'])
    for (const pair of [
      { user: evil, password: 'x' },
      { user: 'x', password: evil },
    ]) {
      const grammar = ftpGrammar();
      grammar.permit(pair);
      assert.equal(grammar.allows(bytesOf(`USER ${pair.user}\r\n`)), false, JSON.stringify(pair));
    }
});

test('of any bytes, only the two lines in their order pass', () => {
  const lines = ['USER admin\r\n', 'PASS CNRY-11\r\n'];
  const offered = fc.array(fc.oneof(fc.constantFrom(...lines), fc.string({ unit: 'binary-ascii' })), { maxLength: 12 });
  fc.assert(
    fc.property(offered, texts => {
      const grammar = ftpGrammar();
      grammar.permit(PAIR);
      const passed = texts.filter(text => grammar.allows(bytesOf(text)));
      assert.deepEqual(passed, lines.slice(0, passed.length));
    }),
  );
});
