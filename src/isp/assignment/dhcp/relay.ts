/**
 * What relays add to a request, as servers keep it. In: the bytes of option 82 (RFC 3046 §2.0) or of a DHCPv6 relay message
 * (RFC 8415 §21.10), or the user context of a lease of Kea. Out: names, or that it cannot be read to the last byte.
 */
import { bytesOf, type Names, textOf } from './line-name.ts';
import type { Key } from './options.ts';

const UNREADABLE: Names = { unreadable: true };
const SUB_OPTIONS: Readonly<Record<number, Key>> = { 1: 'circuit-id', 2: 'remote-id', 6: 'subscriber-id' };
const OPTIONS_6: Readonly<Record<number, Key>> = { 18: 'interface-id', 37: 'remote-id', 38: 'subscriber-id' };

function split(bytes: Uint8Array, width: 1 | 2, known: Readonly<Record<number, Key>>): Names {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const number = (at: number) => (width === 1 ? view.getUint8(at) : view.getUint16(at));
  const found: Partial<Record<Key, string>> = {};
  for (let at = 0; at < bytes.length; ) {
    const from = at + 2 * width;
    if (from > bytes.length) return UNREADABLE;
    const to = from + number(at + width);
    const key = known[number(at)];
    // A sub-option twice leaves open which counts.
    if (to > bytes.length || (key !== undefined && found[key] !== undefined)) return UNREADABLE;
    if (key !== undefined) found[key] = textOf(bytes.subarray(from, to));
    at = to;
  }
  return found;
}

export const subOptions = (bytes: Uint8Array): Names => split(bytes, 1, SUB_OPTIONS);
export const relayOptions6 = (bytes: Uint8Array): Names => split(bytes, 2, OPTIONS_6);

type Json = Readonly<Record<string, unknown>>;
const isObject = (x: unknown): x is Json => typeof x === 'object' && x !== null && !Array.isArray(x);

/** Kea keeps what relays added under `ISC`, when it is told to (store-extended-info). */
function kept(context: string): Json | undefined | 'unreadable' {
  if (!context.includes('relay')) return undefined;
  try {
    const parsed: unknown = JSON.parse(context);
    return isObject(parsed) && isObject(parsed.ISC) ? parsed.ISC : undefined;
  } catch {
    return 'unreadable';
  }
}

const named = (value: unknown): string | undefined => {
  if (typeof value !== 'string' || value === '') return undefined;
  const bytes = bytesOf(value);
  return textOf(bytes ?? Buffer.from(value));
};

const fromBytes = (value: unknown, read: (bytes: Uint8Array) => Names): Names | undefined => {
  if (value === undefined) return undefined;
  const bytes = typeof value === 'string' ? bytesOf(value) : undefined;
  return bytes ? read(bytes) : UNREADABLE;
};

/** Of a lease for IPv4. Up to Kea 2.3 the option itself, since then an object with it and its parts. */
export function relayNames4(context: string): Names {
  const isc = kept(context);
  if (isc === 'unreadable') return UNREADABLE;
  const info = isc?.['relay-agent-info'];
  if (info === undefined) return {};
  if (!isObject(info)) return fromBytes(info, subOptions) ?? UNREADABLE;
  const sub = fromBytes(info['sub-options'], subOptions);
  if (sub?.unreadable) return sub;
  const circuit = sub?.['circuit-id'] || named(info['circuit-id']);
  const remote = sub?.['remote-id'] || named(info['remote-id']);
  return {
    ...sub,
    ...(circuit === undefined ? {} : { 'circuit-id': circuit }),
    ...(remote === undefined ? {} : { 'remote-id': remote }),
  };
}

/** Of a lease for IPv6: the relay next to the client, which is the one with the fewest hops. */
export function relayNames6(context: string): Names {
  const isc = kept(context);
  if (isc === 'unreadable') return UNREADABLE;
  const list = isc?.['relay-info'] ?? isc?.relays;
  if (list === undefined) return {};
  if (!Array.isArray(list) || list.length === 0 || !list.every(isObject)) return UNREADABLE;
  const hops = list.map(relay => (Number.isInteger(relay.hop) ? Number(relay.hop) : Number.NaN));
  if (list.length > 1 && (hops.some(Number.isNaN) || new Set(hops).size < hops.length)) return UNREADABLE;
  const nearest = list[list.length > 1 ? hops.indexOf(Math.min(...hops)) : 0] as Json;
  const options = fromBytes(nearest.options, relayOptions6);
  if (options?.unreadable) return options;
  const remote = options?.['remote-id'] || named(nearest['remote-id']);
  return { ...options, ...(remote === undefined ? {} : { 'remote-id': remote }) };
}
