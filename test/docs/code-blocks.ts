/**
 * The blocks of a page that are files. In: its text. Out: in order, whole files (```ts file=PATH) and edits (```diff
 * file=PATH): lines with `-` and a blank must stand there once, together, and are replaced by those with `+` and a blank; a
 * line `@@` begins another place of the same file.
 */

export interface CodeBlock {
  /** Line of the page, from 1. */
  readonly line: number;
  readonly file: string;
  readonly kind: 'whole' | 'edit';
  readonly text: string;
}

const BLOCK = /^```(\w+) file=(\S+)\n([\s\S]*?)^```$/gm;

/** Throws RangeError when a path leads out of the folder. */
export const codeBlocksOf = (page: string): CodeBlock[] =>
  [...page.matchAll(BLOCK)].map(({ index, 1: language, 2: file = '', 3: text = '' }) => {
    const line = page.slice(0, index).split('\n').length;
    if (file.startsWith('/') || file.split('/').includes('..')) throw new RangeError(`line ${line}: ${file}`);
    return { line, file, kind: language === 'diff' ? 'edit' : 'whole', text };
  });

/** The file after an edit. Throws RangeError naming the place when it is not there exactly once. */
export function edited(before: string, edit: string): string {
  let text = before;
  for (const hunk of edit.split(/^@@.*\n/m)) {
    const lines = hunk.replace(/\n$/, '').split('\n');
    const side = (mark: '-' | '+') =>
      lines
        .filter(line => line[0] === mark || line[0] === ' ')
        .map(line => `${line.slice(1)}\n`)
        .join('');
    const old = side('-');
    const parts = text.split(old);
    if (old === '' || parts.length !== 2) throw new RangeError(`stands there ${parts.length - 1} times: ${old}`);
    text = parts.join(side('+'));
  }
  return text;
}
