/** The cells of one line (RFC 4180 §2): quotes around a field, doubled quotes inside. Undefined when a quote is left open. */
export function csvCells(line: string): string[] | undefined {
  if (!line.includes('"')) return line.split(',');
  const cells: string[] = [];
  let at = 0;
  while (at <= line.length) {
    if (line[at] !== '"') {
      const end = line.indexOf(',', at);
      cells.push(line.slice(at, end < 0 ? undefined : end));
      if (end < 0) return cells;
      at = end + 1;
      continue;
    }
    let cell = '';
    for (at++; ; ) {
      const quote = line.indexOf('"', at);
      if (quote < 0) return undefined;
      cell += line.slice(at, quote);
      at = quote + 1;
      if (line[at] !== '"') break;
      cell += '"';
      at++;
    }
    cells.push(cell);
    if (at === line.length) return cells;
    if (line[at] !== ',') return undefined;
    at++;
  }
  return cells;
}
