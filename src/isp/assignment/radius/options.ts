/**
 * What a source's configuration may say about RADIUS accounting. In: the options as they stand there. Out: the same, read.
 * Fault(input) when they make no sense.
 */
import { Fault } from '../../../record/fault.ts';
import { HOUR, MINUTE } from '../../../record/instant.ts';
import { type LocalTime, localTimeOf } from '../local-time.ts';

export type Options = Readonly<Record<string, unknown>>;

export interface RadiusOptions {
  /** Attribute (detail) or column (radacct) that names the line. */
  readonly subscriber: string | undefined;
  /** Attribute or column that names the access server, where the usual ones will not do. */
  readonly exporter: string | undefined;
  /** Abbreviations of zones in Event-Timestamp to ms east of UTC. An abbreviation means nothing by itself: IST is three zones. */
  readonly zones: ReadonlyMap<string, number>;
  /** Zone of instants in a table that keeps none; without it they are refused. */
  readonly zone: LocalTime | undefined;
  /** Clocks that disagree by more are not believed, ms. */
  readonly mostDisagreementMs: number;
  /** Columns of a table dump without a header. */
  readonly columns: readonly string[] | undefined;
}

const KNOWN = ['subscriber', 'exporter', 'zones', 'zone', 'mostDisagreementMs', 'columns'];
const MOST_DISAGREEMENT = 120_000;

function offsetOf(text: unknown): number | undefined {
  const m = typeof text === 'string' ? /^([+-])(\d\d):?(\d\d)$/.exec(text) : null;
  if (!m) return undefined;
  const ms = Number(m[2]) * HOUR + Number(m[3]) * MINUTE;
  return ms > 14 * HOUR || Number(m[3]) > 59 ? undefined : m[1] === '-' ? -ms : ms;
}

export function radiusOptions(options: Options, file: string): RadiusOptions {
  const wrong = (what: string) => new Fault('input', what, 'correct the options of the source', { where: file });
  const unknown = Object.keys(options).find(name => !KNOWN.includes(name));
  if (unknown !== undefined) throw wrong(`option "${unknown}" means nothing to this format (${KNOWN.join(', ')})`);
  const text = (name: string): string | undefined => {
    const value = options[name];
    if (value === undefined) return undefined;
    if (typeof value !== 'string' || value === '' || value.length > 200)
      throw wrong(`option "${name}" is no short text`);
    return value;
  };
  const zones = new Map([
    ['UTC', 0],
    ['GMT', 0],
  ]);
  const { zones: declared = {}, mostDisagreementMs: most = MOST_DISAGREEMENT, columns } = options;
  if (typeof declared !== 'object' || declared === null) throw wrong('option "zones" is no list of abbreviations');
  for (const [name, value] of Object.entries(declared)) {
    const offset = offsetOf(value);
    if (offset === undefined || !/^[A-Za-z]{2,6}$/.test(name))
      throw wrong(`option "zones": "${name}" is no abbreviation with an offset such as +09:00`);
    zones.set(name, offset);
  }
  const mostDisagreementMs = typeof most === 'string' && /^\d{1,7}$/.test(most) ? Number(most) : most;
  if (typeof mostDisagreementMs !== 'number' || !(mostDisagreementMs >= 0 && mostDisagreementMs <= 600_000))
    throw wrong('option "mostDisagreementMs" is no number from 0 to 600000');
  if (columns !== undefined && !(Array.isArray(columns) && columns.every(c => typeof c === 'string')))
    throw wrong('option "columns" is no list of names');
  const zone = text('zone');
  return {
    subscriber: text('subscriber'),
    exporter: text('exporter'),
    zones,
    zone: zone === undefined ? undefined : localTimeOf(zone),
    mostDisagreementMs,
    columns: columns?.map((c: string) => c.toLowerCase()),
  };
}
