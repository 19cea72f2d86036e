/**
 * What a source's configuration may say about the log of a carrier NAT. In: the options as they stand there. Out: the same, read.
 * Fault(input) when they make no sense; what is left out is never guessed where guessing could name the wrong person.
 */
import { Fault } from '../../../record/fault.ts';
import { type Instant, instantOf } from '../../../record/instant.ts';

export type Options = Readonly<Record<string, unknown>>;

/** Values of natEvent (IE 230): NEL's, RFC 8158's, and those of draft-ietf-behave-ipfix-nat-logging-02, which Junos sends. */
export const VOCABULARIES = ['nel', 'rfc8158', 'draft02'] as const;
export type Vocabulary = (typeof VOCABULARIES)[number];

export interface NatOptions {
  /** The box, where the log does not name it or names it in several ways. */
  readonly exporter: string | undefined;
  /** Names of inside networks in the log to the realms of the pools file; a name that is not here stands for itself. */
  readonly realms: Readonly<Record<string, string>>;
  /** The realm of a log that names none. */
  readonly realm: string;
  /** Whether the inside address stands for a place that another log explains (`behind`), or is the line's id (`line`). */
  readonly subscriber: 'behind' | 'line';
  /** The lowest port that a customer is ever given. */
  readonly portsFrom: number;
  /** Transport protocols whose ports are kept; a block that names none is kept in any case. */
  readonly protocols: readonly number[];
  /** Minutes east of UTC of stamps without a zone: of the syslog header, and of the stamp the box itself writes. */
  readonly zone: number | undefined;
  readonly boxZone: number | undefined;
  /** For stamps without a year: the year of the first line, or an instant shortly before it. */
  readonly year: number | undefined;
  readonly after: Instant | undefined;
  readonly natEvents: Vocabulary | undefined;
  /** A longer silence of a box means that records are missing; without it none does. */
  readonly silenceMs: number | undefined;
}

const TCP = 6;
const UDP = 17;

export function natOptions(options: Options, file: string): NatOptions {
  const wrong = (name: string, what: string) =>
    new Fault('input', `option "${name}" ${what}`, 'correct the options of the source', { where: file });
  const text = (name: string): string | undefined => {
    const value = options[name];
    if (value === undefined) return undefined;
    if (typeof value !== 'string' || value.length > 200) throw wrong(name, 'is no short text');
    return value;
  };
  const whole = (name: string, least: number, most: number): number | undefined => {
    const value = options[name];
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number) || number < least || number > most)
      throw wrong(name, `is no whole number from ${least} to ${most}`);
    return number;
  };
  const zone = (name: string): number | undefined => {
    const value = text(name);
    const minutes = value === undefined ? undefined : zoneMinutes(value);
    // A name is refused: where clocks are turned back, an hour a year happens twice.
    if (value !== undefined && minutes === undefined) throw wrong(name, 'is no offset such as +09:00 or Z');
    return minutes;
  };
  const oneOf = <T extends string>(name: string, values: readonly T[]): T | undefined => {
    const value = text(name);
    if (value !== undefined && !values.some(v => v === value)) throw wrong(name, `is none of ${values.join(', ')}`);
    return value as T | undefined;
  };
  const after = text('after');
  const afterAt = after === undefined ? undefined : instantOf(after);
  if (after !== undefined && afterAt === undefined) throw wrong('after', 'is no ISO 8601 instant with a zone');
  return {
    exporter: text('exporter'),
    realms: realmsOf(options.realms, wrong),
    realm: text('realm') ?? '',
    subscriber: oneOf('subscriber', ['behind', 'line'] as const) ?? 'behind',
    portsFrom: whole('portsFrom', 0, 65_535) ?? 1_024,
    protocols: protocolsOf(options.protocols, wrong),
    zone: zone('zone'),
    boxZone: zone('boxZone'),
    year: whole('year', 1_990, 2_200),
    after: afterAt,
    natEvents: oneOf('natEvents', VOCABULARIES),
    silenceMs: whole('silenceMs', 1_000, 366 * 86_400_000),
  };
}

type Wrong = (name: string, what: string) => Fault;

function realmsOf(value: unknown, wrong: Wrong): Readonly<Record<string, string>> {
  if (value === undefined) return Object.create(null);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong('realms', 'is no table of names');
  // No prototype: a network may be called "constructor".
  const realms: Record<string, string> = Object.create(null);
  for (const [name, realm] of Object.entries(value)) {
    if (typeof realm !== 'string' || realm.length > 80) throw wrong('realms', 'has a name that is no short text');
    realms[name] = realm;
  }
  return realms;
}

function protocolsOf(value: unknown, wrong: Wrong): readonly number[] {
  if (value === undefined) return [TCP, UDP];
  const names = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [];
  const numbers = names.map(name => PORTED[String(name)]);
  if (numbers.length === 0 || numbers.some(number => number === undefined))
    throw wrong('protocols', 'is no list of tcp and udp');
  return numbers as number[];
}

const PORTED: Readonly<Record<string, number>> = { tcp: TCP, udp: UDP };

/** `+09:00`, `+0900`, `Z` and `UTC` to minutes east of UTC; undefined for anything else. */
export function zoneMinutes(text: string): number | undefined {
  if (text === 'Z' || text === 'UTC') return 0;
  const m = /^([+-])(\d\d):?(\d\d)$/.exec(text);
  if (!m) return undefined;
  const minutes = Number(m[2]) * 60 + Number(m[3]);
  return Number(m[2]) > 14 || Number(m[3]) > 59 ? undefined : m[1] === '-' ? -minutes : minutes;
}
