/**
 * Which rows of `radacct` are new since they were last read. In: the table's columns and how far the last reading came. Out: a
 * query; afterwards, from its rows, how far this reading came. A row is new when its number is, and new again when it was
 * updated: rows whose update or stop lies not long before the newest known are read again, because packets come late and
 * transactions end out of order. Reading a row twice changes nothing.
 *
 * The stock schema has no index for this; without one the server reads the whole table each time:
 *   create index concurrently radacct_update on radacct (acctupdatetime);
 *   create index concurrently radacct_stop on radacct (acctstoptime);
 */
import { Fault } from '../../../record/fault.ts';
import type { Instant } from '../../../record/instant.ts';
import { NEEDED_COLUMNS, STOCK_COLUMNS } from './radacct.ts';
import { rowInstant } from './radacct-row.ts';

/** How far an earlier reading came. */
export interface Mark {
  /** Greatest radacctid, in decimal. */
  readonly id: string;
  /** Latest start, update or stop, ms UTC. */
  readonly at: Instant;
}

/** Rows updated up to this long before the mark are read again. */
export const OVERLAP_MS = 3_600_000;

/** Columns that say nothing about who held what stay in the database. */
const LEFT: ReadonlySet<string> = new Set([
  ...['realm', 'nasporttype', 'acctinterval', 'acctauthentic', 'connectinfo_start', 'acctinputoctets'],
  ...['acctoutputoctets', 'calledstationid', 'servicetype', 'framedprotocol', 'framedinterfaceid'],
]);
/** Of the columns that may name the line, only the one that does leaves the database. */
const NAMES = ['username', 'callingstationid', 'nasportid', 'class'];

export interface RowQuery {
  readonly text: string;
  readonly values: readonly (string | number)[];
  readonly columns: readonly string[];
}

const plain = (name: string) => /^[a-z_][a-z0-9_]*$/.test(name);

/** Throws Fault(input) when the table is none of FreeRADIUS. `from` is quoted already. */
export function rowQuery(
  there: readonly string[],
  from: string,
  mark: Mark | undefined,
  named: readonly string[],
): RowQuery {
  const has = new Set(there);
  const missing = ['radacctid', ...NEEDED_COLUMNS, ...named].filter(name => !has.has(name));
  if (missing.length > 0)
    throw new Fault('input', `the table lacks ${missing.join(', ')}`, 'name the radacct table of FreeRADIUS');
  const wanted = [...STOCK_COLUMNS.filter(name => !LEFT.has(name) && !NAMES.includes(name)), ...named];
  const columns = [...new Set(wanted)].filter(name => has.has(name) && plain(name));
  const list = columns.map(name => `"${name}"::text`).join(', ');
  const times = ['acctupdatetime', 'acctstoptime', 'acctstarttime'].filter(name => has.has(name));
  const since = mark && `where radacctid > $1 or ${times.map(name => `"${name}" >= to_timestamp($2)`).join(' or ')}`;
  return {
    columns,
    text: `select ${list} from ${from} ${since ?? ''} order by radacctid`,
    values: mark ? [mark.id, Math.floor((mark.at - OVERLAP_MS) / 1000)] : [],
  };
}

/** `now` bounds it: a server whose clock runs ahead must not hide what the others write until then. */
export function furtherMark(
  mark: Mark | undefined,
  columns: readonly string[],
  rows: readonly (readonly (string | null)[])[],
  now: Instant,
): Mark | undefined {
  const [id, ...times] = ['radacctid', 'acctupdatetime', 'acctstoptime', 'acctstarttime'].map(n => columns.indexOf(n));
  let greatest = BigInt(mark?.id ?? 0);
  let latest = mark?.at ?? 0;
  for (const row of rows) {
    const own = row[id as number];
    if (own && /^\d{1,19}$/.test(own) && BigInt(own) > greatest) greatest = BigInt(own);
    for (const place of times) {
      const at = place < 0 ? undefined : rowInstant(row[place], wall => wall);
      if (typeof at === 'number' && at <= now && at > latest) latest = at;
    }
  }
  return rows.length === 0 ? mark : { id: String(greatest), at: latest };
}

/** A row as a line of COPY's text format, which `radacctFormat` reads. */
export const copyLine = (row: readonly (string | null)[]): string =>
  row
    .map(cell =>
      cell === null
        ? '\\N'
        : cell.replace(/[\\\t\n\r]/g, c => (c === '\\' ? '\\\\' : c === '\t' ? '\\t' : c === '\n' ? '\\n' : '\\r')),
    )
    .join('\t');
