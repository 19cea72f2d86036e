/**
 * Which line a record speaks of. In: everything in it that could name one. Out: the name, or '' when it names nobody that can be
 * believed: then somebody unknown is on the holder. Clients choose some of these bytes, so that no name may be taken for another.
 */
import { sha256 } from '../../../record/digest.ts';
import { isBehind } from '../chain.ts';
import type { DhcpOptions, Key } from './options.ts';

export type Names = Readonly<Partial<Record<Key, string>>> & {
  /** What a relay added cannot be read: it could have said anything. */
  readonly unreadable?: boolean;
};

export interface Line {
  readonly subscriber: string;
  /** The same for two records of one client, whether its line is known or not. */
  readonly session: string;
}

const LONGEST = 200;
const RELAYED: readonly Key[] = ['circuit-id', 'remote-id', 'subscriber-id', 'interface-id'];

/** Bytes as text where they are printable ASCII, else in hexadecimal; what would look like something else is hexadecimal too. */
export function textOf(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const plain = bytes.length > 0 && bytes.every(b => b >= 0x21 && b <= 0x7e);
  const text = plain ? buffer.toString('latin1') : '';
  if (plain && !text.startsWith('0x') && !isBehind(text)) return text;
  return bytes.length === 0 ? '' : `0x${buffer.toString('hex')}`;
}

/** `0x41…` or `41:…` to bytes; undefined when it is neither. */
export function bytesOf(text: string): Uint8Array | undefined {
  const hex =
    /^0x((?:[0-9a-f]{2})*)$/i.exec(text)?.[1] ?? (/^[0-9a-f]{2}(?::[0-9a-f]{2})*$/i.test(text) ? text : undefined);
  return hex === undefined ? undefined : Buffer.from(hex.replaceAll(':', ''), 'hex');
}

const short = (name: string): string =>
  Buffer.byteLength(name) <= LONGEST ? name : `sha256-${sha256(Buffer.from(name)).slice(0, 40)}`;

export function lineOf(names: Names, { subscriber: wanted }: Pick<DhcpOptions, 'subscriber'>, six: boolean): Line {
  const hidden = names.unreadable === true;
  const client = (six ? names.duid : names['client-id']) || names.hwaddr || '';
  let name: string | undefined;
  if (wanted !== undefined) name = hidden && RELAYED.includes(wanted) ? '' : names[wanted];
  else if (!hidden) name = (six ? names['remote-id'] : relayed(names)) || client;
  const subscriber = short(name ?? '');
  return { subscriber, session: subscriber || short(client) || '?' };
}

const relayed = (names: Names): string => [names['circuit-id'], names['remote-id']].filter(Boolean).join('/');
