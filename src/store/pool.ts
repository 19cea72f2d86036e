/**
 * One login's connections as a kysely instance, the same for both engines. int8 and numeric (what sum gives) are read as
 * numbers, for these connections only: counts and ms UTC stay far below 2^53. A connection that fails is Fault('database').
 */
import { CompiledQuery, Kysely, PostgresDialect, type PostgresPool } from 'kysely';
import pg from 'pg';
import { errorOf, Fault } from '../record/fault.ts';

const INT8 = 20;
const NUMERIC = 1700;

const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8 || oid === NUMERIC
      ? Number
      : pg.types.getTypeParser(oid, format as 'text')) as pg.CustomTypesConfig['getTypeParser'],
};

/** Where a login connects: a Unix socket's folder, or a URL; `remedy` is what to do when nobody answers there. */
export interface Place {
  readonly config: pg.ClientConfig;
  readonly shown: string;
  readonly remedy: string;
}

export const socketPlace = (socketDir: string): Place => ({
  config: { host: socketDir, port: 5432, database: 'postgres' },
  shown: socketDir,
  remedy: 'start the process that keeps this store, then try again',
});

/** Throws Fault('usage') for what is not a PostgreSQL URL. A socket's folder may stand in `?host=`. */
export function urlPlace(url: string): Place {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^postgres(ql)?:$/.test(parsed.protocol))
    throw new Fault('usage', 'DATABASE_URL is not a PostgreSQL address', 'write postgresql://USER@HOST:PORT/DATABASE');
  const shown = `${parsed.hostname || (parsed.searchParams.get('host') ?? 'localhost')}${parsed.pathname}`;
  return {
    config: { connectionString: url },
    shown,
    remedy: 'start PostgreSQL, or correct DATABASE_URL; without it the embedded store is used',
  };
}

/** The same place for another user. In the query, because a URL without a host cannot carry a user elsewhere. */
export function asUser(place: Place, user: string, password: string): Place {
  const { connectionString } = place.config;
  if (connectionString === undefined) return { ...place, config: { ...place.config, user, password } };
  const url = new URL(connectionString);
  url.username = '';
  url.password = '';
  url.searchParams.set('user', user);
  url.searchParams.set('password', password);
  return { ...place, config: { connectionString: url.href } };
}

export const databaseFault = (place: Place, thrown: unknown): Fault =>
  new Fault('database', `the database does not answer (${errorOf(thrown).message})`, place.remedy, {
    where: place.shown,
    cause: thrown,
  });

/** Wall-clock milliseconds a caller waits for a connection, new or returned by another. */
const CONNECT_MS = 10_000;

/** Connects when first used, or now with `checked`. The caller destroys it. */
export function openPool<Tables>(place: Place, max = 4): Kysely<Tables> {
  const pool = new pg.Pool({
    ...place.config,
    max,
    types,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: 30_000,
    allowExitOnIdle: true,
  });
  // An idle connection that breaks is replaced when one is next needed; unheard, the event would end the process.
  pool.on('error', () => undefined);
  const faulting = {
    connect: () =>
      pool.connect().catch((thrown: unknown) => {
        throw databaseFault(place, thrown);
      }),
    end: () => pool.end(),
    options: pool.options,
  };
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: faulting as unknown as PostgresPool }) });
}

/** Asks the database something, so that a wrong address or password stops the start and not the first query. */
export async function check<Tables>(db: Kysely<Tables>): Promise<Kysely<Tables>> {
  try {
    await db.executeQuery(CompiledQuery.raw('select 1'));
    return db;
  } catch (thrown) {
    await db.destroy();
    throw thrown;
  }
}
