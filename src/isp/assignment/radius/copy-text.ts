/**
 * Rows of a table as PostgreSQL writes them: COPY's text format (tabs, `\N` for null, backslash escapes), bare or inside a pg_dump,
 * or CSV with a header. In: lines. Out: cells by place, null for null, undefined where empty and null look alike; a string says why
 * a row is malformed.
 */
export type Cells = readonly (string | null | undefined)[];

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function unescaped(cell: string): string {
  return cell.replace(
    /\\(?:x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|(.?))/g,
    (_all, hex?: string, octal?: string, other?: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      return other === undefined || other === '' ? '\\' : (ESCAPES[other] ?? other);
    },
  );
}

export const copyCells = (line: string): Cells =>
  line.split('\t').map(cell => (cell === '\\N' ? null : cell.includes('\\') ? unescaped(cell) : cell));

const FIELD = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;

/** PostgreSQL writes null as nothing and the empty text as two quotes; who never writes quotes does not tell them apart. */
export function csvRow(line: string): Cells | string {
  const empty = line.includes('""') ? null : undefined;
  const cells: (string | null | undefined)[] = [];
  FIELD.lastIndex = 0;
  for (;;) {
    const m = FIELD.exec(line);
    if (!m) return 'the quotes of the row do not match';
    const [, quoted, bare = ''] = m;
    if (quoted !== undefined) cells.push(quoted.replaceAll('""', '"'));
    else cells.push(bare === '' ? empty : bare === 'NULL' || bare === '\\N' ? null : bare);
    if (m[3] === '') return cells;
  }
}

/** The columns that a dump's `COPY radacct (a, b) FROM stdin;` names; undefined when the line is none. */
export function dumpColumns(line: string): string[] | undefined {
  const m = /^COPY (?:[\w"]{1,63}\.)?"?radacct"? \(([^()]{1,4000})\) FROM stdin;$/.exec(line);
  return m ? (m[1] as string).split(',').map(name => name.trim().replaceAll('"', '').toLowerCase()) : undefined;
}
