/**
 * What a person would see: text with terminal control sequences (ECMA-48) taken out, in any split. Kept whole, because
 * the runner's byte cap bounds it, and judged from its end.
 */
export interface Screen {
  write(text: string): void;
  /** Everything shown since the mark. */
  since(mark: number): string;
  readonly length: number;
}

/** A control sequence longer than this is no control sequence. */
const MOST_SEQUENCE = 64;

export function screen(): Screen {
  let shown = '';
  let state: 'text' | 'escape' | 'csi' | 'string' | 'charset' = 'text';
  let run = 0;
  return {
    get length() {
      return shown.length;
    },
    since: mark => shown.slice(mark),
    write(text) {
      if (state === 'text' && !/[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f]/.test(text)) {
        shown += text;
        return;
      }
      let out = '';
      for (let i = 0; i < text.length; i++) {
        const c = text[i] as string;
        const code = text.charCodeAt(i);
        if (state === 'text') {
          if (code === 0x1b) state = 'escape';
          else if (code === 0x0a || code === 0x0d || code === 0x09 || (code >= 0x20 && code !== 0x7f)) out += c;
          continue;
        }
        run++;
        if (state === 'escape') {
          run = 0;
          state = c === '[' ? 'csi' : c === ']' || c === 'P' ? 'string' : c === '(' || c === ')' ? 'charset' : 'text';
        } else if (state === 'charset') state = 'text';
        else if (state === 'csi') {
          if ((code >= 0x40 && code <= 0x7e) || run > MOST_SEQUENCE) state = 'text';
        } else if (code === 0x07 || code === 0x5c || run > MOST_SEQUENCE) state = 'text';
      }
      shown += out;
    },
  };
}

/** Lower case for ASCII only: the text may be bytes of any encoding, and other letters must not change under it. */
export const lower = (text: string): string => text.replace(/[A-Z]+/g, s => s.toLowerCase());

export interface Tail {
  /** The last line with anything on it, lower case, ends trimmed; at most 200 characters of its end. */
  readonly line: string;
  /** No newline follows it: the cursor stands behind it. */
  readonly open: boolean;
}

/** Blank text gives an empty line. Only ASCII blanks are trimmed: 0xA0 ends many Japanese characters. */
export function tailOf(text: string): Tail {
  const least = Math.max(0, text.length - 400);
  let end = text.length;
  let open = true;
  while (end > least && text.charCodeAt(end - 1) <= 0x20) {
    end--;
    const code = text.charCodeAt(end);
    if (code === 0x0a || code === 0x0d) open = false;
  }
  let from = end;
  while (from > Math.max(least, end - 200) && text.charCodeAt(from - 1) !== 0x0a && text.charCodeAt(from - 1) !== 0x0d)
    from--;
  while (from < end && text.charCodeAt(from) <= 0x20) from++;
  return { line: lower(text.slice(from, end)), open };
}
