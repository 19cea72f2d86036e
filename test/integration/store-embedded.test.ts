/** The embedded store as a whole: many clients on one session, compartments, time-outs, disconnects, kill -9. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { openLogin, openStore, type Store } from '../../src/store/open.ts';
import { compartments, eightClients, escapes } from './store-trial.ts';

const folder = mkdtempSync(join(tmpdir(), 'store-'));
const dir = join(folder, 'one');
let store: Store;
/** Where a client is soon taken for idle; a busy machine would make that of any client, so it is not the other's limit. */
let hasty: Store;

before(async () => {
  store = await openStore({ dir });
  hasty = await openStore({ dir: join(folder, 'hasty'), limits: { idleMs: 700, abortedMs: 300 } });
});
after(async () => {
  await Promise.all([store.close(), hasty.close()]);
  rmSync(folder, { recursive: true, force: true });
});

async function client(login: 'centre' | 'web', of = store): Promise<pg.Client> {
  const { password, socketDir } = of.login(login) as { password: string; socketDir: string };
  const one = new pg.Client({ host: socketDir, user: `notice_${login}`, password, database: 'postgres' });
  one.on('error', () => undefined);
  await one.connect();
  return one;
}

test('a fresh folder is made from the template, and is its owner’s alone', () => {
  assert.equal(store.fresh, true);
  assert.equal(statSync(dir).mode & 0o777, 0o700);
  assert.equal(statSync(join(dir, 'logins.json')).mode & 0o777, 0o600);
  assert.ok(readdirSync(dir).every(name => !name.startsWith('data.making')));
});

test('eight clients mixing autocommit and transactions each read exactly their own rows', async () => {
  assert.ok((await eightClients(store, 25)) > 300);
});

test('no compartment reads or writes another', () => compartments(store));

test('no login talks its way into another compartment', () => escapes(store, true));

test('no client gets in without its password', async () => {
  const { socketDir } = store.login('web') as { socketDir: string };
  await assert.rejects(openLogin({ socketDir, login: 'web', password: 'guess' }), { code: 'database', exit: 5 });
  await assert.rejects(openLogin({ ...store.login('centre'), login: 'web' }), { code: 'database' });
});

test('a named prepared statement is refused, and an unnamed one is not left to the next client', async () => {
  const a = await client('centre');
  const b = await client('web');
  await assert.rejects(a.query({ name: 'mine', text: 'select 1' }), { code: '0A000' });
  await a.query('select $1::int', [1]);
  // A Bind without a Parse: what would run is whatever statement the session has left.
  const raw = (b as unknown as { connection: { bind(c: object): void; execute(c: object): void; sync(): void } })
    .connection;
  const failed = b.query({ text: 'select 1', values: [] });
  await failed;
  const heard = new Promise(resolve => (raw as unknown as NodeJS.EventEmitter).once('errorMessage', resolve));
  await a.query('select $1::int', [2]);
  raw.bind({ values: [] });
  raw.execute({});
  raw.sync();
  assert.equal(((await heard) as { code: string }).code, '26000');
  await a.end();
  await b.end();
});

test('an idle transaction is rolled back, its connection ends, and others go on', async () => {
  const a = await client('centre', hasty);
  const b = await client('centre', hasty);
  const ended = new Promise(resolve => a.once('end', resolve));
  await a.query('begin');
  await a.query("insert into audit_root values ('idle', '', 0)");
  const { rows } = await b.query("select count(*)::int as n from audit_root where day = 'idle'");
  assert.deepEqual(rows, [{ n: 0 }]);
  await ended;
  await assert.rejects(a.query('commit'));
  await b.end();
});

test('a failed transaction is rolled back sooner, and its client may still end it', async () => {
  const a = await client('centre', hasty);
  const b = await client('web', hasty);
  await a.query('begin');
  await assert.rejects(a.query('select 1/0'), { code: '22012' });
  await b.query('select 1');
  await assert.rejects(a.query('select 1'), { code: '25P02' });
  await b.query('select 1');
  assert.equal((await a.query('rollback')).command, 'ROLLBACK');
  assert.equal((await a.query('select 1 as one')).rows[0].one, 1);
  await a.end();
  await b.end();
});

