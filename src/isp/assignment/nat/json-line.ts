/**
 * Picks named values out of one JSON object in a line and builds nothing else: values of other names are stepped over, so that a
 * destination is never copied. In: a line and the wanted names. Out: their values as text, or why the line is no such object.
 * Linear in the line's length; nesting is counted, not followed.
 */
export type Picked = ReadonlyMap<string, string>;

const STRING = /"(?:[^"\\\u0000-\u001f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const BLANK = /[ \t\r]*/y;
const DEEPEST = 32;

function after(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}
const overBlank = (text: string, at: number): number => after(BLANK, text, at);

/** Past one value; -1 when there is none. */
function overValue(text: string, from: number): number {
  let at = from;
  let depth = 0;
  do {
    const sign = text[at];
    if (sign === '{' || sign === '[') {
      if (++depth > DEEPEST) return -1;
      at++;
    } else if (sign === '}' || sign === ']') {
      depth--;
      at++;
    } else if (depth > 0 && (sign === ',' || sign === ':')) at++;
    else at = after(sign === '"' ? STRING : SCALAR, text, at);
    if (at < 0 || depth < 0) return -1;
    if (depth > 0) at = overBlank(text, at);
  } while (depth > 0);
  return at;
}

const NO_OBJECT = 'the line is no JSON object';

/** A text says why not. A name that is there twice, or a wanted value that is not plain text or a number, is refused. */
export function pick(text: string, wanted: ReadonlySet<string>): Picked | string {
  const picked = new Map<string, string>();
  let at = overBlank(text, 0);
  if (text[at] !== '{') return NO_OBJECT;
  at = overBlank(text, at + 1);
  if (text[at] === '}') return picked;
  for (;;) {
    const nameEnd = text[at] === '"' ? after(STRING, text, at) : -1;
    if (nameEnd < 0) return NO_OBJECT;
    const isLong = nameEnd - at > 66;
    const name = isLong ? '' : text.slice(at + 1, nameEnd - 1);
    at = overBlank(text, nameEnd);
    if (text[at] !== ':') return NO_OBJECT;
    const valueAt = overBlank(text, at + 1);
    const valueEnd = overValue(text, valueAt);
    if (valueEnd < 0) return NO_OBJECT;
    if (wanted.has(name)) {
      if (picked.has(name)) return `"${name}" is there twice`;
      const value = plain(text, valueAt, valueEnd);
      if (value === undefined) return `"${name}" is no plain value`;
      picked.set(name, value);
    }
    at = overBlank(text, valueEnd);
    if (text[at] === '}') break;
    if (text[at] !== ',') return NO_OBJECT;
    at = overBlank(text, at + 1);
  }
  return overBlank(text, at + 1) === text.length ? picked : NO_OBJECT;
}

function plain(text: string, from: number, to: number): string | undefined {
  if (to - from > 202) return undefined;
  const sign = text[from];
  if (sign === '{' || sign === '[') return undefined;
  const value = sign === '"' ? text.slice(from + 1, to - 1) : text.slice(from, to);
  return value.includes('\\') || value === 'null' ? undefined : value;
}
