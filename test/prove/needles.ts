/**
 * Finds many needles in bytes at once. In: what must not be on disk. Out: a search over buffers. Aho and Corasick's
 * automaton (1975) over bytes, with one column for each byte that occurs in a needle and one for all others.
 *
 * A needle is looked for as it is, and as base64, base64url (each at its three alignments) and hex would show it: text
 * that was signed but not sealed, or dumped, is as open as plain text. A needle that begins or ends with a digit counts
 * only where the digits end too: 127.64.0.1 is not in 127.64.0.12, and a code is not in a longer number.
 */

export interface Needle {
  /** What sort of secret; reported instead of the secret. */
  readonly kind: string;
  readonly text: string;
}

export interface Found {
  readonly needle: Needle;
  readonly form: Form;
  readonly offset: number;
}

export type Form = 'plain' | 'base64' | 'hex' | 'utf16';

interface Pattern {
  readonly needle: Needle;
  readonly form: Form;
  readonly bytes: Buffer;
}

/** Encodings shorter than this would be found by chance. */
const SHORTEST_ENCODED = 8;

/** The characters of the base64 that do not depend on what stands before or after the needle. */
function base64Cores(text: Buffer): string[] {
  return [0, 1, 2].map(shift => {
    const encoded = Buffer.concat([Buffer.alloc(shift), text])
      .toString('base64')
      .replaceAll('=', '');
    const first = Math.ceil((shift * 8) / 6);
    const last = Math.floor(((shift + text.length) * 8) / 6);
    return encoded.slice(first, last);
  });
}

function patternsOf(needle: Needle): Pattern[] {
  const plain = Buffer.from(needle.text, 'utf8');
  const cores = base64Cores(plain);
  const url = cores.map(core => core.replaceAll('+', '-').replaceAll('/', '_'));
  const hex = plain.toString('hex');
  const encoded: [Form, string][] = [
    ...[...new Set([...cores, ...url])].map((core): [Form, string] => ['base64', core]),
    ['hex', hex],
    ['hex', hex.toUpperCase()],
  ];
  return [
    { needle, form: 'plain', bytes: plain },
    { needle, form: 'utf16', bytes: Buffer.from(needle.text, 'utf16le') },
    ...encoded
      .filter(([, text]) => text.length >= SHORTEST_ENCODED)
      .map(([form, text]) => ({ needle, form, bytes: Buffer.from(text, 'latin1') })),
  ];
}

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39;

export interface Search {
  /** Every needle in the buffer; each needle at most once. */
  in(data: Uint8Array): Found[];
}

export function compileNeedles(needles: readonly Needle[]): Search {
  const patterns = needles.filter(n => n.text.length > 0).flatMap(patternsOf);
  const column = new Uint16Array(256);
  let columns = 1;
  for (const { bytes } of patterns) for (const byte of bytes) if (column[byte] === 0) column[byte] = columns++;
  const most = patterns.reduce((sum, p) => sum + p.bytes.length, 1);
  const go = new Int32Array(most * columns);
  const fail = new Int32Array(most);
  /** Patterns that end in a state, and the nearest state behind it in which some end. */
  const ends = new Map<number, number[]>();
  const shorter = new Int32Array(most);
  let states = 1;
  for (const [n, { bytes }] of patterns.entries()) {
    let state = 0;
    for (const byte of bytes) {
      const at = state * columns + (column[byte] as number);
      if (go[at] === 0) go[at] = states++;
      state = go[at] as number;
    }
    ends.set(state, [...(ends.get(state) ?? []), n]);
  }
  const queue: number[] = [];
  for (let c = 0; c < columns; c++) if (go[c] !== 0) queue.push(go[c] as number);
  for (let n = 0; n < queue.length; n++) {
    const state = queue[n] as number;
    const back = fail[state] as number;
    shorter[state] = ends.has(back) ? back : (shorter[back] as number);
    for (let c = 0; c < columns; c++) {
      const next = go[state * columns + c] as number;
      if (next === 0) go[state * columns + c] = go[back * columns + c] as number;
      else {
        fail[next] = go[back * columns + c] as number;
        queue.push(next);
      }
    }
  }
  const stands = (data: Uint8Array, { bytes, form }: Pattern, end: number): boolean => {
    if (form !== 'plain') return true;
    const from = end - bytes.length + 1;
    return !(isDigit(bytes[0]) && isDigit(data[from - 1])) && !(isDigit(bytes.at(-1)) && isDigit(data[end + 1]));
  };
  return {
    in: data => {
      const found = new Map<Needle, Found>();
      let state = 0;
      for (let i = 0; i < data.length; i++) {
        state = go[state * columns + (column[data[i] as number] as number)] as number;
        for (let s = ends.has(state) ? state : (shorter[state] as number); s !== 0; s = shorter[s] as number)
          for (const n of ends.get(s) ?? []) {
            const pattern = patterns[n] as Pattern;
            if (!found.has(pattern.needle) && stands(data, pattern, i))
              found.set(pattern.needle, {
                needle: pattern.needle,
                form: pattern.form,
                offset: i - pattern.bytes.length + 1,
              });
          }
      }
      return [...found.values()];
    },
  };
}
