/**
 * FreeRADIUS detail files: a header line in local time, attributes indented by a tab, an empty line. In: the lines. Out: one
 * event for everything a session holds, with the last line of its record. A record that is cut off or malformed is named by the
 * line of its header, and nothing of it is used.
 *
 *   Start, Interim-Update, Stop   begin, alive, end; without an address nothing is held yet
 *   Accounting-On, -Off           reset of that access server (RFC 2866 §5.1)
 */
import { isBehind } from '../chain.ts';
import type { Format, Holder, LogEvent, Parser, Refused } from '../event.ts';
import { placeOf, valueAt } from './attributes.ts';
import { headerWall, recordClock, type Told } from './clock.ts';
import { type PortRange, prefixHolder, rangeHolder, wholeAddress } from './holders.ts';
import { type RadiusOptions, radiusOptions } from './options.ts';

const MOST_ATTRIBUTES = 2_000;
const MOST_SERVERS = 100_000;

const STATUS: Readonly<Record<string, 'begin' | 'end' | 'alive' | 'reset'>> = {
  Start: 'begin',
  1: 'begin',
  Stop: 'end',
  2: 'end',
  'Interim-Update': 'alive',
  Alive: 'alive',
  3: 'alive',
  'Accounting-On': 'reset',
  7: 'reset',
  'Accounting-Off': 'reset',
  8: 'reset',
};

const V6: readonly string[] = ['Framed-IPv6-Prefix', 'Delegated-IPv6-Prefix', 'Framed-IPv6-Address'];
const RANGE: Readonly<Record<string, keyof PortRange>> = {
  'IP-Port-Range-Ext-IPv4-Addr': 'address',
  'IP-Port-Range-Range-Start': 'from',
  'IP-Port-Range-Range-End': 'to',
  'IP-Port-Range-Alloc': 'alloc',
};
const ONCE: readonly string[] = [
  ...['Acct-Status-Type', 'Timestamp', 'Event-Timestamp', 'Acct-Delay-Time', 'Acct-Session-Time', 'Packet-Type'],
  ...['Acct-Unique-Session-Id', 'Acct-Session-Id', 'User-Name', 'Framed-IP-Address'],
  ...['NAS-Identifier', 'NAS-IP-Address', 'NAS-IPv6-Address'],
];

interface Reading {
  readonly line: number;
  readonly header: number | undefined;
  readonly values: Map<string, string>;
  readonly prefixes: string[];
  readonly ranges: { -readonly [K in keyof PortRange]: PortRange[K] }[];
  attributes: number;
  wrong: string | undefined;
}

/** What is held, and whether the record says so for the holder alone. */
interface Part {
  readonly holder: Holder;
  readonly alloc?: string | undefined;
}

function partsOf({ values, prefixes, ranges }: Reading): Part[] | string {
  const parts: Part[] = [];
  const text = values.get('Framed-IP-Address');
  const framed = text === undefined ? undefined : wholeAddress(text);
  if (typeof framed === 'string') return framed;
  const address = framed?.family === 4 ? framed.address : undefined;
  let divided = false;
  for (const range of ranges) {
    const holder = rangeHolder(range, address);
    if (typeof holder === 'string') return holder;
    if (holder.family === 4 && holder.address === address) divided = true;
    parts.push({ holder, alloc: range.alloc });
  }
  if (framed && !divided) parts.push({ holder: framed });
  for (const prefix of new Set(prefixes)) {
    const holder = prefixHolder(prefix);
    if (typeof holder === 'string') return holder;
    parts.push({ holder });
  }
  return parts;
}

const unreadable = (name: string) => name.includes('\ufffd') || isBehind(name);

