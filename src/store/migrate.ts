/**
 * Brings a database's schema up to date. In: the SQL files of `migrations/`, in the order of their names, and a way to
 * run SQL as the database's owner. Each file runs once per scope, in a transaction with the note that it ran. Files are
 * never changed after a release; a file that was is refused.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../record/digest.ts';
import { Fault } from '../record/fault.ts';
import { ispLogin } from './compartment.ts';

/** Runs one or more statements without parameters; the first column of every row, as text. */
export type RunSql = (sql: string) => Promise<readonly string[]>;

interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** Beside this file; the compiler copies no SQL, so a bare `tsc` build reads the source's. */
const FOLDER = [
  join(import.meta.dirname, 'migrations'),
  join(import.meta.dirname, '../../../src/store/migrations'),
].find(existsSync) as string;

function read(scope: 'shared' | 'embedded' | 'isp'): readonly Migration[] {
  const folder = join(FOLDER, scope);
  return readdirSync(folder)
    .filter(name => name.endsWith('.sql'))
    .sort()
    .map(name => ({ name, sql: readFileSync(join(folder, name), 'utf8') }));
}

/** Changes whenever a database made from these files would differ. */
export const migrationsDigest = (): string =>
  sha256(JSON.stringify([read('shared'), read('embedded'), read('isp')].flat().map(m => [m.name, m.sql])));

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

async function apply(run: RunSql, scope: string, migrations: readonly Migration[]) {
  const done = new Set(await run(`select name || ' ' || digest from store.migration where scope = ${literal(scope)}`));
  for (const { name, sql } of migrations) {
    const digest = sha256(sql);
    if (done.has(`${name} ${digest}`)) continue;
    if ([...done].some(d => d.startsWith(`${name} `)))
      throw new Fault(
        'database',
        `this database was made with another ${name}`,
        'use the version of NOTICE that made it, or start with an empty database',
      );
    const note = `insert into store.migration values (${literal(scope)}, ${literal(name)}, ${literal(digest)})`;
    await run(`begin;\n${sql};\n${note};\ncommit`);
  }
}

/** Everything but the ISPs' compartments. */
export async function migrate(run: RunSql, engine: 'embedded' | 'server'): Promise<void> {
  await run(`create schema if not exists store;
    create table if not exists store.migration (scope text, name text, digest text not null, primary key (scope, name));
    revoke all on schema store from public`);
  await apply(run, 'shared', read('shared'));
  if (engine === 'embedded') await apply(run, 'embedded', read('embedded'));
}

/** One ISP's compartment, made or brought up to date. */
export async function migrateIsp(run: RunSql, id: string): Promise<void> {
  const login = ispLogin(id);
  const own = read('isp').map(m => ({ name: m.name, sql: m.sql.replaceAll('{isp}', id) }));
  await apply(run, login, own);
}
