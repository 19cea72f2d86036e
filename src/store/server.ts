/**
 * The store on a PostgreSQL 15 or newer that somebody else runs. DATABASE_URL's user must own the database and may make
 * roles: it makes schemas, roles and tables, and gives each login a password kept in `secretsFile`.
 */
import pg from 'pg';
import { errorOf, Fault } from '../record/fault.ts';
import { ispLogin, type LoginName, roleOf } from './compartment.ts';
import { readLogins, withPasswords, writeLogins } from './logins.ts';
import { migrate, migrateIsp, type RunSql } from './migrate.ts';
import { databaseFault, type Place } from './pool.ts';

const OLDEST = 150_000;
/** One process at a time makes tables: an advisory lock, held by the session that makes them. */
const LOCK = 0x6e6f74;

export interface Server {
  password(login: LoginName): string | undefined;
  addIsp(id: string): Promise<void>;
}

/** Runs `work` as DATABASE_URL's user. Throws Fault('database'), whatever went wrong. */
async function asOwner(place: Place, work: (run: RunSql) => Promise<void>): Promise<void> {
  const client = new pg.Client({ ...place.config, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (thrown) {
    throw databaseFault(place, thrown);
  }
  const run: RunSql = async sql => {
    const results = (await client.query({ text: sql, rowMode: 'array' })) as unknown;
    return ([results].flat() as { rows: unknown[][] }[]).flatMap(result => result.rows.map(row => String(row[0])));
  };
  try {
    const [version] = await run("select current_setting('server_version_num')");
    if (Number(version) < OLDEST)
      throw new Fault('database', `PostgreSQL ${version} is too old`, 'name a PostgreSQL 15 or newer', {
        where: place.shown,
      });
    await run(`select pg_advisory_lock(${LOCK})`);
    await work(run);
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown;
    throw new Fault(
      'database',
      `its schema cannot be made (${errorOf(thrown).message})`,
      'let the user of DATABASE_URL own the database and make roles (alter role NAME createrole)',
      { where: place.shown, cause: thrown },
    );
  } finally {
    await client.end();
  }
}

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** The login's password becomes the one in the file, whatever it was. */
const letIn = (run: RunSql, login: LoginName, password: string) =>
  run(`alter role "${roleOf(login)}" login password ${literal(password)}`);

export async function openServer(place: Place, secretsFile: string): Promise<Server> {
  let logins = withPasswords(readLogins(secretsFile), ['centre', 'web']);
  const names = Object.keys(logins.passwords) as LoginName[];
  await asOwner(place, async run => {
    await migrate(run, 'server');
    for (const name of names) {
      if (name.startsWith('isp_')) await migrateIsp(run, name.slice('isp_'.length));
      await letIn(run, name, logins.passwords[name] as string);
    }
  });
  writeLogins(secretsFile, logins);
  return {
    password: login => logins.passwords[login],
    async addIsp(id) {
      const name = ispLogin(id);
      if (logins.passwords[name] !== undefined) return;
      const wider = withPasswords(logins, [name]);
      await asOwner(place, async run => {
        await migrateIsp(run, id);
        await letIn(run, name, wider.passwords[name] as string);
      });
      logins = wider;
      writeLogins(secretsFile, logins);
    },
  };
}
