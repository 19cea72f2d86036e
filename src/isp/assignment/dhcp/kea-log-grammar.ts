/**
 * One line of Kea's legal log in its own wording (ARM, "Forensic Logging"). In: a line. Out: what was done to which holder, for how
 * long, and everything that names the client; or why it cannot be used. What clients send is printed twice, in hexadecimal and
 * as text in brackets: the text is skipped by its length, so that nobody can write a line's name into it.
 */
import { parseAddress, parseIpv4, parsePrefix } from '../../../record/address.ts';
import type { Instant } from '../../../record/instant.ts';
import type { Holder } from '../event.ts';
import { bytesOf, type Names, textOf } from './line-name.ts';
import { type Key, offsetOf } from './options.ts';

export interface Entry {
  readonly at: Instant;
  /** `deleted`: by whom it was held is not said. `other`: something that changes no holder we could name. */
  readonly what: 'given' | 'released' | 'deleted' | 'other';
  readonly by: 'client' | 'partner' | 'administrator';
  readonly holder?: Holder;
  /** ms; Infinity for ever; undefined when it is not said. */
  readonly lifetime?: number | undefined;
  readonly names: Names;
}

const STAMP = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d) ([A-Za-z]{1,6}|[+-]\d\d(?::?\d\d)?) /;
const ACTION = /(Address|Prefix): ?([0-9A-Fa-f.:/]{2,50}) has been (assigned|renewed|released)/y;
const LIFETIME =
  / for (?:(infinite duration)|(?:(\d{1,6}) days? )?(\d{1,2}) hrs? (\d{1,2}) mins? (\d{1,2}) secs?|(\d{1,10}) seconds)/y;
const DEVICE = /(?: (?:to|from))? a device with (hardware address|DUID): (?:hwtype=\d{1,5} ?)?([0-9A-Fa-f:]{0,800})/y;
const HARDWARE =
  /(?: and|,) hardware address: (?:hwtype=\d{1,5} ?)?([0-9A-Fa-f:]{0,100})(?: \(from [A-Za-z0-9 ]{1,40}\))?/y;
const CLIENT = /, client-id: ([0-9A-Fa-f:]{0,800})/y;
const RELAY =
  / connected via relay at address: [0-9A-Fa-f.:]{2,45}(?: for client on link address: [0-9A-Fa-f.:]{2,45}, hop count: \d{1,3})?/y;
const ID =
  /(?:, identified by | and |, connected at location | and , connected at location |, )(circuit-id|remote-id|subscriber-id|interface-id): ([0-9A-Fa-f:]{1,800})/y;
const COMMAND = /(Administrator|HA partner) (added a|updated information on the|deleted the|deleted a) lease /y;
const TARGET = /(?:of|for) (address|prefix): ?([0-9A-Fa-f.:/]{2,50})/y;

/** Longest stays of a lease: 136 years in days. */
const FOR_EVER = 0xffffffff;

type Zones = ReadonlyMap<string, number>;

function stampOf(text: string, zones: Zones): { at: Instant; end: number } | string {
  const m = STAMP.exec(text);
  if (!m) return 'it does not begin with a stamp such as 2026-11-23 04:05:06 JST';
  const zone = m[7] as string;
  const offset = /^[+-]/.test(zone) ? offsetOf(zone) : zones.get(zone);
  if (offset === undefined) return `the zone ${zone} is not declared`;
  const [year, month, day, hour, minute, second] = m.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const midnight = new Date(Date.UTC(year, month - 1, day));
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day || hour > 23 || minute > 59 || second > 60)
    return 'the stamp is no day or time';
  // A leap second counts as the last of its minute.
  const wall = midnight.getTime() + ((hour * 60 + minute) * 60 + Math.min(second, 59)) * 1_000;
  return { at: wall - offset, end: m[0].length };
}

function holderOf(kind: string, text: string): Holder | undefined {
  const four = kind.toLowerCase() === 'address' ? parseIpv4(text) : undefined;
  if (four !== undefined) return { family: 4, address: four, portFrom: 0, portTo: 65_535 };
  if (text.includes('/')) {
    const prefix = parsePrefix(text);
    return prefix?.family === 6 && prefix.length >= 32
      ? { family: 6, prefix: prefix.base, length: prefix.length }
      : undefined;
  }
  const address = parseAddress(text);
  return address?.family === 6 ? { family: 6, prefix: address.value, length: 128 } : undefined;
}

/** Reads on from where it is; `at` stays when the pattern is not there. */
class Cursor {
  at: number;
  readonly text: string;

