/**
 * One line of a detail record: `<tab>Name = value`. In: the line. Out: name and value, quotes and backslashes taken off
 * (FreeRADIUS prints what is not printable as octal bytes); undefined for anything else.
 */
export interface Attribute {
  readonly name: string;
  readonly value: string;
}

const OPERATORS = [' = ', ' += ', ' := '];

export function attributeOf(line: string): Attribute | undefined {
  let end = -1;
  let width = 0;
  for (const operator of OPERATORS) {
    const at = line.indexOf(operator, 1);
    if (at > 0 && (end < 0 || at < end)) {
      end = at;
      width = operator.length;
    }
  }
  if (end < 2) return undefined;
  const name = line.slice(1, end);
  const raw = line.slice(end + width);
  if (!raw.startsWith('"')) return { name, value: raw };
  if (raw.length < 2 || !raw.endsWith('"')) return undefined;
  const inner = raw.slice(1, -1);
  return { name, value: inner.includes('\\') ? unescaped(inner) : inner };
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
