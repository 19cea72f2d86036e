/** The list of who held what (csv.ts) as a format among the others: the same rows, one event each. */
import { Fault } from '../../record/fault.ts';
import { type CsvOptions, makeCsvFeeder } from './csv.ts';
import type { Format, LogEvent, Refused } from './event.ts';
import type { Feeder, Intake } from './feeder.ts';
import { Interning } from './interning.ts';

/** A format whose holds go straight to where they are gathered. */
export interface RowFormat extends Format {
  rows(file: string, options: Readonly<Record<string, unknown>>, intake: Intake): Feeder;
}

export const isRowFormat = (format: Format): format is RowFormat => 'rows' in format;

/** `columns` and `zone`; Fault(usage) when they are of another kind. */
function csvOptionsOf({ columns, zone }: Readonly<Record<string, unknown>>): CsvOptions {
  const isNamed = (x: unknown) =>
    typeof x === 'object' && x !== null && Object.values(x).every(v => typeof v === 'string');
  if (zone !== undefined && typeof zone !== 'string')
    throw new Fault('usage', 'the zone is no text', 'write such as UTC');
  if (columns !== undefined && !isNamed(columns))
    throw new Fault('usage', 'the columns are no list of names', 'write such as {"address": "ip"}');
  return {
    ...(columns === undefined ? {} : { columns: columns as NonNullable<CsvOptions['columns']> }),
    ...(zone === undefined ? {} : { zone }),
  };
}

export const csvFormat: RowFormat = {
  name: 'csv',
  folds: 'held',
  rows: (file, options, intake) => makeCsvFeeder(file, csvOptionsOf(options), intake),
  open(file, options) {
    const interning = new Interning(new Uint8Array(32));
    let results: (LogEvent | Refused)[] = [];
    const held = (
      holder: Extract<LogEvent, { what: 'held' }>['holder'],
      from: number,
      to: number,
      n: number,
      exporter: string,
    ) => {
      const subscriber = Buffer.from(interning.nameOf(n)).toString('utf8');
      const common = { at: from, errorMs: 0, exporter, session: '', holder, subscriber };
      results.push({ ...common, what: 'held', from, to: to === Number.POSITIVE_INFINITY ? null : to });
    };
    const feeder = makeCsvFeeder(file, csvOptionsOf(options), {
      interning,
      used: 0,
      box: name => ({ index: 0, name }),
      four: (address, ports, from, to, n, box) =>
        held({ family: 4, address, portFrom: ports >>> 16, portTo: ports & 0xffff }, from, to, n, box.name),
      six: (prefix, length, from, to, n, box) => held({ family: 6, prefix, length }, from, to, n, box.name),
      refuse: (line, refused) => results.push({ refused, line }),
    });
    let rest: Uint8Array = new Uint8Array(0);
    const given = () => {
      const all = results;
      results = [];
      return all;
    };
    return {
      bytes(chunk) {
        const all = Buffer.concat([rest, chunk]);
        rest = all.subarray(feeder.feed(all, all.length));
        return given();
      },
      end(final) {
        rest = rest.subarray(feeder.end(rest, rest.length, final));
        return given();
      },
    };
  },
};
