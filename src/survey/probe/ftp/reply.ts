/**
 * RFC 959 section 4.2 on the receiving side: text in any split to whole replies. A reply is `xyz text`, or begins with
 * `xyz-` and goes on, whatever its lines look like, to a line of the same code without the hyphen. Lines end in CRLF, or in
 * a bare LF; empty lines between replies are nothing. Linear: a character is looked at a fixed number of times.
 */
export interface Reply {
  /** 100 to 599. */
  readonly code: number;
  /** Its lines with their codes, each ended by one line feed; one character a byte. */
  readonly text: string;
  readonly lines: number;
}

export interface ReplyReader {
  /** The replies that this piece completes. */
  read(text: string): readonly Reply[];
  /** The peer says no more for now: what it left without a line end is a line if that can be the end of a reply. */
  flush(): readonly Reply[];
  /** A line stood where a reply must begin, and is none; it was read over. */
  readonly strayed: boolean;
  /** In the middle of a line, or of a reply of several lines. */
  readonly pending: boolean;
}

const BEGINS = /^[1-5]\d\d(?=[ -]|$)/;
/** What may yet become the first line of a reply. */
const MAY_BEGIN = /^[1-5](?:\d(?:\d(?:[ -]|$)|$)|$)/;

/** Without carriage returns at either end: some devices send CR CR LF, some CR NUL before a line. */
function bare(line: string): string {
  let from = 0;
  let to = line.length;
  while (from < to && line[from] === '\r') from++;
  while (to > from && line[to - 1] === '\r') to--;
  return line.slice(from, to);
}

export function replyReader(): ReplyReader {
  let line = '';
  let blank = true;
  let open: { readonly code: string; readonly lines: string[] } | undefined;
  let strayed = false;

  /** Takes one whole line; gives the reply that it ends. */
  const take = (raw: string): readonly Reply[] => {
    const text = bare(raw);
    if (open) {
      const ends = text.startsWith(open.code) && (text.length === 3 || text[3] === ' ');
      open.lines.push(text);
      if (!ends) return [];
      const { code, lines } = open;
      open = undefined;
      return [{ code: Number(code), text: `${lines.join('\n')}\n`, lines: lines.length }];
    }
    const code = BEGINS.exec(text)?.[0];
    if (code === undefined) strayed ||= text.trim() !== '';
    else if (text[3] === '-') open = { code, lines: [text] };
    else return [{ code: Number(code), text: `${text}\n`, lines: 1 }];
    return [];
  };
  const keep = (piece: string) => {
    line += piece;
    blank &&= piece.trim() === '';
  };
  const end = (): readonly Reply[] => {
    const whole = line;
    line = '';
    blank = true;
    return take(whole);
  };

  return {
    get strayed() {
      return strayed;
    },
    get pending() {
      return open !== undefined || !blank;
    },
    read(text) {
      const replies: Reply[] = [];
      let from = 0;
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
        keep(text.slice(from, at));
        replies.push(...end());
        from = at + 1;
      }
      keep(text.slice(from));
      return replies;
    },
    flush() {
      if (blank) return [];
      const text = bare(line);
      if (!open && !MAY_BEGIN.test(text)) return end();
      // `230` may still become `230-`: only a code with a blank behind it is whole.
      if (!/^[1-5]\d\d /.test(text) || (open && !text.startsWith(open.code))) return [];
      return end();
    },
  };
}
