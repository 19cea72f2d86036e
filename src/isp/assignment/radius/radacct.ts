/**
 * The `radacct` table of FreeRADIUS, read from PostgreSQL's COPY text, from a pg_dump, or from CSV with a header. In: the lines.
 * Out: the events of each row. A row that was read while its session was open may come again closed; the folder makes one hold
 * of both. Columns are found by name; without a header they are those of the stock schema.
 */
import { Fault } from '../../../record/fault.ts';
import type { Format, Parser } from '../event.ts';
import { type Cells, copyCells, csvRow, dumpColumns } from './copy-text.ts';
import { type RadiusOptions, radiusOptions } from './options.ts';
import { rowEvents } from './radacct-row.ts';

/** In the order of FreeRADIUS 3.2's schema for PostgreSQL. */
export const STOCK_COLUMNS: readonly string[] = [
  ...['radacctid', 'acctsessionid', 'acctuniqueid', 'username', 'realm', 'nasipaddress', 'nasportid', 'nasporttype'],
  ...['acctstarttime', 'acctupdatetime', 'acctstoptime', 'acctinterval', 'acctsessiontime', 'acctauthentic'],
  ...['connectinfo_start', 'connectinfo_stop', 'acctinputoctets', 'acctoutputoctets', 'calledstationid'],
  ...['callingstationid', 'acctterminatecause', 'servicetype', 'framedprotocol', 'framedipaddress'],
  ...['framedipv6address', 'framedipv6prefix', 'framedinterfaceid', 'delegatedipv6prefix', 'class'],
];

/** Without these a row says nothing about who held what; the others are missed where they are absent. */
export const NEEDED_COLUMNS = ['nasipaddress', 'acctstarttime', 'acctstoptime', 'framedipaddress'] as const;

type Kind = 'copy' | 'csv';

function makeRadacctParser(file: string, options: RadiusOptions): Parser {
  const ways = {
    subscriber: options.subscriber ?? 'username',
    exporter: options.exporter ?? 'nasipaddress',
    zone: options.zone,
  };
  let kind: Kind | undefined;
  let places: ReadonlyMap<string, number> | undefined;
  /** In a dump, rows are only what stands between COPY and its end. */
  let dump: 'outside' | 'inside' | undefined;

  function head(columns: readonly string[], line: number): void {
    places = new Map(columns.map((name, i) => [name, i]));
    const missing = [...NEEDED_COLUMNS, ways.subscriber].filter(name => !places?.has(name));
    if (!places.has('acctuniqueid') && !places.has('acctsessionid')) missing.push('acctuniqueid');
    if (missing.length > 0)
      throw new Fault('input', `the table lacks ${missing.join(', ')}`, 'export all columns of radacct', {
        where: `${file}:${line}`,
      });
  }

  /** True when the line was the header. */
  function begins(text: string, line: number): boolean {
    const columns = dumpColumns(text);
    if (columns) {
      kind = 'copy';
      dump = 'inside';
      head(columns, line);
      return true;
    }
    if (dump === undefined && (text.startsWith('--') || text.startsWith('SET '))) dump = 'outside';
    if (dump === 'outside') return true;
    kind = text.includes('\t') ? 'copy' : 'csv';
    const cells = kind === 'copy' ? copyCells(text) : csvRow(text);
    const names = typeof cells === 'string' ? [] : cells.map(cell => (cell ?? '').trim().toLowerCase());
    if (kind === 'csv' || names.includes('acctstarttime')) {
      head(names, line);
      return true;
    }
    head(options.columns ?? STOCK_COLUMNS, line);
    return false;
  }

  return {
    line(text, line) {
      if (text === '') return [];
      if (dump === 'outside' || !places) {
        if (begins(text, line)) return [];
      }
      if (text === '\\.') {
        if (dump === 'inside') dump = 'outside';
        return [];
      }
      const cells: Cells | string = kind === 'copy' ? copyCells(text) : csvRow(text);
      if (typeof cells === 'string') return { refused: cells };
      const at = places as ReadonlyMap<string, number>;
      if (cells.length !== at.size) return { refused: `${cells.length} columns where the header has ${at.size}` };
      const events = rowEvents(name => {
        const place = at.get(name);
        return place === undefined ? undefined : cells[place];
      }, ways);
      return typeof events === 'string' ? { refused: events } : events;
    },
    end: () => [],
  };
}

export const radacctFormat: Format = {
  name: 'radacct',
  folds: 'sessions',
  open: (file, options) => makeRadacctParser(file, radiusOptions(options, file)),
};
