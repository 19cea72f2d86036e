/**
 * Streams the rows of one query of somebody else's PostgreSQL. In: its URL, which table, a query made from the table's columns. Out:
 * pages of rows as texts, null for null, instants in UTC. One snapshot, read-only; a cursor, so that neither side holds the
 * whole answer.
 */
import pg from 'pg';
import { Fault } from '../record/fault.ts';
import { databaseFault, urlPlace } from './pool.ts';

export type TextRow = readonly (string | null)[];

export interface Query {
  readonly text: string;
  readonly values: readonly (string | number)[];
}

export interface RowsOptions {
  readonly url: string;
  /** `table` or `schema.table`. */
  readonly table: string;
  readonly pageRows?: number;
  /** Wall-clock milliseconds that one statement may take; the whole answer may take longer. */
  readonly statementMs?: number;
}

const NAME = /^[a-z_][a-z0-9_]{0,62}$/;
const CONNECT_MS = 10_000;

/** Everything as the text that the server sent. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (() => (text: string) => text) as unknown as pg.CustomTypesConfig['getTypeParser'],
};

/** For SQL; names are taken as they stand in the catalogue. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Throws Fault: `usage` (not a URL or table name), `input` (no such table), `database`. */
export async function* streamRows(
  options: RowsOptions,
  queryOf: (columns: readonly string[], from: string) => Query,
): AsyncGenerator<readonly TextRow[]> {
  const place = urlPlace(options.url);
  const parts = options.table.split('.');
  if (parts.length > 2 || !parts.every(part => NAME.test(part)))
    throw new Fault('usage', `"${options.table}" is no table`, 'write such as radacct or radius.radacct');
  const client = new pg.Client({
    ...place.config,
    types,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: options.statementMs ?? 60_000,
    application_name: 'notice',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('begin isolation level repeatable read read only');
    await client.query("set local timezone to 'UTC'");
    await client.query("set local datestyle to 'ISO'");
    const columns = await columnsOf(client, parts);
    if (columns.length === 0)
      throw new Fault('input', `there is no table ${options.table}, or it may not be read`, 'grant select on it', {
        where: place.shown,
      });
    const { text, values } = queryOf(columns, parts.map(quoteName).join('.'));
    await client.query(`declare found no scroll cursor for ${text}`, [...values]);
    const fetch = { text: `fetch ${options.pageRows ?? 5_000} from found`, rowMode: 'array' as const };
    for (;;) {
      const { rows } = await client.query<(string | null)[]>(fetch);
      if (rows.length === 0) return;
      yield rows;
    }
  } catch (thrown) {
    throw thrown instanceof Fault ? thrown : databaseFault({ ...place, remedy: REMEDY }, thrown);
  } finally {
    await client.end().catch(() => undefined);
  }
}

const REMEDY = 'correct the address, start the database, or let its user read the table';

async function columnsOf(client: pg.Client, parts: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select attname as name from pg_attribute
     where attrelid = to_regclass($1) and attnum > 0 and not attisdropped order by attnum`,
    [parts.map(quoteName).join('.')],
  );
  return rows.map(row => row.name);
}
