/**
 * A list of who held what: one row a hold, columns found by the header. `to` may be empty while it is still held. What the list
 * says is taken as proven from `from` to `to`. Read byte by byte: no text is made but of names that are new.
 */
import { isUtf8 } from 'node:buffer';
import { parsePrefix } from '../../record/address.ts';
import { Fault } from '../../record/fault.ts';
import { csvCells } from './csv-cells.ts';
import { type CsvColumns, type CsvPlaces, csvPlaces } from './csv-columns.ts';
import { InstantReader } from './csv-instant.ts';
import { type Box, type Feeder, type Intake, LONGEST_LINE } from './feeder.ts';
import { LONGEST_NAME } from './interning.ts';
import { localTimeOf } from './local-time.ts';

export interface CsvOptions {
  readonly columns?: CsvColumns;
  /** Zone of instants that name none; without it they are refused. */
  readonly zone?: string;
}

const NEWLINE = 10;
const RETURN = 13;
const COMMA = 44;
const QUOTE = 34;
const SPACE = 32;
const COLON = 58;
const AT = 64;
const WHOLE = 65_535;
/** A line of more columns than the header is refused, and so is a header of more than this. */
const MOST_COLUMNS = 255;
const decoder = new TextDecoder();

/** Throws Fault(usage) when the options make no sense; Fault(input) comes from the header. */
export function makeCsvFeeder(file: string, options: CsvOptions, intake: Intake): Feeder {
  const instants = new InstantReader(options.zone === undefined ? undefined : localTimeOf(options.zone));
  const { interning } = intake;
  const unreadable = new Set<number>();
  let places: CsvPlaces | undefined;
  /** Where the fields of the line begin; a field ends one byte before the next begins. Of more fields the last are not kept. */
  const starts = new Int32Array(MOST_COLUMNS + 2);
  let lines = 0;
  let skipping = false;
  let lastBox: Box = intake.box('');
  let lastBoxName = new Uint8Array(0);

  const refuse = (why: string) => intake.refuse(lines, why);

  function boxOf(bytes: Uint8Array, from: number, to: number): Box {
    let same = lastBoxName.length === to - from;
    for (let i = 0; same && i < lastBoxName.length; i++) same = bytes[from + i] === lastBoxName[i];
    if (same) return lastBox;
    lastBoxName = bytes.slice(from, to);
    lastBox = intake.box(decoder.decode(lastBoxName));
    return lastBox;
  }

  function subscriberAt(bytes: Uint8Array, start: number, end: number): number | string {
    let from = start;
    let to = end;
    while (from < to && bytes[from]! <= SPACE) from++;
    while (to > from && bytes[to - 1]! <= SPACE) to--;
    // What begins with this sign stands for an address and not for a line (chain.ts).
    if (from === to || bytes[from] === AT) return 'there is no readable subscriber';
    if (to - from > LONGEST_NAME) return `the subscriber is longer than ${LONGEST_NAME} bytes`;
    const known = interning.size;
    const local = interning.intern(bytes, from, to);
    if (interning.size > known && !isUtf8(bytes.subarray(from, to))) unreadable.add(local);
    return unreadable.size > 0 && unreadable.has(local) ? 'there is no readable subscriber' : local;
  }

  /** The fields of a row lie in bytes[starts[n], starts[n + 1] - 1). A string says why it is malformed. */
  function row(bytes: Uint8Array, at: CsvPlaces): string | undefined {
    const start = (place: number) => starts[place]!;
    const end = (place: number) => starts[place + 1]! - 1;
    const address = ipv4At(bytes, start(at.address), end(at.address));
    const isPrefix = address < 0 && bytes.subarray(start(at.address), end(at.address)).includes(COLON);
    if (address < 0 && !isPrefix) return 'the address is no IPv4 address';
    const portFrom = at.portFrom < 0 ? 0 : portAt(bytes, start(at.portFrom), end(at.portFrom), 0);
    const portTo = at.portTo < 0 ? WHOLE : portAt(bytes, start(at.portTo), end(at.portTo), WHOLE);
    if (portFrom < 0 || portTo < portFrom) return 'the ports are no range';
    const from = instants.read(bytes, start(at.from), end(at.from));
    if (Number.isNaN(from)) return `"from" ${instants.why}`;
    const open = start(at.to) === end(at.to);
    const to = open ? Number.POSITIVE_INFINITY : instants.read(bytes, start(at.to), end(at.to));
    if (Number.isNaN(to)) return `"to" ${instants.why}`;
    if (to < from) return '"to" is before "from"';
    const local = subscriberAt(bytes, start(at.subscriber), end(at.subscriber));
    if (typeof local === 'string') return local;
    const box = at.exporter < 0 ? lastBox : boxOf(bytes, start(at.exporter), end(at.exporter));
    if (!isPrefix) intake.four(address, portFrom * 65_536 + portTo, from, to, local, box);
    else {
      const prefix = parsePrefix(decoder.decode(bytes.subarray(start(at.address), end(at.address))));
      if (prefix?.family !== 6) return 'the address is no IPv6 prefix';
      intake.six(prefix.base, prefix.length, from, to, local, box);
    }
    return undefined;
  }

  function take(bytes: Uint8Array, fields: number): void {
    if (!places) {
      if (fields > MOST_COLUMNS)
        throw new Fault('input', `the header has more than ${MOST_COLUMNS} columns`, 'write fewer', {
          where: `${file}:${lines}`,
        });
      const names = Array.from({ length: fields }, (_, n) =>
        decoder.decode(bytes.subarray(starts[n], starts[n + 1]! - 1)),
      );
      places = csvPlaces(names, options.columns ?? {}, `${file}:${lines}`);
      return;
    }
    const isWhole = fields === places.width;
    const why = isWhole ? row(bytes, places) : `${fields} columns where the header has ${places.width}`;
    if (why === undefined) intake.used++;
    else refuse(why);
  }

  /** A line with quotes, unquoted: its fields with a byte after each. */
  function quoted(bytes: Uint8Array, from: number, to: number): void {
    const cells = csvCells(decoder.decode(bytes.subarray(from, to)));
    if (!cells) {
      refuse('a quote is left open');
      return;
    }
    const plain = Buffer.from(`${cells.join('\n')}\n`);
    starts[0] = 0;
    for (const [n, cell] of cells.slice(0, MOST_COLUMNS).entries())
      starts[n + 1] = starts[n]! + Buffer.byteLength(cell) + 1;
    take(plain, cells.length);
  }

  /** bytes[from, to) without its end; `fields` were found in it, or -1 when it has quotes. */
  function line(bytes: Uint8Array, from: number, to: number, fields: number): void {
    lines++;
    if (skipping || to - from > LONGEST_LINE) refuse('the line is longer than 65,536 bytes');
    else if (from === to) return;
    else if (fields < 0) quoted(bytes, from, to);
    else take(bytes, fields);
    skipping = false;
  }

  function feed(bytes: Uint8Array, length: number): number {
    let from = 0;
    let field = 0;
    let quotes = false;
    starts[0] = 0;
    for (let at = 0; at < length; at++) {
      const byte = bytes[at]!;
      if (byte > COMMA) continue;
      if (byte === COMMA) {
        if (field <= MOST_COLUMNS) starts[++field] = at + 1;
      } else if (byte === NEWLINE) {
        const to = at > from && bytes[at - 1] === RETURN ? at - 1 : at;
        starts[field + 1] = to + 1;
        line(bytes, from, to, quotes ? -1 : field + 1);
        from = at + 1;
        field = 0;
        quotes = false;
        starts[0] = from;
      } else if (byte === QUOTE) quotes = true;
    }
    if (length - from <= LONGEST_LINE) return from;
    // Too long to wait for its end: it is dropped here, and named where it ends.
    skipping = true;
    return length;
  }

  return {
    get lines() {
      return lines;
    },
    get cut() {
      return skipping;
    },
    feed,
    resume(behind, cut) {
      lines = behind;
      skipping = cut;
    },
    end(bytes, length, final) {
      if (!final || (length === 0 && !skipping)) return 0;
      const whole = new Uint8Array(length + 1);
      whole.set(bytes.subarray(0, length));
      whole[length] = NEWLINE;
      feed(whole, length + 1);
      return length;
    },
  };
}

/** An address without leading zeros as a number; -1 when it is none. */
function ipv4At(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  let octets = 0;
  let at = from;
  for (;;) {
    const first = at;
    let octet = 0;
    while (at < to) {
      const digit = bytes[at]! - 48;
      if (digit < 0 || digit > 9) break;
      octet = octet * 10 + digit;
      at++;
    }
    const digits = at - first;
    if (digits === 0 || digits > 3 || octet > 255 || (digits > 1 && bytes[first] === 48)) return -1;
    value = value * 256 + octet;
    octets++;
    if (octets === 4) return at === to ? value : -1;
    if (bytes[at] !== 46 || at >= to) return -1;
    at++;
  }
}

/** `otherwise` when empty, -1 when it is no port. */
function portAt(bytes: Uint8Array, from: number, to: number, otherwise: number): number {
  if (from === to) return otherwise;
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = bytes[at]! - 48;
    if (digit < 0 || digit > 9 || at - from > 4) return -1;
    value = value * 10 + digit;
  }
  return value > WHOLE ? -1 : value;
}
