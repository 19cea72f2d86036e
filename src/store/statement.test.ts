import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { refusedBatch, refusedWord } from './statement.ts';
import { cutMessages, type Message, message, query } from './wire.ts';

const parts = (...bytes: Buffer[]): readonly Message[] => cutMessages(Buffer.concat(bytes)).messages;

test('what kysely and the driver write passes', () => {
  for (const sql of [
    'select "id" from "case" where "state" = $1',
    '\n  insert into "round" values ($1)',
    'with "a" as (select 1) update "case" set "state" = $1 from "a"',
    'begin',
    'start transaction isolation level serializable',
    'set transaction isolation level repeatable read',
    'savepoint a;',
    'rollback to a; release savepoint a',
    'commit',
    '(select 1) union (select 2)',
    'select\u0009*from "a"',
    'VALUES(1)',
    '',
    ' ; ;',
  ])
    assert.equal(refusedWord(sql), undefined, sql);
});

test('what changes the session, defines code or runs text does not', () => {
  for (const sql of ['set role a', 'RESET ROLE', 'discard all', 'do $$$$', 'create table a()', 'copy a from stdin'])
    assert.equal(refusedWord(sql), sql.split(' ')[0]?.toLowerCase());
  for (const sql of ['selectx', 'select_1', 'selecté', 'select$1', 'set transaction_x = 1', '"select"', "'select'"])
    assert.notEqual(refusedWord(sql), undefined, sql);
});

const noise = fc.constantFrom(
  'select 1',
  "select ';",
  '/* ',
  ' */',
  '--',
  '\n',
  "'",
  '"',
  '$a$',
  '$$',
  ' ',
  '(',
  'begin',
  'é',
);
const forbidden = fc.constantFrom(
  'set role x',
  'SET session authorization default',
  'Reset role',
  'discard all',
  'do $$ $$',
);
const space = fc.stringMatching(/^[ \t\n\r\f\v]{0,3}$/);

test('a forbidden statement behind any semicolon is refused, whatever stands before it', () => {
  fc.assert(
    fc.property(
      fc.array(noise, { maxLength: 8 }),
      space,
      forbidden,
      fc.array(noise, { maxLength: 4 }),
      (a, s, f, b) => {
        assert.notEqual(refusedWord(`${a.join('')};${s}${f} ${b.join('')}`), undefined);
        assert.notEqual(refusedWord(`${s}${f} ${b.join('')}`), undefined);
      },
    ),
  );
});

test('a batch is judged by every text in it, whichever message carries it', () => {
  const parse = (name: string, sql: string) => message('P', name, sql, Buffer.from([0, 0]));
  assert.equal(refusedBatch(parts(parse('', 'select 1'), message('S'))), undefined);
  assert.equal(refusedBatch(parts(query('select 1'))), undefined);
  assert.equal(refusedBatch(parts(parse('', 'select 1'), parse('', 'set role a'), message('S')))?.code, '42501');
  assert.equal(refusedBatch(parts(query('set role a')))?.code, '42501');
  assert.equal(refusedBatch(parts(parse('named', 'select 1'), message('S')))?.code, '0A000');
  assert.equal(refusedBatch(parts(message('F', Buffer.alloc(8))))?.code, '0A000');
});
