/** A month as CSV (RFC 4180): one figure a row with its unit. Text that a spreadsheet would run as a formula is defused. */
import type { MonthFigures } from '../record/statistics.ts';
import { DEFINITIONS, type FigureName } from './definitions.ts';

export function csvCell(value: string | number | null): string {
  if (value === null) return '';
  const text = typeof value === 'string' && /^[=+\-@\t\r\n＝＋－＠]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const row = (...cells: (string | number | null)[]) => `${cells.map(csvCell).join(',')}\r\n`;

/** Columns: month, figure, label, value, unit. An empty value is a suppressed cell. */
export function figuresCsv(f: MonthFigures): string {
  const named: [FigureName, number | null][] = [
    ['isps', f.isps],
    ['addresses', f.addresses],
    ['prompts', f.prompts],
    ['guessable', f.detected.guessable],
    ['no-login', f.detected['no-login']],
    ['firmware', f.detected.firmware],
    ['handedOver', f.handedOver],
    ['identified', f.identified],
    ['alertedMail', f.alertedMail],
    ['alertedLetter', f.alertedLetter],
    ['rechecked', f.rechecked],
    ['fixed', f.fixed],
    ['notSeen', f.notSeen],
    ['stillOpen', f.stillOpen],
    ['returned', f.returned],
  ];
  const head = row('month', 'figure', 'label', 'value', 'unit');
  const figures = named.map(([name, value]) =>
    row(f.month, name, DEFINITIONS[name].en.label, value, DEFINITIONS[name].en.unit),
  );
  const refused = f.refused.map(r => row(f.month, `refused:${r.reason}`, r.reason, r.cases, 'cases'));
  const models = f.models.map(m => row(f.month, 'model', m.label, m.cases, 'detections a month'));
  const inquiries = f.inquiries.map(q => row(f.month, `inquiry:${q.outcome}`, q.outcome, q.count, 'inquiries'));
  return [head, ...figures, ...refused, ...models, ...inquiries].join('');
}
