/**
 * Which column of a list says what. In: the header, and what the caller declared. Out: a place for each thing that a hold needs;
 * Fault(input) when one is missing, Fault(usage) when a declaration makes no sense.
 */
import { Fault } from '../../record/fault.ts';

/** What a column can say, and its name where none is declared. */
const NAMES = {
  address: 'address',
  subscriber: 'subscriber',
  from: 'from',
  to: 'to',
  portFrom: 'port_from',
  portTo: 'port_to',
  exporter: 'exporter',
} as const;
export type CsvColumn = keyof typeof NAMES;
const NEEDED: readonly CsvColumn[] = ['address', 'subscriber', 'from', 'to'];

export type CsvColumns = Readonly<Partial<Record<CsvColumn, string>>>;

/** `address=ip,subscriber=user,from=start,to=stop`. Throws Fault(usage). */
export function csvColumnsOf(text: string): CsvColumns {
  const columns: Partial<Record<CsvColumn, string>> = {};
  for (const pair of text.split(',')) {
    const [what = '', name = '', more] = pair.split('=').map(part => part.trim());
    if (!Object.hasOwn(NAMES, what) || name === '' || more !== undefined)
      throw new Fault(
        'usage',
        `"${pair}" declares no column`,
        `write NAME=COLUMN, where NAME is one of ${Object.keys(NAMES).join(', ')}`,
      );
    columns[what as CsvColumn] = name;
  }
  return columns;
}

/** Places in a row; -1 where the list does not say it. */
export type CsvPlaces = Readonly<Record<CsvColumn, number>> & { readonly width: number };

export function csvPlaces(header: readonly string[], declared: CsvColumns, where: string): CsvPlaces {
  const names = header.map(name => name.replace(/^\ufeff/, '').trim());
  const place = (column: CsvColumn) => names.indexOf(declared[column] ?? NAMES[column]);
  const all = Object.fromEntries(Object.keys(NAMES).map(c => [c, place(c as CsvColumn)])) as Record<CsvColumn, number>;
  const wanted = [...NEEDED, ...(Object.keys(declared) as CsvColumn[])];
  const missing = [...new Set(wanted)].filter(column => all[column] < 0).map(c => declared[c] ?? NAMES[c]);
  if (missing.length)
    throw new Fault('input', `the header lacks ${missing.join(', ')}`, 'write address,subscriber,from,to', { where });
  return { ...all, width: names.length };
}
