/**
 * The ISP's customer file: `subscriber,name,email,postcode,address1,address2,language`, columns found by the header. Only the
 * lines asked for are kept, and only until they are answered; those asked for together are found in one reading. A
 * customer whose row is malformed is not written to: the row is named instead.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Fault, fileFault } from '../../record/fault.ts';
import { type ContactSource, contactOf, FIELDS, type LookedUp } from './contact.ts';

const COLUMNS = ['subscriber', ...FIELDS] as const;

/** RFC 4180 §2 within one line; undefined when a quote is left open. */
function cellsOf(line: string): string[] | undefined {
  const cells = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))(?=,|$)/g)];
  const whole = cells.reduce((sum, m) => sum + m[0].length, 0) === line.length;
  return whole ? cells.map(m => m[1]?.replaceAll('""', '"') ?? m[2] ?? '') : undefined;
}

function columnsOf(cells: readonly string[] | undefined, file: string): ReadonlyMap<string, number> {
  const columns = new Map(cells?.map((name, i) => [name.trim(), i]));
  const missing = COLUMNS.filter(name => !columns.has(name));
  if (missing.length === 0) return columns;
  throw new Fault('input', `the header lacks ${missing.join(', ')}`, 'add the columns', { where: `${file}:1` });
}

/** What the file says of each of these lines. Faults: the file cannot be read, or its header lacks a column. */
export async function findCustomers(file: string, wanted: ReadonlySet<string>): Promise<Map<string, LookedUp>> {
  const found = new Map<string, LookedUp>();
  if (wanted.size === 0) return found;
  let columns: ReadonlyMap<string, number> | undefined;
  let number = 0;
  try {
    const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
    for await (const line of lines) {
      number++;
      const cells = cellsOf(number === 1 ? line.replace(/^\ufeff/, '') : line);
      if (!columns) {
        columns = columnsOf(cells, file);
        continue;
      }
      const header = columns;
      const cell = (name: (typeof COLUMNS)[number]) => cells?.[header.get(name) ?? -1] ?? '';
      const subscriber = cell('subscriber');
      if (!wanted.has(subscriber)) continue;
      const refuse = (refused: string): LookedUp => ({ refused, where: `${file}:${number}`, later: false });
      // Two rows for one line: we do not know which of them lives there.
      if (found.has(subscriber)) found.set(subscriber, refuse('the line has two rows'));
      else {
        const contact = cells ? contactOf(subscriber, cell) : 'a quote is left open';
        found.set(subscriber, typeof contact === 'string' ? refuse(contact) : contact);
      }
    }
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown;
    throw fileFault(thrown, file);
  }
  return found;
}

export function customersFile(file: string): ContactSource {
  let asked: { readonly wanted: Set<string>; readonly found: Promise<Map<string, LookedUp>> } | undefined;
  return {
    lookUp: async subscriber => {
      if (!asked) {
        const wanted = new Set<string>();
        // Whoever asks before the reading begins is answered by it.
        const found = new Promise<void>(soon => setImmediate(soon)).then(() => {
          asked = undefined;
          return findCustomers(file, wanted);
        });
        asked = { wanted, found };
      }
      asked.wanted.add(subscriber);
      return (await asked.found).get(subscriber) ?? 'unknown';
    },
  };
}
