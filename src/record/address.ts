/**
 * IPv4 and IPv6 addresses and prefixes as values. IPv4 is an unsigned 32-bit number on hot paths; text in records is
 * canonical (dotted decimal without leading zeros; RFC 5952 for IPv6). Parsers return undefined for anything else.
 */
export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
}

export interface Prefix {
  readonly family: 4 | 6;
  /** First address; host bits are zero. */
  readonly base: bigint;
  readonly length: number;
}

/** `192.0.2.1` to 3221225985; undefined for anything but four canonical decimal octets. */
export function parseIpv4(text: string): number | undefined {
  // Read character by character: it is asked several times a conversation, and a regular expression allocates.
  const { length } = text;
  if (length < 7 || length > 15) return undefined;
  let value = 0;
  let octet = -1;
  let dots = 0;
  for (let i = 0; i < length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit === -2) {
      if (octet < 0 || ++dots > 3) return undefined;
      value = value * 256 + octet;
      octet = -1;
    } else {
      // A zero begins no longer number.
      if (digit < 0 || digit > 9 || octet === 0) return undefined;
      octet = octet < 0 ? digit : octet * 10 + digit;
      if (octet > 255) return undefined;
    }
  }
  return dots === 3 && octet >= 0 ? value * 256 + octet : undefined;
}

export const formatIpv4 = (n: number): string => `${n >>> 24}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`;

function parseIpv6(text: string): bigint | undefined {
  if (text.includes('%')) return undefined;
  let body = text;
  let tail: number | undefined;
  const dotted = /:(\d+\.\d+\.\d+\.\d+)$/.exec(body);
  if (dotted) {
    tail = parseIpv4(dotted[1] as string);
    if (tail === undefined) return undefined;
    body = `${body.slice(0, dotted.index + 1)}${(tail >>> 16).toString(16)}:${(tail & 0xffff).toString(16)}`;
  }
  const halves = body.split('::');
  if (halves.length > 2) return undefined;
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const head = groups(halves[0] as string);
  const rest = halves.length === 2 ? groups(halves[1] as string) : [];
  const missing = 8 - head.length - rest.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const all = [...head, ...Array<string>(halves.length === 2 ? missing : 0).fill('0'), ...rest];
  let value = 0n;
  for (const group of all) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    value = (value << 16n) | BigInt(Number.parseInt(group, 16));
  }
  return value;
}

function formatIpv6(value: bigint): string {
  const groups: number[] = [];
  for (let i = 7; i >= 0; i--) groups.push(Number((value >> BigInt(16 * i)) & 0xffffn));
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let j = i;
    while (j < 8 && groups[j] === 0) j++;
    if (j - i > bestLength) [best, bestLength] = [i, j - i];
  }
  const hex = (part: number[]) => part.map(g => g.toString(16)).join(':');
  return best < 0 ? hex(groups) : `${hex(groups.slice(0, best))}::${hex(groups.slice(best + bestLength))}`;
}

export function parseAddress(text: string): Address | undefined {
  const v4 = parseIpv4(text);
  if (v4 !== undefined) return { family: 4, value: BigInt(v4) };
  const v6 = text.includes(':') ? parseIpv6(text) : undefined;
  return v6 === undefined ? undefined : { family: 6, value: v6 };
}

export const formatAddress = (a: Address): string =>
  a.family === 4 ? formatIpv4(Number(a.value)) : formatIpv6(a.value);

const bits = (family: 4 | 6) => (family === 4 ? 32 : 128);

/** `192.0.2.0/24`; a bare address is a host prefix. Undefined when host bits are set or the length is out of range. */
export function parsePrefix(text: string): Prefix | undefined {
  const [addressText, lengthText, more] = text.split('/');
  const address = parseAddress(addressText ?? '');
  if (!address || more !== undefined) return undefined;
  const width = bits(address.family);
  if (lengthText !== undefined && !/^\d{1,3}$/.test(lengthText)) return undefined;
  const length = lengthText === undefined ? width : Number(lengthText);
  if (length > width) return undefined;
  const host = BigInt(width - length);
  if ((address.value >> host) << host !== address.value) return undefined;
  return { family: address.family, base: address.value, length };
}

export const formatPrefix = (p: Prefix): string => `${formatAddress({ family: p.family, value: p.base })}/${p.length}`;

export const prefixSize = (p: Prefix): bigint => 1n << BigInt(bits(p.family) - p.length);

export function prefixContains(p: Prefix, a: Address): boolean {
  return p.family === a.family && a.value >= p.base && a.value < p.base + prefixSize(p);
}

/** Whether the whole of `inner` lies in `outer`. */
export function prefixCovers(outer: Prefix, inner: Prefix): boolean {
  return (
    outer.family === inner.family &&
    inner.length >= outer.length &&
    prefixContains(outer, { family: inner.family, value: inner.base })
  );
}

/** CIDR blocks are nested or disjoint, so overlapping is one covering the other. */
export const prefixesOverlap = (a: Prefix, b: Prefix): boolean => prefixCovers(a, b) || prefixCovers(b, a);

/** IPv4 in IPv6 clothes (RFC 4291 section 2.5.5.2) is IPv4: a dual-stack socket shows it so. */
export const plainAddress = (text: string): string => text.replace(/^::ffff:(?=\d{1,3}\.)/i, '');