test('a refusal inside a transaction aborts it, as any error does', async () => {
  const a = await client('centre');
  await a.query('begin');
  await a.query("insert into audit_root values ('refused', '', 0)");
  await assert.rejects(a.query('set role notice_web'), { code: '42501' });
  await assert.rejects(a.query('select 1'), { code: '25P02' });
  await a.query('commit');
  assert.equal((await a.query("select from audit_root where day = 'refused'")).rowCount, 0);
  await a.end();
});

test('a client that disconnects in a transaction leaves nothing, at once', async () => {
  const a = await client('centre');
  const b = await client('centre');
  await a.query('begin');
  await a.query("insert into audit_root values ('left', '', 0)");
  (a as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  assert.equal((await b.query("select from audit_root where day = 'left'")).rowCount, 0);
  await b.end();
});

test('a compartment can be added while others work', async () => {
  const a = await client('centre');
  await a.query('begin');
  const added = store.addIsp('late');
  await a.query("insert into audit_root values ('meanwhile', '', 0)");
  await a.query('commit');
  await added;
  assert.deepEqual(await store.isp('late').selectFrom('alert').selectAll().execute(), []);
  await assert.rejects(a.query('select * from isp_late.alert'), { code: '42501' });
  await a.end();
});

test('isolation may be chosen after begin, and large batches pass', async () => {
  const a = await client('centre');
  await a.query('begin');
  await a.query('set transaction isolation level serializable');
  assert.equal((await a.query('show transaction_isolation')).rows[0].transaction_isolation, 'serializable');
  await a.query('rollback');
  const large = 'x'.repeat(5_000_000);
  assert.equal((await a.query('select $1::text as t', [large])).rows[0].t, large);
  await a.end();
});

test('a second process on the same folder is refused, by name', async () => {
  await assert.rejects(openStore({ dir }), { code: 'locked', exit: 5, message: new RegExp(`process ${process.pid} `) });
});

test('committed rows survive kill -9, and so does a start that was killed half way', async () => {
  const own = join(folder, 'killed');
  mkdirSync(join(own, 'data.making-1'), { recursive: true });
  writeFileSync(join(own, 'data.making-1', 'half'), '');
  const writer = join(import.meta.dirname, `store-writer${extname(import.meta.filename)}`);
  for (const [time, pause] of [300, 150].entries()) {
    const child = spawn(process.execPath, [writer, own, String(time)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
    const until = performance.now() + 30_000;
    while (!said.includes('\n')) {
      assert.ok(child.exitCode === null && performance.now() < until, 'the writer starts');
      await sleep(20);
    }
    await sleep(pause);
    child.kill('SIGKILL');
    await once(child, 'close');
    const confirmed = said.split('\n').slice(0, -1);
    assert.ok(confirmed.length > 0);
    const again = await openStore({ dir: own });
    const days = new Set((await again.centre().selectFrom('audit_root').select('day').execute()).map(row => row.day));
    const half = (await again.centre().selectFrom('sweep_count').selectAll().execute()).length;
    await again.close();
    for (const day of confirmed) assert.ok(days.has(day), `${day} was committed before the kill`);
    assert.equal(half % 2, 0, 'a transaction of two rows is there whole or not at all');
  }
  assert.ok(!readdirSync(own).some(name => name.startsWith('data.making')));
});

test('passwords stay the same over a restart, and the ISPs’ compartments with them', async () => {
  const own = join(folder, 'again');
  const first = await openStore({ dir: own });
  await first.addIsp('north');
  await first.isp('north').insertInto('bundle').values({ seq: 1, digest: 'd', received_at: 2, rows: 3 }).execute();
  const before = readFileSync(join(own, 'logins.json'), 'utf8');
  await first.close();
  const second = await openStore({ dir: own });
  assert.equal(second.fresh, false);
  assert.equal(readFileSync(join(own, 'logins.json'), 'utf8'), before);
  assert.equal((await second.isp('north').selectFrom('bundle').selectAll().execute()).length, 1);
  assert.throws(() => second.isp('south'), { code: 'database' });
  await assert.rejects(second.addIsp('x"; drop schema web'), { code: 'input' });
  await second.close();
});

test('a folder whose path is too long for a socket still works', async () => {
  const own = join(folder, 'l'.repeat(100));
  const long = await openStore({ dir: own });
  assert.deepEqual(await long.web().selectFrom('code').selectAll().execute(), []);
  await long.close();
});
