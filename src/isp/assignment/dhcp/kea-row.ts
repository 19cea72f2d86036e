/**
 * One row of Kea's memfile (lease4 and lease6 CSV; Kea Administrator Reference Manual, "Memfile"). In: the header and a line. Out:
 * what the row says, or why it cannot be used. Columns are found by the header, which grew over versions; a comma inside a
 * value is written `&#x2c`.
 */
import { parseAddress, parseIpv4 } from '../../../record/address.ts';
import type { Instant } from '../../../record/instant.ts';
import type { Holder } from '../event.ts';
import { type Line, lineOf, type Names, textOf } from './line-name.ts';
import type { DhcpOptions } from './options.ts';
import { relayNames4, relayNames6 } from './relay.ts';

export interface KeaRow extends Line {
  readonly holder: Holder;
  /** When the server last (re)newed the lease: expire - valid_lifetime. */
  readonly at: Instant;
  /** The same as `at` in a row that deletes the lease; Infinity for a lease for ever. */
  readonly expire: Instant;
  readonly what: 'lease' | 'gone' | 'declined';
  /** The row is written because of a client, and not because the server tidies up. */
  readonly fresh: boolean;
}

export type Version = 4 | 6;
export type KeaHeader = ReadonlyMap<string, number>;

const NEEDED: Readonly<Record<Version, readonly string[]>> = {
  4: ['address', 'hwaddr', 'client_id', 'valid_lifetime', 'expire'],
  6: ['address', 'duid', 'valid_lifetime', 'expire', 'lease_type', 'prefix_len'],
};

/** Undefined when the line is no header of such a file. */
export function keaHeader(line: string, version: Version): KeaHeader | undefined {
  const header = new Map(line.split(',').map((name, i) => [name.trim(), i]));
  return NEEDED[version].every(name => header.has(name)) ? header : undefined;
}

const FOR_EVER = 0xffffffff;
const PREFIX = 2;
/** The least that a registry gives an ISP: no line has more. */
const SHORTEST = 32;

const plain = (value: string | undefined): string => (value ?? '').replaceAll('&#x2c', ',');
const whole = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined;

type Cell = (name: string) => string | undefined;

function holderOf(cell: Cell, version: Version): Holder | string {
  const text = cell('address') ?? '';
  if (version === 4) {
    const address = parseIpv4(text);
    return address === undefined
      ? 'the address is no IPv4 address'
      : { family: 4, address, portFrom: 0, portTo: 65_535 };
  }
  const address = parseAddress(text);
  if (address?.family !== 6) return 'the address is no IPv6 address';
  const type = whole(cell('lease_type'));
  if (type === undefined || type > PREFIX) return 'the type of the lease is none of 0, 1 and 2';
  const length = type === PREFIX ? whole(cell('prefix_len')) : 128;
  if (length === undefined || length < SHORTEST || length > 128)
    return 'the length of the prefix is none that a line has';
  if ((address.value & ((1n << BigInt(128 - length)) - 1n)) !== 0n) return 'the prefix has host bits';
  return { family: 6, prefix: address.value, length };
}

/** Printable, or in hexadecimal: a client may call itself anything. */
const spelt = (text: string): string => (text === '' ? '' : textOf(Buffer.from(text)));

function namesOf(cell: Cell, version: Version): Names {
  const context = plain(cell('user_context'));
  const own = { hwaddr: spelt(plain(cell('hwaddr'))), hostname: spelt(plain(cell('hostname'))) };
  return version === 4
    ? { ...relayNames4(context), ...own, 'client-id': spelt(plain(cell('client_id'))) }
    : { ...relayNames6(context), ...own, duid: spelt(plain(cell('duid'))) };
}

/** A string says why the row is malformed. */
export function keaRow(
  header: KeaHeader,
  line: string,
  version: Version,
  options: Pick<DhcpOptions, 'subscriber'>,
): KeaRow | string {
  const cells = line.split(',');
  const cell: Cell = name => cells[header.get(name) ?? -1];
  if (cells.length !== header.size) return `${cells.length} columns where the header has ${header.size}`;
  const holder = holderOf(cell, version);
  if (typeof holder === 'string') return holder;
  const lifetime = whole(cell('valid_lifetime'));
  const expire = whole(cell('expire'));
  if (lifetime === undefined || expire === undefined) return 'valid_lifetime or expire is no number of seconds';
  if (lifetime > FOR_EVER) return 'valid_lifetime is longer than any';
  const forEver = lifetime === FOR_EVER;
  // A server that does not add what has no end writes the instant of the grant itself.
  const at = forEver && expire < lifetime ? expire : expire - lifetime;
  if (at < 0) return 'the lease begins before 1970';
  // Before there was such a column every row was a lease.
  const state = header.has('state') ? whole(cell('state')) : 0;
  if (state === undefined || state > 3) return 'state is none of 0, 1, 2 and 3';
  if (line.includes('\ufffd')) return 'the line is not UTF-8';
  const base = {
    holder,
    at: at * 1_000,
    expire: forEver ? Number.POSITIVE_INFINITY : expire * 1_000,
    fresh: state === 0,
  };
  if (state === 1) return { ...base, what: 'declined', subscriber: '', session: '', fresh: true };
  const who = lineOf(namesOf(cell, version), options, version === 6);
  // State 3 is "released" since Kea 2.7; before, and still, a lifetime of 0 deletes the lease.
  if (lifetime === 0 || state === 3) return { ...base, ...who, what: 'gone', fresh: false };
  return { ...base, ...who, what: 'lease' };
}
