import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contactsByStatement, type RowSource, statementFault } from './statement.ts';

const SQL = 'SELECT name, email, postcode, address1, address2, language FROM customer WHERE line = $1';
const at = (rows: RowSource) => contactsByStatement(SQL, rows, 'isp.json');

test('one line is asked for, as a parameter', async () => {
  const asked: unknown[] = [];
  const found = await at(async (statement, parameters) => {
    asked.push(statement, parameters);
    return [
      { name: '青木 葵', email: null, postcode: '0000001', address1: '訓練県1-1', address2: null, language: 'ja' },
    ];
  }).lookUp("A'; drop table customer; --");
  assert.deepEqual(asked, [SQL, ["A'; drop table customer; --"]]);
  assert.ok(typeof found === 'object' && 'name' in found);
  assert.deepEqual([found.email, found.postcode, found.address], [null, '000-0001', ['訓練県1-1']]);
});

test('no row is nobody, two are nobody either, a failure is tried again and repeats no word of the database', async () => {
  assert.equal(await at(async () => []).lookUp('A'), 'unknown');
  const refused = async (rows: RowSource) => {
    const found = await at(rows).lookUp('A');
    assert.ok(typeof found === 'object' && 'refused' in found);
    return [found.refused, found.later];
  };
  assert.deepEqual(await refused(async () => [{ name: 'a' }, { name: 'b' }]), ['the line has two rows', false]);
  assert.deepEqual(await refused(async () => [{ NAME: 'a' }]), ['there is no name', false]);
  const broken = Object.assign(new Error('relation "customer of Tanaka" does not exist'), { code: '42P01' });
  assert.deepEqual(await refused(() => Promise.reject(broken)), ['the database does not answer (42P01)', true]);
});

test('a statement that writes, asks for everybody or is two is refused at the start', () => {
  assert.equal(statementFault(SQL), undefined);
  assert.equal(statementFault(`${SQL};`), undefined);
  for (const bad of [
    'SELECT name FROM customer',
    'SELECT name FROM customer WHERE line = $1 AND x = $2',
    'DELETE FROM customer WHERE line = $1',
    `${SQL}; DELETE FROM customer`,
  ])
    assert.equal(typeof statementFault(bad), 'string', bad);
  assert.throws(
    () => contactsByStatement('SELECT 1', async () => [], 'isp.json'),
    /isp\.json: the statement must have/,
  );
});
