/**
 * What a person would see: text with terminal control sequences (ECMA-48) taken out, in any split. Kept whole, because
 * the runner's byte cap bounds it, and judged from its end.
 */
/** Control characters that are no line end and no tab. */
const CONTROL = /[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f]/;
/** A control sequence longer than this is no control sequence. */
const MOST_SEQUENCE = 64;

export class Screen {
  #shown = '';
  #state: 'text' | 'escape' | 'csi' | 'string' | 'charset' = 'text';
  #run = 0;

  get length(): number {
    return this.#shown.length;
  }

  /** Everything shown since the mark. */
  since(mark: number): string {
    return this.#shown.slice(mark);
  }

  write(text: string): void {
    if (this.#state === 'text' && !CONTROL.test(text)) {
      this.#shown += text;
      return;
    }
    let out = '';
    for (let i = 0; i < text.length; i++) {
      const c = text[i] as string;
      const code = text.charCodeAt(i);
      if (this.#state === 'text') {
        if (code === 0x1b) this.#state = 'escape';
        else if (code === 0x0a || code === 0x0d || code === 0x09 || (code >= 0x20 && code !== 0x7f)) out += c;
        continue;
      }
      this.#run++;
      if (code === 0x1b) {
        this.#state = 'escape';
        continue;
      }
      // Other controls do not end a sequence that has just begun (ECMA-48 lets them be carried out in passing).
      if (code < 0x20 && (this.#state === 'escape' || this.#state === 'charset')) continue;
      switch (this.#state) {
        case 'escape':
          this.#run = 0;
          this.#state =
            c === '[' ? 'csi' : c === ']' || c === 'P' ? 'string' : c === '(' || c === ')' ? 'charset' : 'text';
          break;
        case 'charset':
          this.#state = 'text';
          break;
        case 'csi':
          if ((code >= 0x40 && code <= 0x7e) || this.#run > MOST_SEQUENCE) this.#state = 'text';
          break;
        default:
          if (code === 0x07 || code === 0x5c || this.#run > MOST_SEQUENCE) this.#state = 'text';
      }
    }
    this.#shown += out;
  }
}

const BEYOND_ASCII = /[\x80-\uffff]/;

/** Lower case for ASCII only: the text may be bytes of any encoding, and other letters must not change under it. */
export const lower = (text: string): string =>
  BEYOND_ASCII.test(text) ? text.replace(/[A-Z]+/g, s => s.toLowerCase()) : text.toLowerCase();

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

/** A line of `tailOf` without our own word at its end, which a terminal driver echoed late. */
export const withoutEcho = (line: string, word: string): string =>
  word !== '' && line.endsWith(lower(word)) ? line.slice(0, -word.length).trimEnd() : line;
