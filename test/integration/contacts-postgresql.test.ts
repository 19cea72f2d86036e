/** An ISP's own customer database, a real PostgreSQL: one line at a time, as a parameter, in a transaction that cannot write. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { contactsByStatement } from '../../src/isp/contact/statement.ts';
import { openReadOnly, type ReadOnly } from '../../src/store/read-only.ts';
import { type RealPostgresql, startPostgresql } from '../real/postgresql.ts';

let server: RealPostgresql;
let customers: ReadOnly;
const SQL = 'SELECT name, email, postcode, address1, address2, language FROM customer WHERE line = $1';

before(async () => {
  server = await startPostgresql();
  const owner = new pg.Client({ connectionString: server.url });
  await owner.connect();
  await owner.query(`
    create table customer (line text, name text, email text, postcode text, address1 text, address2 text, language text);
    create table looked (line text);
    insert into customer values ('A-1', '青木 葵', 'a@minato.example', '0000001', '訓練県1-1', null, 'ja'),
      ('A-2', 'one', null, null, null, null, null), ('A-2', 'two', null, null, null, null, null);
    create function note(line text) returns boolean language sql as 'insert into looked values ($1) returning true'`);
  await owner.end();
  customers = openReadOnly({ url: server.url, timeoutMs: 1_000 });
});
after(async () => {
  await customers?.close();
  await server?.stop();
});

test('a line, nobody, two rows, and a line that would be SQL', async () => {
  const source = contactsByStatement(SQL, customers.rows, 'isp.json');
  const found = await source.lookUp('A-1');
  assert.deepEqual(found, {
    subscriber: 'A-1',
    name: '青木 葵',
    email: 'a@minato.example',
    postcode: '000-0001',
    address: ['訓練県1-1'],
    language: 'ja',
  });
  assert.equal(await source.lookUp("A-1' OR '1'='1"), 'unknown');
  assert.deepEqual(await source.lookUp('A-2'), { refused: 'the line has two rows', where: 'isp.json', later: false });
});

test('a statement that writes by a function, or takes too long, is refused, and the next one is answered', async () => {
  const by = (statement: string) => contactsByStatement(statement, customers.rows, 'isp.json').lookUp('A-1');
  assert.deepEqual(await by("SELECT 'x' AS name FROM customer WHERE note($1)"), {
    refused: 'the database does not answer (25006)',
    where: 'isp.json',
    later: true,
  });
  const slow = await by("SELECT 'x' AS name, pg_sleep(20) FROM customer WHERE line = $1");
  assert.ok(
    typeof slow === 'object' && 'refused' in slow && slow.later && /57014/.test(slow.refused),
    JSON.stringify(slow),
  );
  assert.equal(typeof (await by(SQL)), 'object');
  const looked = await customers.rows('select line from looked where line = $1', ['A-1']);
  assert.deepEqual(looked, []);
});

test('a database that is down is a refusal to be tried again', async () => {
  const gone = openReadOnly({ url: 'postgresql://u@127.0.0.1:1/none', password: 'p', timeoutMs: 500 });
  const found = await contactsByStatement(SQL, gone.rows, 'isp.json').lookUp('A-1');
  assert.deepEqual(found, { refused: 'the database does not answer (ECONNREFUSED)', where: 'isp.json', later: true });
  await gone.close();
});
