/** A short aligned table for a terminal. East Asian wide characters count two columns. */

/** Columns a string takes on a terminal (Unicode Standard Annex 11, Wide and Fullwidth as two). */
export function columns(text: string): number {
  let n = 0;
  for (const c of text)
    n +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u.test(
        c,
      )
        ? 2
        : 1;
  return n;
}

const pad = (text: string, width: number, right: boolean) => {
  const gap = ' '.repeat(Math.max(0, width - columns(text)));
  return right ? gap + text : text + gap;
};

/** Words to the left, numbers to the right; one rule under the head. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const width = head.map((_, i) => Math.max(...all.map(row => columns(row[i] ?? ''))));
  const numeric = head.map(
    (_, i) => rows.length > 0 && rows.every(row => /^(?:|–|[\d,.]+(?: ?%| s| MB)?)$/.test(row[i] ?? '')),
  );
  const line = (row: readonly string[]) =>
    `  ${row.map((cell, i) => pad(cell, width[i] ?? 0, numeric[i] ?? false)).join('  ')}`.trimEnd();
  return `${[line(head), `  ${width.map(w => '─'.repeat(w)).join('  ')}`, ...rows.map(line)].join('\n')}\n`;
}
