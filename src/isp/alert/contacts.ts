/**
 * The ISP's customer file: `subscriber,name,email,postcode,address1,address2,language`, columns found by the header. Only the
 * lines asked for are kept, and only for as long as the caller holds them. A customer whose row is malformed is not
 * written to: the row is named instead.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Contact } from '../../record/alert.ts';
import { Fault, fileFault } from '../../record/fault.ts';

export interface FoundContacts {
  readonly contacts: ReadonlyMap<string, Contact>;
  /** `file:line` and why, of rows of asked-for lines that cannot be used. */
  readonly rejected: readonly { readonly where: string; readonly why: string }[];
}

const COLUMNS = ['subscriber', 'name', 'email', 'postcode', 'address1', 'address2', 'language'] as const;
type Column = (typeof COLUMNS)[number];

/** RFC 4180 §2 within one line; undefined when a quote is left open. */
function cellsOf(line: string): string[] | undefined {
  const cells = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))(?=,|$)/g)];
  const whole = cells.reduce((sum, m) => sum + m[0].length, 0) === line.length;
  return whole ? cells.map(m => m[1]?.replaceAll('""', '"') ?? m[2] ?? '') : undefined;
}

/** One address and nothing that could become another header or another recipient. */
const MAIL = /^[^\s@<>(),;:"\\[\]]{1,64}@[A-Za-z0-9.-]{1,253}$/;
const CONTROL = /[\u0000-\u001f\u007f\u2028\u2029]/;

function contactOf(cell: (name: Column) => string): Contact | string {
  const email = cell('email').trim();
  const postcode = cell('postcode').trim();
  const language = cell('language').trim() || 'ja';
  const address = [cell('address1').trim(), cell('address2').trim()].filter(Boolean);
  const name = cell('name').trim();
  if (name === '') return 'there is no name';
  if ([name, ...address].some(text => CONTROL.test(text))) return 'a control character is in it';
  if (email !== '' && !MAIL.test(email)) return 'the e-mail address is malformed';
  if (postcode !== '' && !/^\d{3}-?\d{4}$/.test(postcode)) return 'the postcode is not seven digits';
  if (language !== 'ja' && language !== 'en') return 'the language is neither ja nor en';
  const hyphened = postcode === '' ? '' : `${postcode.slice(0, 3)}-${postcode.slice(-4)}`;
  return { subscriber: cell('subscriber'), name, email: email || null, postcode: hyphened, address, language };
}

export async function findContacts(file: string, wanted: ReadonlySet<string>): Promise<FoundContacts> {
  const contacts = new Map<string, Contact>();
  const rejected: { where: string; why: string }[] = [];
  if (wanted.size === 0) return { contacts, rejected };
  const twice = new Set<string>();
  let columns: ReadonlyMap<string, number> | undefined;
  let number = 0;
  try {
    const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
    for await (const line of lines) {
      number++;
      const cells = cellsOf(number === 1 ? line.replace(/^\ufeff/, '') : line);
      if (!columns) {
        columns = new Map(cells?.map((name, i) => [name.trim(), i]));
        const missing = COLUMNS.filter(name => !columns?.has(name));
        if (missing.length > 0)
          throw new Fault('input', `the header lacks ${missing.join(', ')}`, 'add the columns', { where: `${file}:1` });
        continue;
      }
      const header = columns;
      const cell = (name: Column) => cells?.[header.get(name) ?? -1] ?? '';
      const subscriber = cell('subscriber');
      if (!wanted.has(subscriber)) continue;
      const where = `${file}:${number}`;
      const contact = cells ? contactOf(cell) : 'a quote is left open';
      if (typeof contact === 'string') rejected.push({ where, why: contact });
      else if (twice.has(subscriber)) continue;
      else if (contacts.delete(subscriber)) {
        // Two rows for one line: we do not know which of them lives there.
        twice.add(subscriber);
        rejected.push({ where, why: 'the line has two rows' });
      } else contacts.set(subscriber, contact);
    }
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown;
    throw fileFault(thrown, file);
  }
  return { contacts, rejected };
}

export const canBeWrittenTo = (contact: Contact): boolean => contact.postcode !== '' && contact.address.length > 0;
