/**
 * Log formats of carrier NATs that write syslog. In: lines of a file as the collector received them. Out: events, or why a line
 * that looks like a record cannot be used. Lines of other programs are passed over. A reason never quotes the line: it may hold
 * destinations.
 */
import { parseAddress, parseIpv4 } from '../../../record/address.ts';
import { DAY, type Instant } from '../../../record/instant.ts';
import type { Format, LogEvent, Parser, Refused } from '../event.ts';
import { A10 } from './a10.ts';
import { makeBoxes, sequenceOf } from './boxes.ts';
import { CISCO } from './cisco.ts';
import type { Dialect, Said } from './dialect.ts';
import { type Heading, headingOf } from './heading.ts';
import { JUNIPER } from './juniper.ts';
import { BELOW, eventOf, protocolOf } from './mapping.ts';
import { type NatOptions, natOptions } from './options.ts';
import { ownWordings } from './own-wordings.ts';
import { makeDating } from './stamp.ts';

/** A parser that can be taken up again where a file is read on later: `open` takes what `save` gave as option `saved`. */
export interface SavedParser extends Parser {
  save(): unknown;
}

/** Kept until the end of the file; the importer counts them. */
const MOST_LATER = 1_000;

/** Times of the box are believed only near the heading. */
const NEAR = DAY;
const LONGEST_HELD = 400 * DAY;

const epochMs = (hex: string | undefined): Instant | undefined => {
  const seconds = hex === undefined ? Number.NaN : Number.parseInt(hex, 16);
  return Number.isSafeInteger(seconds) ? seconds * 1_000 : undefined;
};

/** The instant of a record, and when what it speaks of began. A block's own time names the instant it was given. */
function times({ what, fields }: Said, { at, errorMs }: Heading) {
  const given = epochMs(fields.epoch);
  if (what === 'begin' && given !== undefined && Math.abs(given - at) <= NEAR)
    return { at: given, errorMs: Math.max(errorMs, Math.abs(given - at)), since: undefined };
  if (what === 'alive' && given !== undefined && given <= at && at - given <= LONGEST_HELD)
    return { at, errorMs, since: given };
  const since = fields.elapsed === undefined ? undefined : at - Number(fields.elapsed) * 1_000;
  return { at, errorMs, since };
}

interface Source {
  readonly exporter: string;
  readonly realm: string | undefined;
  readonly numbered: boolean;
}

function read(said: Said, heading: Heading, { exporter, realm, numbered }: Source, options: NatOptions) {
  const { fields } = said;
  const inside = parseAddress(fields.inside6 && fields.inside6 !== '-' ? fields.inside6 : (fields.inside ?? ''));
  if (!inside) return 'the inside address is no address';
  const outside = parseIpv4(fields.outside ?? '');
  if (outside === undefined) return 'the outside address is no IPv4 address';
  const first = portOf(fields.first);
  if (first === undefined) return 'the first port is no port';
  const last = fields.last === undefined || fields.last === '-' ? first : portOf(fields.last);
  if (last === undefined) return 'the last port is no port';
  return eventOf(
    {
      ...{ what: said.what as 'begin' | 'alive' | 'end', exporter, inside, outside, first, last, numbered },
      ...times(said, heading),
      realm: fields.realm === '-' ? undefined : (fields.realm ?? realm),
      protocol: protocolOf(fields.protocol),
      tie: fields.tie,
    },
    options,
  );
}

const portOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : undefined;

function speaker(dialects: readonly Dialect[], text: string): readonly [Dialect | undefined, number] {
  for (const dialect of dialects) {
    const from = dialect.find(text);
    if (from >= 0) return [dialect, from];
  }
  return [undefined, -1];
}

function open(dialects: readonly Dialect[], options: NatOptions, saved: unknown): SavedParser {
  const dating = makeDating(options.year, options.after);
  const boxes = makeBoxes(options.silenceMs, saved);
  let later: Refused[] = [];

  const plain = (text: string): readonly LogEvent[] | Refused => {
    const heading = headingOf(text, undefined, dating, options, undefined);
    // Only our boxes show anything by living; a line of anything else is not ours to judge.
    if (typeof heading === 'string') return heading === NO_HEADING ? { refused: heading } : [];
    const exporter = options.exporter ?? heading.host;
    const { at, errorMs } = heading;
    const lost = boxes.met({ exporter, ours: false, at, errorMs, number: sequenceOf(text) });
    if (!boxes.isOurs(exporter)) return [];
    const heard: LogEvent = { what: 'heard', at, errorMs, exporter };
    return lost ? [lost, heard] : [heard];
  };

  return {
    line(text, line) {
      if (text === '') return [];
      const [dialect, from] = speaker(dialects, text);
      if (!dialect) return plain(text);
      const heading = headingOf(text, from, dating, options, dialect.boxZone);
      if (typeof heading === 'string') return { refused: heading };
      const exporter = options.exporter ?? heading.host;
      const number = sequenceOf(text);
      const source: Source = { exporter, realm: dialect.realm?.(heading.tag), numbered: number !== undefined };
      const events: LogEvent[] = [];
      const refusals: string[] = [];
      for (const said of dialect.read(text, from)) {
        if (typeof said === 'string') refusals.push(said);
        else if (said.what !== 'heard') {
          const event = read(said, heading, source, options);
          if (typeof event === 'string') refusals.push(event);
          else if (event) events.push(event);
        }
      }
      const { at, errorMs } = heading;
      // A record of a box that numbers them and that cannot be read is as good as missing.
      const unread = number !== undefined && refusals.some(why => why !== BELOW);
      const lost =
        boxes.met({ exporter, ours: true, at, errorMs, number }) ??
        (unread ? { what: 'lost' as const, from: at, at, errorMs, exporter } : undefined);
      if (events.length === 0 && refusals.length > 0 && !lost) return { refused: refusals[0] as string };
      for (const refused of refusals) if (later.length < MOST_LATER) later.push({ refused, line });
      if (events.length === 0) events.push({ what: 'heard', at, errorMs, exporter });
      return lost ? [lost, ...events] : events;
    },
    end() {
      const told = later;
      later = [];
      return told;
    },
    save: () => boxes.save(),
  };
}

const NO_HEADING = 'the line has no syslog heading';

const format = (dialect: Dialect): Format => ({
  name: dialect.name,
  folds: 'blocks',
  open(file, options) {
    const own = ownWordings(dialect.name, options.wordings, file);
    return open(own ? [own, dialect] : [dialect], natOptions(options, file), options.saved);
  },
});

export const ciscoFormat: Format = format(CISCO);
export const juniperFormat: Format = format(JUNIPER);
export const a10Format: Format = format(A10);
