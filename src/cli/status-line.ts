/**
 * One line of progress: overwritten once a second on a terminal, appended every ten seconds in a pipe. In: a stream and
 * the clocks. Callers set it as often as they like; the rhythm is kept here.
 */
import type { Clocks } from '../record/instant.ts';
import { columns } from './table.ts';

const ON_TERMINAL = 1_000;
const IN_PIPE = 10_000;

export interface StatusStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface StatusLine {
  set(text: string): void;
  /** The last word: always shown, on a line of its own. Nothing is shown after it. */
  done(text: string): void;
}

/** `text` cut to fit, so that a narrow terminal does not wrap it into lines that cannot be taken back. */
function cut(text: string, width: number): string {
  if (columns(text) <= width) return text;
  let kept = '';
  for (const character of text) {
    if (columns(kept + character) > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

export function statusLine(stream: StatusStream, clocks: Pick<Clocks, 'monotonic'>): StatusLine {
  const terminal = stream.isTTY === true;
  const every = terminal ? ON_TERMINAL : IN_PIPE;
  let shownAt = Number.NEGATIVE_INFINITY;
  let over = false;
  const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ');
  // Return to the first column, write, erase what an older, longer line left to the right (ECMA-48 EL).
  const show = (line: string, end: string): unknown => stream.write(terminal ? `\r${line}\x1b[K${end}` : `${line}\n`);
  return {
    set(text) {
      const now = clocks.monotonic();
      if (over || now - shownAt < every) return;
      shownAt = now;
      show(terminal ? cut(oneLine(text), (stream.columns || 80) - 1) : oneLine(text), '');
    },
    done(text) {
      if (over) return;
      over = true;
      show(oneLine(text), '\n');
    },
  };
}
