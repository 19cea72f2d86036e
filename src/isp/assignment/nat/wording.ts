/**
 * How a vendor words a record, as data: the text itself with `{field}` where a value stands. In: a wording. Out: a reader that
 * takes the fields out of a line and nothing else; `{skip}` is passed over without being taken, so a destination is never
 * copied. A wording is matched from where the record begins; what follows it is not looked at.
 */
import { Fault } from '../../../record/fault.ts';

/** Classes are bounded in length and hold no blank, so matching is linear whatever the line. */
const CLASSES = {
  /** An address of either family. */
  inside: '[0-9A-Fa-f.:]{2,45}|-',
  inside6: '[0-9A-Fa-f.:]{2,45}|-',
  outside: '[0-9.]{7,15}',
  first: '\\d{1,5}',
  last: '\\d{1,5}|-',
  protocol: '[A-Za-z0-9]{1,8}|-',
  realm: '[^\\s\\]|/]{1,80}',
  /** Seconds since 1970, hexadecimal: when the block was given. */
  epoch: '(?:0x)?[0-9A-Fa-f]{1,16}',
  tie: '\\d{1,20}',
  /** What the box calls the service of a session. */
  service: '[^\\s\\]]{1,64}',
  /** Seconds that the session lasted. */
  elapsed: '\\d{1,9}',
} as const;
export type Field = keyof typeof CLASSES;
export type Fields = Readonly<Partial<Record<Field, string>>>;

/** Passed over. A `skip` must end at a blank or bracket and `words` at a colon, which they do not hold themselves. */
const SKIPPED: Readonly<Record<string, { readonly source: string; readonly ends: string }>> = {
  skip: { source: '[^\\s\\]]{1,255}', ends: ' ]' },
  words: { source: '[^:\\]]{1,60}', ends: ':' },
  number: { source: '\\d{1,10}', ends: '' },
  /** An address and port that are none of ours. */
  elsewhere: { source: '[0-9A-Fa-f.:]{2,52}', ends: ',' },
};

const quoted = (text: string) => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&').replace(/ +/g, ' {1,4}');

export type Wording = (text: string, from: number) => Fields | undefined;

/** Fault(input) when the wording names a field that does not exist, or two fields with nothing between them. */
export function wordingOf(template: string, where: string): Wording {
  let source = '';
  let rest = template;
  for (let m = /\{(\w+)\}/.exec(rest); m; m = /\{(\w+)\}/.exec(rest)) {
    const name = m[1] as string;
    if (m.index === 0 && source !== '')
      throw new Fault('input', 'a wording has two fields side by side', 'put a sign between them', { where });
    const skipped = SKIPPED[name];
    const wanted = Object.hasOwn(CLASSES, name) ? CLASSES[name as Field] : undefined;
    if (skipped === undefined && wanted === undefined)
      throw new Fault('input', `a wording has the unknown field {${name}}`, 'use the fields of the guide', { where });
    source += quoted(rest.slice(0, m.index)) + (skipped ? skipped.source : `(?<${name}>${wanted})`);
    rest = rest.slice(m.index + m[0].length);
    if (skipped && skipped.ends !== '' && rest !== '' && !skipped.ends.includes(rest[0] as string))
      throw new Fault('input', `{${name}} in a wording ends at nothing it can be told from`, 'end it with a blank', {
        where,
      });
  }
  // A number must not be taken in part, nor the first port of a range for a port.
  const pattern = new RegExp(`${source}${quoted(rest)}${rest === '' ? '(?![\\w-])' : ''}`, 'y');
  return (text, from) => {
    pattern.lastIndex = from;
    return pattern.exec(text)?.groups;
  };
}

/** RFC 5424 §6.3.3: `name="value"` from `from` on. Undefined when the parameter is not there, is too long or has escapes. */
export function parameter(text: string, name: string, from: number): string | undefined {
  const sought = `${name}="`;
  for (let at = text.indexOf(sought, from); at >= 0; at = text.indexOf(sought, at + 1)) {
    // The end of a longer name is another parameter.
    const before = text[at - 1];
    if (before !== ' ' && before !== '[') continue;
    const begin = at + sought.length;
    const end = text.indexOf('"', begin);
    if (end < 0 || end - begin > 255) return undefined;
    const value = text.slice(begin, end);
    return value.includes('\\') ? undefined : value;
  }
  return undefined;
}
