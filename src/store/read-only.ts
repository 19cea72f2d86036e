/**
 * Somebody else's PostgreSQL, only to read: the ISP's own customer database. In: where it is, a password file. Out: a way to run one
 * statement with its parameters in a transaction that cannot write, with a time-out of the server's own. Two connections at most.
 */
import pg from 'pg';
import { SECOND } from '../record/instant.ts';
import { urlPlace } from './pool.ts';

export interface ReadOnly {
  rows(statement: string, parameters: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

export interface ReadOnlyOptions {
  readonly url: string;
  readonly password?: string;
  readonly timeoutMs?: number;
}

/** Rows of one answer; a statement that gives more is told so and gives none. */
const ROWS_MOST = 1_000;

/** Connects when first asked. Throws Fault('usage') for what is no PostgreSQL address. */
export function openReadOnly({ url, password, timeoutMs = 10 * SECOND }: ReadOnlyOptions): ReadOnly {
  const pool = new pg.Pool({
    ...urlPlace(url).config,
    ...(password === undefined ? {} : { password }),
    max: 2,
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    query_timeout: timeoutMs + SECOND,
    idleTimeoutMillis: 30_000,
    allowExitOnIdle: true,
  });
  pool.on('error', () => undefined);
  return {
    rows: async (statement, parameters) => {
      const client = await pool.connect();
      let broken: Error | undefined;
      try {
        await client.query('begin transaction read only');
        const { rows } = await client.query<Record<string, unknown>>(statement, [...parameters]);
        await client.query('rollback');
        if (rows.length > ROWS_MOST) throw new RangeError(`more than ${ROWS_MOST} rows`);
        return rows;
      } catch (thrown) {
        // A connection in the middle of something is not given to the next question.
        broken = thrown instanceof Error ? thrown : new Error('failed', { cause: thrown });
        throw thrown;
      } finally {
        client.release(broken);
      }
    },
    close: () => pool.end(),
  };
}
