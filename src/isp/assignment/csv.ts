/**
 * A plain list for lines that keep their address: `address[,port_from,port_to],subscriber,from,to`, the columns in any order,
 * found by the header. Instants are ISO 8601 with a zone; `to` may be empty while the line is still held. What the list
 * says is taken as proven from `from` to `to`.
 */
import { parseIpv4 } from '../../record/address.ts';
import { Fault } from '../../record/fault.ts';
import { instantOf } from '../../record/instant.ts';
import type { Builder } from './builder.ts';
import type { Format } from './event.ts';
import { linesOf } from './lines.ts';
import { makeReading, type Reading, reach, reject } from './reading.ts';

interface Row {
  readonly address: number;
  readonly portFrom: number;
  readonly portTo: number;
  readonly subscriber: string;
  readonly from: number;
  readonly to: number;
}

const NEEDED = ['address', 'subscriber', 'from', 'to'];

/** RFC 4180 §2 within one line: quotes around a field, doubled quotes inside. Undefined when a quote is left open. */
export function csvCells(line: string): string[] | undefined {
  if (!line.includes('"')) return line.split(',');
  const cells: string[] = [];
  let at = 0;
  while (at <= line.length) {
    if (line[at] !== '"') {
      const end = line.indexOf(',', at);
      cells.push(line.slice(at, end < 0 ? undefined : end));
      if (end < 0) return cells;
      at = end + 1;
      continue;
    }
    let cell = '';
    for (at++; ; ) {
      const quote = line.indexOf('"', at);
      if (quote < 0) return undefined;
      cell += line.slice(at, quote);
      at = quote + 1;
      if (line[at] !== '"') break;
      cell += '"';
      at++;
    }
    cells.push(cell);
    if (at === line.length) return cells;
    if (line[at] !== ',') return undefined;
    at++;
  }
  return cells;
}

const portOf = (text: string | undefined, otherwise: number): number | undefined => {
  if (text === undefined || text === '') return otherwise;
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
};

function rowOf(cell: (name: string) => string | undefined): Row | string {
  const address = parseIpv4(cell('address') ?? '');
  if (address === undefined) return 'the address is no IPv4 address';
  const subscriber = (cell('subscriber') ?? '').trim();
  if (subscriber === '' || subscriber.includes('\ufffd')) return 'there is no readable subscriber';
  const portFrom = portOf(cell('port_from'), 0);
  const portTo = portOf(cell('port_to'), 65_535);
  if (portFrom === undefined || portTo === undefined || portFrom > portTo) return 'the ports are no range';
  const from = instantOf(cell('from') ?? '');
  if (from === undefined) return '"from" is no ISO 8601 instant with a zone';
  const to = cell('to') ? instantOf(cell('to') as string) : Number.POSITIVE_INFINITY;
  if (to === undefined) return '"to" is no ISO 8601 instant with a zone';
  return to < from ? '"to" is before "from"' : { address, portFrom, portTo, subscriber, from, to };
}

/** Throws Fault(input) when a column is missing. */
function headerOf(cells: readonly string[], file: string): ReadonlyMap<string, number> {
  const header = new Map(cells.map((name, i) => [name.trim(), i]));
  const missing = NEEDED.filter(name => !header.has(name));
  if (missing.length)
    throw new Fault('input', `the header lacks ${missing.join(', ')}`, 'write address,subscriber,from,to', {
      where: `${file}:1`,
    });
  return header;
}

export const csvFormat: Format = {
  name: 'csv',
  folds: 'held',
  open(file) {
    let header: ReadonlyMap<string, number> | undefined;
    return {
      line(text) {
        if (text === '') return [];
        const cells = csvCells(text);
        if (!cells) return { refused: 'a quote is left open' };
        if (!header) {
          header = headerOf(cells, file);
          return [];
        }
        const columns = header;
        if (cells.length !== columns.size)
          return { refused: `${cells.length} columns where the header has ${columns.size}` };
        const row = rowOf(name => cells[columns.get(name) ?? -1]);
        if (typeof row === 'string') return { refused: row };
        const { address, portFrom, portTo, subscriber, from, to } = row;
        const holder = { family: 4 as const, address, portFrom, portTo };
        const common = { at: from, errorMs: 0, exporter: '', session: '', holder, subscriber };
        return [{ ...common, what: 'held', from, to: to === Number.POSITIVE_INFINITY ? null : to }];
      },
      end: () => [],
    };
  },
};

export async function readCsv(
  files: readonly string[],
  builder: Builder,
  fed: (chunk: Uint8Array) => void,
): Promise<Reading> {
  const reading = makeReading();
  for (const file of files) {
    let header: ReadonlyMap<string, number> | undefined;
    for await (const [line, text] of linesOf(file, fed)) {
      if (text === '') continue;
      const cells = text === undefined ? undefined : csvCells(text);
      if (!cells) {
        reject(reading, file, line, text === undefined ? 'the line is too long' : 'a quote is left open');
        continue;
      }
      if (!header) {
        header = headerOf(cells, file);
        continue;
      }
      const columns = header;
      if (cells.length !== columns.size) {
        reject(reading, file, line, `${cells.length} columns where the header has ${columns.size}`);
        continue;
      }
      const row = rowOf(name => cells[columns.get(name) ?? -1]);
      if (typeof row === 'string') {
        reject(reading, file, line, row);
        continue;
      }
      reading.used++;
      reach(reading, row.from);
      reach(reading, row.to);
      builder.add(row.address, row.portFrom, row.portTo, builder.intern(row.subscriber), {
        sureFrom: row.from,
        sureTo: row.to,
        possibleFrom: row.from,
        possibleTo: row.to,
      });
    }
  }
  return reading;
}
