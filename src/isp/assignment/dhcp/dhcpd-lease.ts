/**
 * What one lease declaration of ISC dhcpd says (dhcpd.leases(5)). In: its tokens. Out: instants, state and names, or why it cannot be
 * used. Instants are UTC; `db-time-format local` writes seconds since 1970.
 */
import { parseIpv4 } from '../../../record/address.ts';
import type { Instant } from '../../../record/instant.ts';
import type { Token } from './dhcpd-tokens.ts';
import { bytesOf, type Names, textOf } from './line-name.ts';
import type { Key } from './options.ts';

export interface DhcpdLease {
  readonly address: number;
  readonly starts: Instant;
  /** Infinity: never. */
  readonly ends: Instant;
  /** The client's last transaction, by the clock of the server that it spoke to. */
  readonly cltt: Instant | undefined;
  readonly state: string;
  /** Two servers share the pool: what one says may be what the other told it. */
  readonly failover: boolean;
  readonly names: Names;
}

const STATES = ['active', 'free', 'released', 'expired', 'abandoned', 'backup', 'reset', 'bootp', 'reserved'];

/** The tokens after `starts` and its like, without the semicolon; undefined when they are no date. */
export function dateOf(tokens: readonly Token[]): Instant | undefined {
  const [first, second, third] = tokens.map(t => t.text);
  if (first === 'never') return Number.POSITIVE_INFINITY;
  if (first === 'epoch') return second !== undefined && /^\d{1,12}$/.test(second) ? Number(second) * 1_000 : undefined;
  // The day of the week is for people.
  const day = /^(\d{4,5})\/(\d\d?)\/(\d\d?)$/.exec(second ?? '');
  const time = /^(\d\d?):(\d\d?):(\d\d?)$/.exec(third ?? '');
  if (!day || !time || !/^[0-6]$/.test(first ?? '')) return undefined;
  const [year, month, date] = day.slice(1).map(Number) as [number, number, number];
  const [hour, minute, second_] = time.slice(1).map(Number) as [number, number, number];
  if (hour > 23 || minute > 59 || second_ > 60) return undefined;
  const midnight = Date.UTC(year, month - 1, date);
  if (new Date(midnight).getUTCMonth() !== month - 1 || new Date(midnight).getUTCDate() !== date) return undefined;
  return midnight + ((hour * 60 + minute) * 60 + Math.min(second_, 59)) * 1_000;
}

/** Statements between the outermost braces; those with braces of their own are passed over. */
function statementsOf(tokens: readonly Token[]): Token[][] {
  const all: Token[][] = [];
  let now: Token[] = [];
  let depth = 0;
  for (const token of tokens.slice(3, -1)) {
    if (!token.quoted && token.text === '{') depth++;
    else if (!token.quoted && token.text === '}') {
      depth--;
      if (depth === 0) now = [];
    } else if (depth === 0 && token.text === ';') {
      all.push(now);
      now = [];
    } else if (depth === 0) now.push(token);
  }
  return all;
}

/** A string, or octets of one or two hexadecimal digits between colons. */
function octetsOf(token: Token | undefined): Uint8Array | undefined {
  if (!token) return undefined;
  if (token.quoted) return token.quoted;
  if (!/^[0-9a-f]{1,2}(?::[0-9a-f]{1,2})*$/i.test(token.text)) return undefined;
  return bytesOf(token.text.replace(/(^|:)([0-9a-f])(?=:|$)/gi, '$10$2'));
}

const hexOf = (bytes: Uint8Array): string => [...bytes].map(b => b.toString(16).padStart(2, '0')).join(':');

type Said = Map<string, readonly Token[]>;

/** Later statements count, as the server itself reads them. */
function said(tokens: readonly Token[]): Said {
  const all: Said = new Map();
  for (const words of statementsOf(tokens)) {
    const [first, second, third] = words.map(w => w.text);
    if (first === 'binding' && second === 'state') all.set('state', words.slice(2));
    else if (first === 'option' && second !== undefined) all.set(second, words.slice(2));
    else if (first === 'hardware') all.set('hardware', words.slice(2));
    else if (first !== undefined && !(first === 'next' || first === 'rewind') && third !== '=')
      all.set(first, words.slice(1));
  }
  return all;
}

const NAMED: readonly (readonly [statement: string, key: Key, text: (bytes: Uint8Array) => string])[] = [
  ['agent.circuit-id', 'circuit-id', textOf],
  ['agent.remote-id', 'remote-id', textOf],
  ['agent.subscriber-id', 'subscriber-id', textOf],
  ['uid', 'client-id', hexOf],
  ['hardware', 'hwaddr', hexOf],
  ['client-hostname', 'hostname', textOf],
];

function namesOf(all: Said): Names {
  const names: Partial<Record<Key, string>> = {};
  let unreadable = false;
  for (const [statement, key, text] of NAMED) {
    const tokens = all.get(statement);
    if (!tokens) continue;
    const bytes = tokens.length === 1 ? octetsOf(tokens[0]) : undefined;
    if (bytes) names[key] = text(bytes);
    else unreadable = true;
  }
  return { ...names, unreadable };
}

/** `tokens`: `lease`, the address, a brace and the rest. */
export function dhcpdLease(tokens: readonly Token[]): DhcpdLease | string {
  const address = parseIpv4(tokens[1]?.text ?? '');
  if (address === undefined) return 'the address is no IPv4 address';
  const all = said(tokens);
  const date = (name: string) => {
    const tokens = all.get(name);
    return tokens && dateOf(tokens);
  };
  for (const name of ['starts', 'ends', 'tstp', 'tsfp', 'atsfp', 'cltt'])
    if (all.has(name) && date(name) === undefined) return `"${name}" is no date`;
  const starts = date('starts');
  const ends = date('ends');
  if (starts === undefined || ends === undefined || starts === Number.POSITIVE_INFINITY)
    return 'it has no "starts" or no "ends"';
  const state = all.get('state')?.[0]?.text ?? (all.has('abandoned') ? 'abandoned' : 'active');
  if (!STATES.includes(state)) return 'its binding state is none of the known ones';
  // What the partner is told is written without a partner too.
  const failover = all.has('tsfp') || all.has('atsfp');
  return { address, starts, ends, cltt: date('cltt'), state, failover, names: namesOf(all) };
}
