/**
 * What a source's configuration may say about the log of an address server. In: the options as they stand there. Out: the same, read.
 * Fault(input) when they make no sense.
 */
import { Fault } from '../../../record/fault.ts';
import { HOUR, MINUTE, SECOND } from '../../../record/instant.ts';

export type Options = Readonly<Record<string, unknown>>;

/** What a record can name a line by. */
export const KEYS = [
  'circuit-id',
  'remote-id',
  'subscriber-id',
  'interface-id',
  'client-id',
  'duid',
  'hwaddr',
  'hostname',
] as const;
export type Key = (typeof KEYS)[number];

export interface DhcpOptions {
  /** Without it: what a relay added (circuit and remote id; in IPv6 the remote id), else client id or DUID, else hardware address. */
  readonly subscriber: Key | undefined;
  /** The server, where several write logs of one source. */
  readonly exporter: string;
  /**
   * No journal is shorter before the server begins the next, ms (lfc-interval of Kea); 0 when every file is read to its end, because
   * it is followed or never compacted. Undefined: as the format has it.
   */
  readonly journalMs: number | undefined;
  /** Whether the file is a list of what is held and no journal; undefined: as its name says. */
  readonly compacted: boolean | undefined;
  /** Zones in stamps to ms east of UTC. An abbreviation means nothing by itself: IST is three zones. */
  readonly zones: ReadonlyMap<string, number>;
  /** The partner's own log is imported too: what is told of it here adds nothing. */
  readonly partnerImported: boolean;
}

const KNOWN = ['subscriber', 'exporter', 'journalSeconds', 'compacted', 'zones', 'partnerImported'];

export function dhcpOptions(options: Options, file: string): DhcpOptions {
  const wrong = (what: string) => new Fault('input', what, 'correct the options of the source', { where: file });
  const unknown = Object.keys(options).find(name => !KNOWN.includes(name));
  if (unknown !== undefined) throw wrong(`option "${unknown}" means nothing to this format (${KNOWN.join(', ')})`);
  const truth = (name: string): boolean | undefined => {
    const value = options[name];
    if (value !== undefined && typeof value !== 'boolean') throw wrong(`option "${name}" is not true or false`);
    return value;
  };
  const { subscriber, exporter = '', journalSeconds: seconds, zones: declared = {} } = options;
  if (subscriber !== undefined && !KEYS.some(key => key === subscriber))
    throw wrong(`option "subscriber" is none of ${KEYS.join(', ')}`);
  if (typeof exporter !== 'string' || exporter.length > 200) throw wrong('option "exporter" is no short text');
  if (seconds !== undefined && !(Number.isInteger(seconds) && Number(seconds) >= 0 && Number(seconds) <= 31_622_400))
    throw wrong('option "journalSeconds" is no number of seconds');
  return {
    subscriber: subscriber as Key | undefined,
    exporter,
    journalMs: seconds === undefined ? undefined : Number(seconds) * SECOND,
    compacted: truth('compacted'),
    zones: zonesOf(declared, wrong),
    partnerImported: truth('partnerImported') ?? false,
  };
}

/** The zones of the countries this is made for that have one meaning alone. */
const ONE_MEANING: readonly (readonly [string, number])[] = [
  ['UTC', 0],
  ['GMT', 0],
  ['JST', 9 * HOUR],
];

function zonesOf(declared: unknown, wrong: (what: string) => Fault): ReadonlyMap<string, number> {
  if (typeof declared !== 'object' || declared === null || Array.isArray(declared))
    throw wrong('option "zones" is no list of abbreviations');
  const zones = new Map(ONE_MEANING);
  for (const [name, value] of Object.entries(declared)) {
    const offset = typeof value === 'string' ? offsetOf(value) : undefined;
    if (offset === undefined || !/^[A-Za-z]{2,6}$/.test(name))
      throw wrong(`option "zones": "${name}" is no abbreviation with an offset such as +09:00`);
    zones.set(name, offset);
  }
  return zones;
}

/** `+09`, `+0900`, `+09:00` to ms east of UTC. */
export function offsetOf(text: string): number | undefined {
  const m = /^([+-])(\d\d)(?::?(\d\d))?$/.exec(text);
  if (!m) return undefined;
  const ms = Number(m[2]) * HOUR + Number(m[3] ?? 0) * MINUTE;
  return ms > 14 * HOUR || Number(m[3] ?? 0) > 59 ? undefined : m[1] === '-' ? -ms : ms;
}
