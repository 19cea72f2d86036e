/**
 * What must hold of the store whatever engine is under it: every client gets its own rows, committed work stays, rolled
 * back work does not, and no compartment sees another. Run by one test file for each engine.
 */
import assert from 'node:assert/strict';
import { type Kysely, sql } from 'kysely';
import type { CentreTables } from '../../src/record/tables/centre.ts';
import type { IspTables } from '../../src/record/tables/isp.ts';
import type { WebTables } from '../../src/record/tables/web.ts';
import { openLogin, type Store } from '../../src/store/open.ts';

/** What one client did, so that the whole can be compared afterwards. */
interface Done {
  readonly kept: ReadonlyMap<string, string>;
  readonly queries: number;
}

/** The four tables the clients write, each behind the same three verbs. */
interface Drawer {
  put(key: string, value: string): Promise<unknown>;
  get(key: string): Promise<string | undefined>;
  /** Runs work in a transaction; it may throw to roll back. */
  within(work: (inside: Drawer) => Promise<void>): Promise<void>;
}

const centreDrawer = (db: Kysely<CentreTables>): Drawer => ({
  put: (key, root) =>
    db
      .insertInto('audit_root')
      .values({ day: key, root, entries: 2 ** 40 + key.length })
      .execute(),
  async get(key) {
    const row = await db.selectFrom('audit_root').selectAll().where('day', '=', key).executeTakeFirst();
    if (row) assert.equal(row.entries, 2 ** 40 + key.length, 'int8 is read as a number');
    return row?.root;
  },
  within: work => db.transaction().execute(tx => work(centreDrawer(tx))),
});

const webDrawer = (db: Kysely<WebTables>): Drawer => ({
  put: (month, figures) => db.insertInto('published').values({ month, figures, digest: '', published_at: 1 }).execute(),
  get: async key =>
    (await db.selectFrom('published').select('figures').where('month', '=', key).executeTakeFirst())?.figures,
  within: work => db.transaction().execute(tx => work(webDrawer(tx))),
});

const ispDrawer = (db: Kysely<IspTables>): Drawer => ({
  put: (id, reason) =>
    db.insertInto('halt').values({ id, reason, since: 1, released_by: '', released_at: null }).execute(),
  get: async key => (await db.selectFrom('halt').select('reason').where('id', '=', key).executeTakeFirst())?.reason,
  within: work => db.transaction().execute(tx => work(ispDrawer(tx))),
});

