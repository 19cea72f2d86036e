/**
 * Contacts from the ISP's own database: one statement of its own with one parameter, the line. In: the statement and a way to run
 * it. Out: a contact source. The statement names its columns as the customer file does; a line with two rows is nobody.
 */
import { Fault } from '../../record/fault.ts';
import { type ContactSource, contactOf, type Field } from './contact.ts';

/** Runs one statement with its parameters and gives its rows. */
export type RowSource = (
  statement: string,
  parameters: readonly string[],
) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** What is wrong with a statement; undefined when it takes exactly the line and only reads. */
export function statementFault(statement: string): string | undefined {
  const parameters = new Set([...statement.matchAll(/\$(\d+)/g)].map(m => m[1]));
  if (parameters.size !== 1 || !parameters.has('1')) return 'the statement must have one parameter, $1, for the line';
  if (!/^\s*(select|with)\b/i.test(statement)) return 'the statement must be a SELECT';
  return /;\s*\S/.test(statement) ? 'there is more than one statement' : undefined;
}

const text = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'bigint' ? String(value) : '';

export function contactsByStatement(statement: string, rows: RowSource, where: string): ContactSource {
  const fault = statementFault(statement);
  if (fault)
    throw new Fault('input', fault, 'write such as SELECT name, email FROM customer WHERE line = $1', { where });
  return {
    lookUp: async subscriber => {
      let found: Awaited<ReturnType<RowSource>>;
      try {
        found = await rows(statement, [subscriber]);
      } catch (thrown) {
        // A database's message can repeat what it was asked: only its code is kept.
        const code = (thrown as { code?: unknown }).code;
        const why = typeof code === 'string' && /^\w{1,20}$/.test(code) ? ` (${code})` : '';
        return { refused: `the database does not answer${why}`, where, later: true };
      }
      const [row, second] = found;
      if (!row) return 'unknown';
      if (second) return { refused: 'the line has two rows', where, later: false };
      const contact = contactOf(subscriber, (name: Field) => text(row[name]));
      return typeof contact === 'string' ? { refused: contact, where, later: false } : contact;
    },
  };
}
