/**
 * The round trip of an ISP that sends by hand: a sheet of cases out, the same sheet back with what came of each. Pure. The sheet names
 * lines and holds no contact: the ISP's own people look that up. What comes back is held to its words and its days, row by row.
 */
import { OUTCOMES, type Outcome } from '../../record/incident.ts';
import { type CsvRecord, csvLine, csvRecords } from './csv.ts';

export interface HandedCase {
  /** Names this row when it comes back. */
  readonly alert: string;
  /** `stop`: handed over before, and the case has ended or is disputed since: it must not be sent any more. */
  readonly do: 'send' | 'stop';
  readonly case: string;
  readonly line: string;
  readonly channel: 'mail' | 'letter';
  readonly kind: string;
  readonly device: string;
  readonly code: string;
  readonly subject: string;
  /** `{name}` stands for the customer's name. */
  readonly text: string;
}

const COLUMNS = ['alert', 'do', 'case', 'line', 'channel', 'kind', 'device', 'code', 'subject', 'text'] as const;

/** With a byte order mark, without which spreadsheets take it for another encoding; `outcome` and `day` wait to be filled in. */
export const casesSheet = (cases: readonly HandedCase[]): string =>
  `\ufeff${csvLine([...COLUMNS, 'outcome', 'day'])}${cases
    .map(one => csvLine([...COLUMNS.map(name => one[name]), '', '']))
    .join('')}`;

export interface OutcomeRow {
  readonly line: number;
  readonly alert: string;
  readonly outcome: Outcome;
  /** JST day on which it happened; null: not said. */
  readonly day: string | null;
}

export interface OutcomeSheet {
  readonly rows: readonly OutcomeRow[];
  readonly rejected: readonly { readonly line: number; readonly why: string }[];
  /** Rows without an outcome yet. */
  readonly empty: number;
}

/** `2026-11-24`, also as a spreadsheet rewrites it (`2026/11/5`); undefined when there is no such day. */
function dayIn(text: string): string | undefined {
  const [, year, month = '', date = ''] = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/.exec(text) ?? [];
  const day = `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`;
  const at = Date.parse(`${day}T00:00:00Z`);
  return Number.isFinite(at) && new Date(at).toISOString().startsWith(day) ? day : undefined;
}

/** Columns by the header, in any order; others are not looked at. */
export function readOutcomes(text: string): OutcomeSheet {
  const rows: OutcomeRow[] = [];
  const rejected: { line: number; why: string }[] = [];
  let empty = 0;
  let header: ReadonlyMap<string, number> | undefined;
  for (const record of csvRecords(text)) {
    if ('open' in record) {
      rejected.push({ line: record.line, why: 'a quote is left open; nothing after it was read' });
      break;
    }
    if (!header) {
      header = new Map(record.cells.map((name, i) => [name.trim(), i]));
      const missing = ['alert', 'outcome'].filter(name => !header?.has(name));
      if (missing.length === 0) continue;
      rejected.push({ line: record.line, why: `the header lacks ${missing.join(', ')}` });
      break;
    }
    const read = outcomeOf(record, header);
    if (read === undefined) empty++;
    else if (typeof read === 'string') rejected.push({ line: record.line, why: read });
    else rows.push(read);
  }
  if (!header && rejected.length === 0) rejected.push({ line: 1, why: 'the file is empty' });
  return { rows, rejected, empty };
}

function outcomeOf(record: CsvRecord, header: ReadonlyMap<string, number>): OutcomeRow | string | undefined {
  const { line, cells } = record;
  if (cells.length > header.size) return `${cells.length} columns where the header has ${header.size}`;
  const cell = (name: string) => cells[header.get(name) ?? -1]?.trim() ?? '';
  const word = cell('outcome').toLowerCase();
  if (word === '') return undefined;
  const outcome = OUTCOMES.find(one => one === word);
  if (!outcome) return `the outcome is none of ${OUTCOMES.join(', ')}`;
  const alert = cell('alert');
  if (!/^alert-[0-9a-f]{32}(\.\d{1,2})?$/.test(alert)) return 'there is no alert named';
  const typed = cell('day');
  const day = typed === '' ? null : dayIn(typed);
  return day === undefined ? 'the day is not written as 2026-11-24' : { line, alert, outcome, day };
}
