/**
 * Decides which SQL may pass to the embedded engine. All logins share its one session, and PostgreSQL lets that session
 * take any role by SET, RESET and DISCARD. So a statement passes only when it begins with one of a few words, none of
 * which can change the session, define code or run text as SQL.
 *
 * It does not try to lex SQL as the server does: any semicolon, be it inside a literal or a comment, counts as the end of
 * a statement, and a comment before a statement is refused. A misreading can only refuse what is harmless.
 */
import { type Message, textAt } from './wire.ts';

const ALLOWED = new Set([
  'select',
  'insert',
  'update',
  'delete',
  'merge',
  'with',
  'values',
  'table',
  'explain',
  'begin',
  'start',
  'commit',
  'end',
  'rollback',
  'abort',
  'savepoint',
  'release',
  'lock',
  'show',
]);

/** Exactly the white space of PostgreSQL's scanner. */
const OPENING = /^[ \t\n\r\f\v(]*([A-Za-z_]*)(.?)/s;
const SET_TRANSACTION = /^[ \t\n\r\f\v]*set[ \t\n\r\f\v]+transaction[ \t\n\r\f\v]/i;
const BLANK = /^[ \t\n\r\f\v]*$/;
/** What may follow the word: anything that cannot continue an identifier, and no byte outside ASCII. */
const WORD_END = /^[ \t\n\r\f\v()*'"\-+/:,]?$/;

/** Undefined when every statement in `sql` may run; else the word that stands where an allowed one should. */
export function refusedWord(sql: string): string | undefined {
  for (const statement of sql.split(';')) {
    if (BLANK.test(statement) || SET_TRANSACTION.test(statement)) continue;
    const opening = OPENING.exec(statement) as RegExpExecArray;
    const word = (opening[1] as string).toLowerCase();
    if (!ALLOWED.has(word) || !WORD_END.test(opening[2] as string)) return word || statement.trim().slice(0, 12);
  }
  return undefined;
}

/** Why a batch may not run, as an SQLSTATE and a sentence; undefined when it may. */
export function refusedBatch(batch: readonly Message[]): { readonly code: string; readonly text: string } | undefined {
  for (const { type, bytes } of batch) {
    if (type === 'F') return { code: '0A000', text: 'the embedded store takes no function-call message' };
    if (type !== 'Q' && type !== 'P') continue;
    let sql = textAt(bytes, 5);
    if (type === 'P') {
      if (sql.text !== '')
        return { code: '0A000', text: 'the embedded store keeps no named prepared statement: its session is shared' };
      sql = textAt(bytes, sql.end);
    }
    const word = refusedWord(sql.text);
    if (word !== undefined)
      return { code: '42501', text: `the embedded store does not run a statement that begins with "${word}"` };
  }
  return undefined;
}
