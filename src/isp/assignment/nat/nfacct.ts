/**
 * NAT events as nfacctd of pmacct writes them: one JSON object a line, with the primitives nat_event, src_host, post_nat_src_host,
 * post_nat_src_port and timestamp_start. In: lines. Out: events. Every other value, destinations first, is stepped over unread.
 * Source: pmacct, CONFIG-KEYS and the names its JSON output gives. Option `natEvents` names the vocabulary of the exporters;
 * option `zone` that of the stamps, unless they say (timestamps_rfc3339, timestamps_since_epoch); option `fields` the names of
 * custom primitives: portFrom, portTo, realm.
 */
import { parseAddress, parseIpv4 } from '../../../record/address.ts';
import { Fault } from '../../../record/fault.ts';
import { type Instant, MINUTE } from '../../../record/instant.ts';
import type { Format, LogEvent, Parser, Refused } from '../event.ts';
import { MEANINGS } from './ipfix/elements.ts';
import { type Picked, pick } from './json-line.ts';
import { eventOf, protocolOf } from './mapping.ts';
import { type NatOptions, natOptions, VOCABULARIES, type Vocabulary } from './options.ts';
import { readingAt } from './stamp.ts';

const NAMES = {
  event: 'nat_event',
  inside: 'ip_src',
  outside: 'post_nat_ip_src',
  port: 'post_nat_port_src',
  protocol: 'ip_proto',
  at: 'timestamp_start',
  atToo: 'timestamp_event',
  exporter: 'peer_ip_src',
  kind: 'event_type',
} as const;

interface Names {
  readonly portFrom: string | undefined;
  readonly portTo: string | undefined;
  readonly realm: string | undefined;
}

/** Where the flow had no time, nfacctd writes the beginning of 1970. */
const EARLIEST = Date.UTC(1_990, 0);

function instantOf(text: string, zone: number | undefined): Instant | string {
  if (/^\d{9,11}(?:\.\d{1,9})?$/.test(text)) return Math.floor(Number(text) * 1_000);
  const reading = readingAt(text, 0);
  if (reading?.form !== 'iso' || reading.end !== text.length) return 'the stamp is no instant';
  const offset = reading.zone ?? zone;
  return offset === undefined ? 'the stamp has no zone, and option "zone" gives none' : reading.wall - offset * MINUTE;
}

const wholePort = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;

function read(
  values: Picked,
  names: Names,
  vocabulary: Vocabulary,
  options: NatOptions,
): readonly LogEvent[] | Refused {
  const refused = (why: string): Refused => ({ refused: why });
  const value = values.get(NAMES.event);
  if (value === undefined) {
    // Lines that begin and end a purge, and flows that are no NAT events.
    return values.has(NAMES.kind) && !values.has(NAMES.outside) ? [] : refused('the line has no nat_event');
  }
  const meaning = /^\d{1,3}$/.test(value) ? MEANINGS[vocabulary][Number(value)] : undefined;
  if (!meaning) return refused(`nat_event has a value that the vocabulary ${vocabulary} does not have`);
  const stamp = values.get(NAMES.at) ?? values.get(NAMES.atToo);
  if (stamp === undefined) return refused('the line has no timestamp_start');
  const at = instantOf(stamp, options.zone);
  if (typeof at === 'string') return refused(at);
  if (at < EARLIEST) return refused('the event has no time');
  const exporter = options.exporter ?? values.get(NAMES.exporter) ?? 'nfacct';
  const { what } = meaning;
  const heard: readonly LogEvent[] = [{ what: 'heard', at, errorMs: 0, exporter }];
  if (what === 'heard') return heard;
  const inside = parseAddress(values.get(NAMES.inside) ?? '');
  if (!inside) return refused('ip_src is no address');
  const outside = parseIpv4(values.get(NAMES.outside) ?? '');
  if (outside === undefined) return refused('post_nat_ip_src is no IPv4 address');
  const ports = portsOf(values, names, meaning.of === 'block');
  if (typeof ports === 'string') return refused(ports);
  const event = eventOf(
    {
      ...{ what, at, errorMs: 0, exporter, inside, outside, ...ports, numbered: false },
      realm: names.realm === undefined ? undefined : values.get(names.realm),
      protocol: protocolOf(values.get(NAMES.protocol)) || undefined,
    },
    options,
  );
  return typeof event === 'string' ? refused(event) : event ? [event] : heard;
}

function portsOf(
  values: Picked,
  names: Names,
  isBlock: boolean,
): { readonly first: number; readonly last: number } | string {
  const from = names.portFrom === undefined ? undefined : values.get(names.portFrom);
  // An event of one port leaves the primitives of blocks at 0.
  if (isBlock || (from !== undefined && from !== '0')) {
    const first = wholePort(from);
    const last = wholePort(names.portTo === undefined ? undefined : values.get(names.portTo));
    return first === undefined || last === undefined
      ? 'a block has no ports (option "fields": portFrom, portTo)'
      : { first, last };
  }
  const port = wholePort(values.get(NAMES.port));
  return port === undefined ? 'post_nat_port_src is no port' : { first: port, last: port };
}

function namesOf(value: unknown, where: string): Names {
  const wrong = (what: string) =>
    new Fault('input', `option "fields" ${what}`, 'write {"portFrom":"…","portTo":"…","realm":"…"}', { where });
  if (value === undefined) return { portFrom: undefined, portTo: undefined, realm: undefined };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('is no table of names');
  const given = value as Readonly<Record<string, unknown>>;
  for (const [name, field] of Object.entries(given))
    if (!['portFrom', 'portTo', 'realm'].includes(name) || typeof field !== 'string' || !/^\w{1,64}$/.test(field))
      throw wrong('has a name that is not known or no name of a primitive');
    else if (/dst/.test(field)) throw wrong('names a destination, which is never read');
  const { portFrom, portTo, realm } = given as Partial<Record<keyof Names, string>>;
  return { portFrom, portTo, realm };
}

export const nfacctFormat: Format = {
  name: 'nfacct',
  folds: 'blocks',
  open(file, given): Parser {
    const options = natOptions(given, file);
    const vocabulary = options.natEvents;
    if (vocabulary === undefined)
      throw new Fault(
        'input',
        'the log does not say which vocabulary its nat_event uses',
        `give option "natEvents" as one of ${VOCABULARIES.join(', ')}`,
        { where: file },
      );
    const names = namesOf(given.fields, file);
    const wanted = new Set<string>([...Object.values(NAMES), ...Object.values(names).filter(n => n !== undefined)]);
    return {
      line(text) {
        if (text === '') return [];
        const values = pick(text, wanted);
        return typeof values === 'string' ? { refused: values } : read(values, names, vocabulary, options);
      },
      end: () => [],
    };
  },
};