/** Its own deterministic numbers, so that a failure can be run again. */
function dice(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

async function busyClient(name: string, drawer: Drawer, steps: number): Promise<Done> {
  const random = dice(name.charCodeAt(name.length - 1) * 7 + name.length);
  const kept = new Map<string, string>();
  let queries = 0;
  const read = async (from: Drawer, key: string, expected: string | undefined) => {
    queries++;
    assert.equal(await from.get(key), expected, `${name} reads ${key}`);
  };
  for (let step = 0; step < steps; step++) {
    const key = `${name}/${step}`;
    const value = `${name} wrote ${step} `.repeat(1 + Math.floor(random() * 40));
    const kind = random();
    if (kind < 0.4) {
      await drawer.put(key, value);
      kept.set(key, value);
    } else if (kind < 0.7) {
      await drawer.within(async tx => {
        await tx.put(key, value);
        await read(tx, key, value);
        await tx.put(`${key}+`, value);
      });
      kept.set(key, value).set(`${key}+`, value);
    } else if (kind < 0.85) {
      const undone = drawer.within(async tx => {
        await tx.put(key, value);
        await read(tx, key, value);
        throw new Error('changed its mind');
      });
      await assert.rejects(undone, /changed its mind/);
    } else {
      // The second row has the first one's key: the server aborts the transaction.
      const failed = drawer.within(async tx => {
        await tx.put(key, value);
        await tx.put(key, value);
      });
      await assert.rejects(failed, { code: '23505' });
    }
    await read(drawer, key, kept.get(key));
  }
  for (const [key, value] of kept) await read(drawer, key, value);
  return { kept, queries };
}

/** Eight clients at once, two of them in each of four compartments, autocommit and transactions mixed. */
export async function eightClients(store: Store, steps: number): Promise<number> {
  await store.addIsp('north');
  await store.addIsp('south-1');
  const own = await openLogin(store.login('centre'));
  const drawers: Record<string, Drawer> = {
    a: centreDrawer(store.centre()),
    b: centreDrawer(own as unknown as Kysely<CentreTables>),
    c: webDrawer(store.web()),
    d: webDrawer(store.web()),
    e: ispDrawer(store.isp('north')),
    f: ispDrawer(store.isp('north')),
    g: ispDrawer(store.isp('south-1')),
    h: ispDrawer(store.isp('south-1')),
  };
  const done = await Promise.all(
    Object.entries(drawers).map(([name, drawer]) => busyClient(`client-${name}`, drawer, steps)),
  );
  const rows = async (db: Kysely<never>, table: string, key: string, value: string) =>
    (
      await sql<{
        k: string;
        v: string;
      }>`select ${sql.ref(key)} as k, ${sql.ref(value)} as v from ${sql.table(table)}`.execute(db)
    ).rows;
  const stored = [
    ...(await rows(store.centre() as never, 'audit_root', 'day', 'root')),
    ...(await rows(store.web() as never, 'published', 'month', 'figures')),
    ...(await rows(store.isp('north') as never, 'halt', 'id', 'reason')),
    ...(await rows(store.isp('south-1') as never, 'halt', 'id', 'reason')),
  ];
  const expected = new Map(done.flatMap(one => [...one.kept]));
  assert.equal(stored.length, expected.size, 'as many rows as were committed');
  for (const { k, v } of stored) assert.equal(v, expected.get(k), k);
  await own.destroy();
  return done.reduce((sum, one) => sum + one.queries, 0);
}

const DENIED = { code: '42501' };
type Any = Kysely<never>;

/** Every compartment against every other, and the few openings there must be. */
export async function compartments(store: Store): Promise<void> {
  await store.addIsp('north');
  await store.addIsp('south-1');
  const logins: Record<string, Any> = {
    centre: store.centre() as unknown as Any,
    web: store.web() as unknown as Any,
    isp_north: store.isp('north') as unknown as Any,
    'isp_south-1': store.isp('south-1') as unknown as Any,
  };
  const tables: Record<string, readonly string[]> = {
    centre: ['round', 'observation', 'finding', 'matched_pair', 'case', 'bundle', 'feedback', 'audit_root'],
    web: ['code', 'recheck', 'inquiry', 'published'],
    isp_north: ['bundle', 'case', 'alert', 'halt'],
    'isp_south-1': ['bundle', 'case', 'alert', 'halt'],
    store: ['migration'],
  };
  const open = new Set(['centre>web.code', 'centre>web.recheck', 'centre>web.published']);
  const ask = (db: Any, text: string) => sql.raw(text).execute(db);
  for (const [login, db] of Object.entries(logins)) {
    for (const [schema, names] of Object.entries(tables)) {
      for (const name of names) {
        const table = `"${schema}"."${name}"`;
        if (schema === login || open.has(`${login}>${schema}.${name}`)) await ask(db, `select count(*) from ${table}`);
        else {
          await assert.rejects(ask(db, `select * from ${table}`), DENIED, `${login} reads ${table}`);
          await assert.rejects(ask(db, `delete from ${table}`), DENIED, `${login} empties ${table}`);
        }
      }
    }
    const [me] = (await ask(db, 'select session_user::text as s, current_user::text as u, current_schema()::text as c'))
      .rows;
    assert.deepEqual(me, { s: `notice_${login}`, u: `notice_${login}`, c: login });
    // Nothing of its own may be made, nor the server's own secrets be read.
    for (const text of ['create table mine (a int)', 'create temp table mine (a int)', 'create schema mine'])
      await assert.rejects(ask(db, text), DENIED, `${login}: ${text}`);
    await assert.rejects(ask(db, 'select * from pg_authid'), DENIED);
    await assert.rejects(ask(db, "select pg_read_file('PG_VERSION')"), DENIED);
  }
  const { centre } = logins as { centre: Any };
  await ask(centre, 'select id, channel, opened_at, outcome, closed_at from web.inquiry');
  await assert.rejects(ask(centre, 'select question from web.inquiry'), DENIED);
  await assert.rejects(ask(centre, 'select callback from web.inquiry'), DENIED);
  await assert.rejects(ask(centre, 'delete from web.code'), DENIED);
  await assert.rejects(ask(centre, "insert into web.recheck values ('r', 'c', null, 1, 'asked', null, null)"), DENIED);
  await ask(centre, "update web.recheck set state = 'running' where false");
}

/** Ways by which one login might become another. None may answer with anything of another compartment. */
export const ESCAPES: readonly string[] = [
  'set role notice_web',
  'SET ROLE "notice_web"',
  'set local role notice_web',
  'set session role notice_web',
  "set role 'notice_web'",
  'set session authorization notice_web',
  'set session authorization default',
  'set session authorization postgres',
  "SET SESSION AUTHORIZATION 'notice_isp_north'",
  'begin; set session authorization postgres; commit',
  "set session session authorization 'postgres'",
  'set local session authorization default',
  'set session_authorization = default',
  "set role = 'notice_web'",
  "set role to 'notice_web'",
  'reset session authorization',
  'reset session_authorization',
  'reset role',
  'reset all',
  'discard all',
  "select set_config('role', 'notice_web', false)",
  "select pg_catalog.set_config('session_authorization', 'postgres', false)",
  "select * from set_config('session_authorization', 'default', false)",
  "update pg_settings set setting = 'notice_web' where name = 'role'",
  "update pg_catalog.pg_settings set setting = 'postgres' where name = 'session_authorization'",
  'do $$ begin set role notice_web; end $$',
  "do $$ begin perform set_config('role', 'notice_web', false); end $$",
  "create function f() returns void language plpgsql as 'begin set role notice_web; end'",
  'create function pg_temp.f() returns text language sql set role to notice_web return current_user',
  'explain analyze execute p',
  'prepare p as select 1',
  'select 1; set role notice_web',
  'select 1; /* quiet */ set role notice_web',
  '/* quiet */ set role notice_web',
  '-- quiet\nset role notice_web',
  "select ';'; set role notice_web",
  "select E'\\';' ; set role notice_web; --'",
  'begin; set local role notice_web; commit',
  'begin; reset role; rollback',
  '\u00a0set role notice_web',
  '\ufeffset role notice_web',
  "alter role current_user set role = 'notice_web'",
  "alter system set role = 'notice_web'",
  'grant notice_web to current_user',
  "copy (select 1) to program 'true'",
  "select query_to_xml('select * from web.inquiry', true, true, '')",
  "select ts_stat('select question::tsvector from web.inquiry')",
  'select lo_create(0)',
  "load 'plpgsql'",
  'import foreign schema web from server s into centre',
  'security label on role notice_web is null',
  'call nothing()',
  'lock web.inquiry',
  'listen x',
  'deallocate all',
  'declare c cursor with hold for select 1',
];

/** Runs every escape as `centre`: each must fail, or leave the session exactly who it was. */
export async function escapes(store: Store, mustFail: boolean): Promise<void> {
  await store
    .centre()
    .connection()
    .execute(async centre => {
      for (const text of ESCAPES) {
        let failed = false;
        try {
          await sql.raw(text).execute(centre);
        } catch (thrown) {
          failed = true;
          assert.match((thrown as { code?: string }).code ?? '', /^[0-9A-Z]{5}$/, `${text}: ${String(thrown)}`);
        }
        if (mustFail) assert.ok(failed, `ran: ${text}`);
        await sql.raw('rollback').execute(centre);
        const secret = sql.raw('select question from web.inquiry').execute(centre);
        await assert.rejects(secret, DENIED, `after: ${text}`);
      }
    });
}