  constructor(text: string, at: number) {
    this.text = text;
    this.at = at;
  }

  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) return undefined;
    this.at = pattern.lastIndex;
    return found;
  }

  /** The text of so many printable bytes in brackets, if it follows. */
  skipText(length: number): void {
    const end = this.at + 2 + length;
    if (this.text.startsWith(' (', this.at) && this.text[end] === ')') this.at = end + 1;
  }

  get rest(): string {
    return this.text.slice(this.at);
  }
}

function lifetimeOf(cursor: Cursor): number | undefined {
  const m = cursor.take(LIFETIME);
  if (!m) return undefined;
  const [, ever, days, hours, minutes, seconds, total] = m;
  if (ever) return Number.POSITIVE_INFINITY;
  const n = total
    ? Number(total)
    : ((Number(days ?? 0) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return n >= FOR_EVER ? Number.POSITIVE_INFINITY : n * 1_000;
}

/** Hexadecimal and then perhaps the same as text; undefined when it is no list of octets. */
function octets(cursor: Cursor, hex: string | undefined): Uint8Array | undefined {
  const bytes = hex === undefined ? undefined : bytesOf(/^[0-9a-f]{4,}$/i.test(hex) ? `0x${hex}` : hex);
  if (bytes) cursor.skipText(bytes.length);
  return bytes;
}

const hexOf = (bytes: Uint8Array): string => [...bytes].map(b => b.toString(16).padStart(2, '0')).join(':');

/** Everything after the lifetime; a text says what is not understood. */
function namesOf(cursor: Cursor, six: boolean): Names | string {
  const names: Partial<Record<Key, string>> = {};
  const device = cursor.take(DEVICE);
  if (!device) return 'it names no device';
  const first = octets(cursor, device[2]);
  if (!first && device[2] !== '') return 'the address of the device is no list of octets';
  names[device[1] === 'DUID' ? 'duid' : 'hwaddr'] = first ? hexOf(first) : '';
  if (six) {
    const hardware = cursor.take(HARDWARE);
    const bytes = octets(cursor, hardware?.[1]);
    if (bytes) names.hwaddr = hexOf(bytes);
  }
  const client = cursor.take(CLIENT);
  if (client) {
    const bytes = octets(cursor, client[1]);
    if (!bytes) return 'the client id is no list of octets';
    names['client-id'] = hexOf(bytes);
  }
  if (cursor.take(RELAY))
    for (let m = cursor.take(ID); m; m = cursor.take(ID)) {
      const bytes = octets(cursor, m[2]);
      const key = m[1] as Key;
      if (!bytes || names[key] !== undefined) return `the ${key} is no list of octets, or is there twice`;
      names[key] = textOf(bytes);
    }
  return names;
}

const CONTEXT = ', context: ';
const atEnd = (cursor: Cursor) => cursor.rest === '' || cursor.rest.startsWith(CONTEXT);

/** A string says why it cannot be used. */
export function entryOf(text: string, zones: Zones): Entry | string {
  const stamp = stampOf(text, zones);
  if (typeof stamp === 'string') return stamp;
  const { at } = stamp;
  const cursor = new Cursor(text, stamp.end);
  const command = cursor.take(COMMAND);
  if (command)
    return commandOf(cursor, at, command[1] === 'HA partner' ? 'partner' : 'administrator', command[2] as string);
  const action = cursor.take(ACTION);
  if (!action) return "it is not in the server's own wording";
  const holder = holderOf(action[1] as string, action[2] as string);
  if (!holder) return 'the address is no address, or the prefix none that a line has';
  const released = action[3] === 'released';
  const lifetime = released ? undefined : lifetimeOf(cursor);
  if (!released && lifetime === undefined) return 'it does not say for how long';
  const names = namesOf(cursor, holder.family === 6);
  if (typeof names === 'string') return names;
  if (!atEnd(cursor)) return 'what follows the client is not understood';
  return { at, what: released ? 'released' : 'given', by: 'client', holder, lifetime, names };
}

function commandOf(cursor: Cursor, at: Instant, by: Entry['by'], done: string): Entry | string {
  // By client and not by address: which holder it was is not said.
  if (done === 'deleted a') return { at, what: 'other', by, names: {} };
  const target = cursor.take(TARGET);
  const holder = target && holderOf(target[1] as string, target[2] as string);
  if (!holder) return 'the address is no address, or the prefix none that a line has';
  if (done === 'deleted the') return { at, what: 'deleted', by, holder, names: {} };
  const names = namesOf(cursor, holder.family === 6);
  if (typeof names === 'string') return names;
  const lifetime = lifetimeOf(cursor);
  if (!atEnd(cursor)) return 'what follows the client is not understood';
  return { at, what: 'given', by, holder, lifetime, names };
}
