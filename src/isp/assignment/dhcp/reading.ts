/** Feeds a parser and a folder with the text of files, for tests. Out: the holds, and what was refused, by line. */
import type { Folder, Format, Held, LogEvent, Refused } from '../event.ts';
import { makeLeaseFolder } from './fold.ts';

export interface Read {
  readonly events: LogEvent[];
  readonly refused: Refused[];
}

export function readText(
  format: Format,
  text: string,
  options: Readonly<Record<string, unknown>> = {},
  file = 'log',
  folder?: Folder,
): Read {
  const parser = format.open(file, options);
  const read: Read = { events: [], refused: [] };
  const take = (one: LogEvent | Refused, line: number) => {
    if ('refused' in one) read.refused.push({ line, ...one });
    else {
      read.events.push(one);
      folder?.take(one);
    }
  };
  for (const [n, line] of text.split('\n').entries()) {
    const result = parser.line?.(line, n + 1) ?? [];
    for (const one of 'refused' in result ? [result] : result) take(one, n + 1);
  }
  for (const one of parser.end(true)) take(one, 0);
  return read;
}

/** Everything a folder has to give. */
export function holdsOf(format: Format, text: string, options?: Readonly<Record<string, unknown>>): Held[] {
  const folder = makeLeaseFolder();
  readText(format, text, options, 'log', folder);
  return [...folder.closed(), ...folder.open()];
}