function makeDetailParser(options: RadiusOptions): Parser {
  const named = options.subscriber ?? 'User-Name';
  const wanted = new Set([...ONCE, ...V6, ...Object.keys(RANGE), named, options.exporter ?? named]);
  /** Some packets of a server carry its name, others its address alone. */
  const servers = new Map<string, string>();
  let reading: Reading | undefined;

  function exporterOf(values: ReadonlyMap<string, string>): string {
    if (options.exporter !== undefined) return values.get(options.exporter) ?? '';
    const address = values.get('NAS-IP-Address') ?? values.get('NAS-IPv6-Address') ?? '';
    const name = values.get('NAS-Identifier');
    if (name === undefined || name === '') return servers.get(address) ?? address;
    if (address !== '' && servers.size < MOST_SERVERS) servers.set(address, name);
    return name;
  }

  function eventsOf(record: Reading): readonly LogEvent[] | string {
    const { values } = record;
    const packet = values.get('Packet-Type');
    if (packet !== undefined && packet !== 'Accounting-Request' && packet !== '4') return [];
    const status = values.get('Acct-Status-Type');
    if (status === undefined) return 'the record has no Acct-Status-Type';
    const clock = recordClock(values, record.header, options);
    if (typeof clock === 'string') return clock;
    const exporter = exporterOf(values);
    const what = Object.hasOwn(STATUS, status) ? STATUS[status] : undefined;
    if (what === undefined || what === 'reset') return [{ ...clock, exporter, what: what ?? 'heard' }];
    const parts = partsOf(record);
    if (typeof parts === 'string') return parts;
    if (parts.length === 0) return [{ ...clock, exporter, what: 'heard' }];
    const id = values.get('Acct-Session-Id');
    const session =
      values.get('Acct-Unique-Session-Id') ?? (id === undefined ? '' : `${id}\u001f${values.get('User-Name') ?? ''}`);
    if (session === '') return 'the record has no Acct-Session-Id';
    const line = (values.get(named) ?? '').trim();
    const common = { ...clock, exporter, session, subscriber: unreadable(line) ? '' : line };
    const since = sinceOf(values, clock);
    if (typeof since === 'string') return since;
    return parts.map(part => eventOf(common, what, part, since));
  }

  function finish(): readonly LogEvent[] | Refused {
    const record = reading;
    reading = undefined;
    if (!record) return [];
    const events = record.wrong ?? eventsOf(record);
    return typeof events === 'string' ? { refused: events, line: record.line } : events;
  }

  function take(record: Reading, text: string): void {
    if (record.wrong !== undefined) return;
    if (++record.attributes > MOST_ATTRIBUTES) {
      record.wrong = `the record has more than ${MOST_ATTRIBUTES} attributes`;
      return;
    }
    const place = placeOf(text);
    const written = place ? text.slice(1, place.end) : '';
    // A detail reader marks what it has handled by writing Done over the beginning of Timestamp.
    const name = written === 'Donestamp' ? 'Timestamp' : written;
    if (place && !wanted.has(name)) return;
    const value = place && valueAt(text, place.value);
    if (value === undefined) {
      record.wrong = 'a line of the record is no attribute';
      return;
    }
    const part = RANGE[name];
    if (part !== undefined) {
      let range = record.ranges.at(-1);
      if (!range || range[part] !== undefined) {
        range = { address: undefined, from: undefined, to: undefined, alloc: undefined };
        record.ranges.push(range);
      }
      range[part] = value;
    } else if (V6.includes(name)) record.prefixes.push(value);
    else {
      const before = record.values.get(name);
      if (before !== undefined && before !== value && name !== 'Class') record.wrong = `the record has ${name} twice`;
      if (before === undefined) record.values.set(name, value);
    }
  }

  return {
    line(text, line) {
      if (text === '') return finish();
      if (text.startsWith('\t')) {
        // Within a file that was cut at the front there is no header; the record is incomplete.
        reading ??= newReading(line, undefined, 'the record has no header line');
        take(reading, text);
        return [];
      }
      const cut = reading;
      reading = newReading(line, headerWall(text), undefined);
      return cut ? { refused: 'the record is cut off', line: cut.line } : [];
    },
    end(final) {
      if (!final || !reading) return [];
      const { line } = reading;
      reading = undefined;
      return [{ refused: 'the record is cut off', line }];
    },
  };
}

const newReading = (line: number, header: number | undefined, wrong: string | undefined): Reading => ({
  ...{ line, header, wrong, values: new Map<string, string>(), prefixes: [], ranges: [], attributes: 0 },
});

function sinceOf(values: ReadonlyMap<string, string>, clock: Told): number | undefined | string {
  const time = values.get('Acct-Session-Time');
  if (time === undefined) return undefined;
  if (!/^\d{1,10}$/.test(time)) return 'Acct-Session-Time is no number of seconds';
  return clock.at - Number(time) * 1000;
}

type Whose = Told & { exporter: string; session: string; subscriber: string };

function eventOf(
  whose: Whose,
  what: 'begin' | 'alive' | 'end',
  { holder, alloc }: Part,
  since: number | undefined,
): LogEvent {
  const freed = alloc === 'Deallocation' || alloc === '2';
  // A block given in the middle of a session did not begin with it.
  if (alloc !== undefined && what !== 'begin') return { ...whose, holder, what: freed ? 'end' : what };
  if (what === 'begin') return { ...whose, holder, what };
  return since === undefined ? { ...whose, holder, what } : { ...whose, holder, what, since };
}

export const radiusDetailFormat: Format = {
  name: 'radius-detail',
  folds: 'sessions',
  open: (file, options) => makeDetailParser(radiusOptions(options, file)),
};
