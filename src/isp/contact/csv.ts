/** Comma-separated values (RFC 4180) both ways, line ends within quotes included. In: text. Out: records with their line. */

export interface CsvRecord {
  /** On which line it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** A quote that is never closed ends the reading there: what follows cannot be told apart from it. */
export function* csvRecords(text: string): Generator<CsvRecord | { readonly line: number; readonly open: true }> {
  let line = 1;
  let at = text.startsWith('\ufeff') ? 1 : 0;
  while (at < text.length) {
    const began = line;
    const cells: string[] = [];
    for (;;) {
      const quoted = text[at] === '"';
      const stop = quoted ? closingQuote(text, at) : plainEnd(text, at);
      if (stop < 0) return yield { line: began, open: true };
      const raw = quoted ? text.slice(at + 1, stop) : text.slice(at, stop);
      for (const c of raw) if (c === '\n') line++;
      at = quoted ? stop + 1 : stop;
      cells.push(quoted ? raw.replaceAll('""', '"') : raw);
      if (quoted) {
        // What stands between a closing quote and the next comma belongs to nobody: it makes the cell unreadable.
        if (plainEnd(text, at) !== at) return yield { line: began, open: true };
      }
      if (text[at] !== ',') break;
      at++;
    }
    if (text[at] === '\r') at++;
    if (text[at] === '\n') at++;
    line++;
    if (cells.length > 1 || cells[0] !== '') yield { line: began, cells };
  }
}

function plainEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && !',\r\n'.includes(text[at] as string)) at++;
  return at;
}

function closingQuote(text: string, open: number): number {
  for (let at = open + 1; ; at++) {
    at = text.indexOf('"', at);
    if (at < 0) return -1;
    if (text[at + 1] !== '"') return at;
    at++;
  }
}

/** As a cell. What a spreadsheet would run as a formula begins with an apostrophe; models name themselves as they like. */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`;
