/**
 * One line of a detail record: `<tab>Name = value`. In: the line. Out: where its name ends, and its value with quotes and backslashes
 * taken off (FreeRADIUS prints what is not printable as octal bytes).
 */

/** The name is line[1, end), the value begins at `value`; undefined when the line is no attribute. */
export interface Place {
  readonly end: number;
  readonly value: number;
}

const SPACE = 32;
const EQUALS = 61;

export function placeOf(line: string): Place | undefined {
  const end = line.indexOf(' ', 1);
  if (end < 2) return undefined;
  const first = line[end + 1];
  // `=`, or `+=` and `:=` of configurations.
  const equals = first === '+' || first === ':' ? end + 2 : end + 1;
  if (line.charCodeAt(equals) !== EQUALS || line.charCodeAt(equals + 1) !== SPACE) return undefined;
  return { end, value: equals + 2 };
}

/** Undefined when a quote is left open. */
export function valueAt(line: string, from: number): string | undefined {
  if (line[from] !== '"') return line.slice(from);
  if (line.length < from + 2 || !line.endsWith('"')) return undefined;
  const inner = line.slice(from + 1, -1);
  return inner.includes('\\') ? unescaped(inner) : inner;
}

const SHORT: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9 };

function unescaped(text: string): string {
  const bytes: Buffer[] = [];
  let from = 0;
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', from)) {
    bytes.push(Buffer.from(text.slice(from, at)));
    const octal = /^[0-3][0-7]{2}/.exec(text.slice(at + 1, at + 4));
    const next = text[at + 1] ?? '\\';
    if (octal) bytes.push(Buffer.of(Number.parseInt(octal[0], 8)));
    else bytes.push(next in SHORT ? Buffer.of(SHORT[next] as number) : Buffer.from(next));
    from = at + 1 + (octal ? 3 : 1);
  }
  bytes.push(Buffer.from(text.slice(from)));
  return Buffer.concat(bytes).toString('utf8');
}
