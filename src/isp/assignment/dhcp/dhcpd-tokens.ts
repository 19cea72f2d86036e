/**
 * Cuts the lease file of ISC dhcpd into its top-level declarations. In: lines. Out: the tokens of a declaration when it is complete, or
 * that it was too long to keep. Strings have octal escapes (dhcpd.leases(5)); a comment goes to the end of its line.
 */

export interface Token {
  readonly text: string;
  /** The bytes between quotes. */
  readonly quoted?: Uint8Array;
}

export interface Declaration {
  readonly tokens: readonly Token[];
  /** Where it begins. */
  readonly line: number;
}

export interface Cutter {
  /** Complete declarations that end on this line; a text says what is wrong with the one that ends here. */
  line(text: string, line: number): readonly (Declaration | { readonly wrong: string; readonly line: number })[];
  /** The line of a declaration that has not ended. */
  readonly unfinished: number | undefined;
}

/** A lease takes some fifty; `set` and `on` statements may add some hundreds. */
const MOST_TOKENS = 4_096;
/** How the server begins a lease. */
const OPENS = /^\s*lease [0-9.]{7,15} \{\s*$/;
const TOKEN = /\s+|#.*|[{};]|"(?:[^"\\]|\\.)*"|[^\s{};"#]+/y;

function unquoted(text: string): Uint8Array {
  const plain = text
    .slice(1, -1)
    .replace(/\\([0-7]{3}|.)/g, (_, code: string) =>
      code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8) & 0xff) : code,
    );
  return Buffer.from(plain, 'latin1');
}

export function makeCutter(): Cutter {
  let tokens: Token[] = [];
  let depth = 0;
  let began = 0;
  let wrong: string | undefined;

  return {
    get unfinished() {
      return tokens.length > 0 ? began : undefined;
    },
    line(text, line) {
      const out: (Declaration | { wrong: string; line: number })[] = [];
      const end = () => {
        out.push(wrong === undefined ? { tokens, line: began } : { wrong, line: began });
        tokens = [];
        depth = 0;
        wrong = undefined;
      };
      const start = text.search(/\S/);
      const opens = OPENS.test(text);
      for (let at = 0; at < text.length; ) {
        TOKEN.lastIndex = at;
        const found = TOKEN.exec(text)?.[0];
        if (found === undefined) {
          // Strings end on their line: what follows cannot be told apart.
          wrong = 'a quote is left open';
          if (tokens.length === 0) {
            began = line;
            end();
          }
          break;
        }
        at += found.length;
        const [first] = found;
        if (first === '#' || first === undefined || /\s/.test(first)) continue;
        // A declaration that was cut off in the middle swallows no other.
        if (tokens.length > 0 && opens && at - found.length === start) {
          wrong = 'the declaration does not end';
          end();
        }
        if (tokens.length === 0) began = line;
        if (tokens.length < MOST_TOKENS)
          tokens.push(first === '"' ? { text: found, quoted: unquoted(found) } : { text: found });
        else wrong = 'the declaration is too long';
        if (found === '{') depth++;
        if (found === '}') depth--;
        if (depth < 0) wrong = 'a brace ends nothing';
        if ((found === '}' && depth <= 0) || (found === ';' && depth === 0)) end();
      }
      return out;
    },
  };
}
