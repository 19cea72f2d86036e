/**
 * One row of Kea's memfile for IPv4 leases (lease4 CSV; Kea Administrator Reference Manual, "Memfile"). In: the header and a
 * line. Out: what the row says, or why it cannot be used. Columns are found by the header, which grew over versions; a
 * comma inside a value is written `&#x2c`.
 */
import { parseIpv4 } from '../../record/address.ts';

export interface KeaEvent {
  readonly address: number;
  /** When the server last (re)newed the lease: expire - valid_lifetime. Seconds UTC. */
  readonly at: number;
  /** Seconds UTC. Equal to `at` in a row that deletes the lease. */
  readonly expire: number;
  readonly what: 'lease' | 'gone' | 'declined';
  /** The line, by relay information where the server keeps it, else client id, else hardware address; '' when none. */
  readonly subscriber: string;
}

export type KeaHeader = ReadonlyMap<string, number>;

const NEEDED = ['address', 'hwaddr', 'client_id', 'valid_lifetime', 'expire'];

/** Undefined when the line is no header of a lease4 file. */
export function keaHeader(line: string): KeaHeader | undefined {
  const header = new Map(line.split(',').map((name, i) => [name.trim(), i]));
  return NEEDED.every(name => header.has(name)) ? header : undefined;
}

const plain = (value: string) => value.replaceAll('&#x2c', ',');

/** Relay bytes as text where they are printable ASCII, else as they are written. */
function relayText(value: unknown): string {
  if (typeof value !== 'string') return '';
  const hex = /^0x((?:[0-9a-f]{2})+)$/i.exec(value)?.[1];
  if (hex === undefined) return value;
  const bytes = Buffer.from(hex, 'hex');
  return bytes.every(b => b >= 0x21 && b <= 0x7e) ? bytes.toString('latin1') : value.toLowerCase();
}

/** Sub-options 1 (circuit id) and 2 (remote id) of option 82 (RFC 3046 §2.0), from Kea's stored copy. */
function subOptions(value: unknown): { circuit: string; remote: string } {
  const found = { circuit: '', remote: '' };
  const hex = typeof value === 'string' ? /^0x((?:[0-9a-f]{2})*)$/i.exec(value)?.[1] : undefined;
  if (!hex) return found;
  const bytes = Buffer.from(hex, 'hex');
  for (let at = 0; at + 2 <= bytes.length; ) {
    const length = bytes[at + 1] as number;
    const text = relayText(`0x${bytes.subarray(at + 2, at + 2 + length).toString('hex')}`);
    if (at + 2 + length > bytes.length) break;
    if (bytes[at] === 1) found.circuit = text;
    if (bytes[at] === 2) found.remote = text;
    at += 2 + length;
  }
  return found;
}

function relayKey(context: string): string {
  if (!context.includes('relay-agent-info')) return '';
  let parsed: unknown;
  try {
    parsed = JSON.parse(context);
  } catch {
    return '';
  }
  const info = (parsed as { ISC?: { 'relay-agent-info'?: unknown } } | null)?.ISC?.['relay-agent-info'];
  if (typeof info === 'string') {
    const { circuit, remote } = subOptions(info);
    return [circuit, remote].filter(Boolean).join('/');
  }
  if (typeof info !== 'object' || info === null) return '';
  const fields = info as Record<string, unknown>;
  const sub = subOptions(fields['sub-options']);
  const circuit = sub.circuit || relayText(fields['circuit-id']);
  const remote = sub.remote || relayText(fields['remote-id']);
  return [circuit, remote].filter(Boolean).join('/');
}

const whole = (text: string | undefined): number | undefined => {
  if (text === undefined || !/^\d{1,12}$/.test(text)) return undefined;
  return Number(text);
};

/** A string says why the row is malformed. */
export function keaRow(header: KeaHeader, line: string): KeaEvent | string {
  const cells = line.split(',');
  const cell = (name: string) => cells[header.get(name) ?? -1];
  if (cells.length !== header.size) return `${cells.length} columns where the header has ${header.size}`;
  const address = parseIpv4(cell('address') ?? '');
  if (address === undefined) return 'the address is no IPv4 address';
  const lifetime = whole(cell('valid_lifetime'));
  const expire = whole(cell('expire'));
  if (lifetime === undefined || lifetime > 0xffffffff) return 'valid_lifetime is no number of seconds';
  if (expire === undefined || expire < lifetime) return 'expire is no instant after the start of the lease';
  const state = whole(cell('state') ?? '0');
  if (state === undefined) return 'state is no number';
  const client = plain(cell('client_id') ?? '');
  const hardware = plain(cell('hwaddr') ?? '');
  const subscriber = relayKey(plain(cell('user_context') ?? '')) || client || hardware;
  if (subscriber.includes('\ufffd')) return 'the line is not UTF-8';
  const base = { address, at: expire - lifetime, expire, subscriber };
  if (state === 1) return { ...base, what: 'declined', subscriber: '' };
  // State 3 is "released" since Kea 2.7; before, and still, a lifetime of 0 deletes the lease.
  if (lifetime === 0 || state === 3) return { ...base, what: 'gone' };
  if (state !== 0 && state !== 2) return `state ${state} is not one of Kea's`;
  if (subscriber === '') return 'neither relay information nor client id nor hardware address';
  return { ...base, what: 'lease' };
}
