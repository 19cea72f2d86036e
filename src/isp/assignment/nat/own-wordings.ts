/**
 * Wordings that an ISP gave its boxes itself. In: option `wordings`, a list of `{ "what": "begin", "text": "PBA {inside} …" }`. Out: a
 * dialect that reads them; undefined when there are none. Fault(input) when a wording cannot be told from other text.
 */
import { Fault } from '../../../record/fault.ts';
import type { Dialect, Said } from './dialect.ts';
import { type Wording, wordingOf } from './wording.ts';

const WHATS: readonly Said['what'][] = ['begin', 'alive', 'end', 'heard'];
const MOST = 50;
/** So much plain text must stand before the first field. */
const LEAST = 4;

interface Own {
  readonly what: Said['what'];
  readonly begins: string;
  readonly wording: Wording;
}

export function ownWordings(name: string, value: unknown, where: string): Dialect | undefined {
  if (value === undefined) return undefined;
  const wrong = (what: string) =>
    new Fault('input', `option "wordings" ${what}`, 'write [{"what":"begin","text":"…{inside}…"}]', { where });
  if (!Array.isArray(value) || value.length > MOST) throw wrong(`is no list of at most ${MOST}`);
  const all = value.map((entry: unknown): Own => {
    const { what, text } = (entry ?? {}) as { readonly what?: unknown; readonly text?: unknown };
    const known = WHATS.find(w => w === what);
    if (!known || typeof text !== 'string') throw wrong('has an entry without "what" or "text"');
    const begins = text.slice(0, text.includes('{') ? text.indexOf('{') : undefined);
    if (begins.trim().length < LEAST || begins.includes('  '))
      throw wrong(`has an entry that does not begin with ${LEAST} letters of its own`);
    if (known !== 'heard' && !['{inside}', '{outside}', '{first}'].every(field => text.includes(field)))
      throw wrong('has an entry without {inside}, {outside} or {first}');
    return { what: known, begins, wording: wordingOf(text, where) };
  });
  return {
    name,
    find(text) {
      const found = all.map(own => text.indexOf(own.begins)).filter(at => at >= 0);
      return found.length === 0 ? -1 : Math.min(...found);
    },
    read(text, from) {
      for (const { what, begins, wording } of all) {
        if (!text.startsWith(begins, from)) continue;
        const fields = wording(text, from);
        if (fields) return [{ what, fields }];
      }
      return ['the record is not worded as the options say'];
    },
  };
}
