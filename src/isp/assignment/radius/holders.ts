/**
 * What a session holds, as RADIUS says it: an IPv4 address (RFC 2865 §5.8) or ranges of ports of one (RFC 8045), IPv6 prefixes and
 * addresses (RFC 3162, 4818, 6911). In: texts. Out: holders; a string says what is malformed. Host bits of a prefix are dropped.
 */
import { parseAddress, parseIpv4 } from '../../../record/address.ts';
import type { Holder } from '../event.ts';

const WHOLE = { portFrom: 0, portTo: 65_535 };
/** RFC 2865 §5.8: the user chooses, the server chooses; none of them is an address. */
const NO_ADDRESS: ReadonlySet<number> = new Set([0, 0xffffffff, 0xfffffffe]);

/** Undefined when the attribute says that no address is held. */
export function wholeAddress(text: string): Holder | undefined | string {
  const address = parseIpv4(text.endsWith('/32') ? text.slice(0, -3) : text);
  if (address === undefined) return `"${text.slice(0, 60)}" is no IPv4 address`;
  return NO_ADDRESS.has(address) ? undefined : { family: 4, address, ...WHOLE };
}

export function prefixHolder(text: string): Holder | string {
  const m = /^([0-9A-Fa-f:.]{2,45})(?:\/(\d{1,3}))?$/.exec(text);
  const address = m ? parseAddress(m[1] as string) : undefined;
  const length = m?.[2] === undefined ? 128 : Number(m[2]);
  if (address?.family !== 6 || length > 128 || length < 1) return `"${text.slice(0, 60)}" is no IPv6 prefix`;
  const host = BigInt(128 - length);
  return { family: 6, prefix: (address.value >> host) << host, length };
}

/** One group of IP-Port-Range attributes. */
export interface PortRange {
  readonly address: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly alloc: string | undefined;
}

/** `framed`: the address when the group names none. */
export function rangeHolder(range: PortRange, framed: number | undefined): Holder | string {
  const address = range.address === undefined ? framed : parseIpv4(range.address);
  if (address === undefined) return 'a port range has no IPv4 address';
  const [portFrom, portTo] = [range.from, range.to].map(t =>
    t !== undefined && /^\d{1,5}$/.test(t) ? Number(t) : -1,
  ) as [number, number];
  if (portFrom < 0 || portTo > 65_535 || portTo < portFrom) return 'a port range is none';
  return { family: 4, address, portFrom, portTo };
}
