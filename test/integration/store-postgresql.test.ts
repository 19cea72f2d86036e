/** The same store on a real PostgreSQL 15: the same clients, the same compartments, the same SQL. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openLogin, openStore, type Store } from '../../src/store/open.ts';
import { type RealPostgresql, startPostgresql } from '../real/postgresql.ts';
import { compartments, eightClients, escapes } from './store-trial.ts';

const folder = mkdtempSync(join(tmpdir(), 'store-'));
const secretsFile = join(folder, 'logins.json');
let server: RealPostgresql;
let store: Store;

before(async () => {
  server = await startPostgresql();
  store = await openStore({ url: server.url, secretsFile });
});
after(async () => {
  await store?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('eight clients mixing autocommit and transactions each read exactly their own rows', async () => {
  assert.ok((await eightClients(store, 25)) > 300);
});

test('no compartment reads or writes another', () => compartments(store));

test('no login talks its way into another compartment', () => escapes(store, false));

test('each login has a password of its own, and only its own opens it', async () => {
  assert.equal(statSync(secretsFile).mode & 0o777, 0o600);
  const web = await openLogin(store.login('web'));
  assert.deepEqual(
    await web
      .selectFrom('code' as never)
      .selectAll()
      .execute(),
    [],
  );
  await web.destroy();
  await assert.rejects(openLogin({ ...store.login('centre'), login: 'web' }), { code: 'database', exit: 5 });
});

test('opening it again makes nothing twice', async () => {
  await store.addIsp('north');
  const again = await openStore({ url: server.url, secretsFile });
  await again.addIsp('north');
  assert.ok(Array.isArray(await again.isp('north').selectFrom('alert').selectAll().execute()));
  await again.close();
});

test('a database that is down stops the start with what to do', async () => {
  const url = 'postgresql://postgres:wrong@127.0.0.1:1/notice';
  await assert.rejects(openStore({ url, secretsFile: join(folder, 'none.json') }), {
    code: 'database',
    exit: 5,
    message: /127\.0\.0\.1\/notice: the database does not answer .*; start PostgreSQL, or correct DATABASE_URL/,
  });
  await assert.rejects(openStore({ url: 'mysql://x', secretsFile }), { code: 'usage', exit: 2 });
});
