/**
 * Whom a box on the way from IPv6 to IPv4 means when it logs its inside. An AFTR (DS-Lite, RFC 6333) knows a line by the IPv6
 * address of its softwire, a NAT64 (464XLAT, RFC 6877) by the IPv6 address of its translator; the inside IPv4 address behind
 * them is the same for every line. In: what the record says. Out: the step to the log of delegated prefixes, or why there is none.
 */
import { formatAddress, formatIpv4, parsePrefix, prefixContains } from '../../../record/address.ts';
import type { Behind } from '../chain.ts';
import { holds6 } from '../ipv6/key.ts';
import type { Prefix6 } from './forward.ts';

export interface InsideOfBox {
  /** Softwire or translator address, where the record has one. */
  readonly ipv6?: bigint | undefined;
  /** Inside IPv4 address, where the record has one. */
  readonly ipv4?: number | undefined;
  /** The inside network that the IPv4 address is of; '' for the only one. */
  readonly realm?: string | undefined;
  /** Prefixes that this NAT64 puts before IPv4 destinations, besides 64:ff9b::/96. */
  readonly translates?: readonly Prefix6[] | undefined;
}

const known = (text: string): Prefix6 => {
  const prefix = parsePrefix(text);
  if (!prefix) throw new RangeError(`${text} is no prefix`);
  return { prefix: prefix.base, length: prefix.length };
};

/** What no line ever speaks from: a record that names one has its columns mixed up, or names a destination. */
const NOBODYS = [
  ['::/127', 'no address or the box itself'],
  ['::ffff:0:0/96', 'IPv4 in IPv6 clothes'],
  ['fe80::/10', 'good on one link only'],
  ['ff00::/8', 'a group'],
].map(([text, what]) => ({ ...known(text as string), what }));

/** RFC 6052 §2.1 and RFC 8215: before the IPv4 address of a destination. */
const TRANSLATED = ['64:ff9b::/96', '64:ff9b:1::/48'].map(known);

/** RFC 6333 §5.7 and RFC 7335: every line has the same addresses here. */
const EVERY_LINE = parsePrefix('192.0.0.0/29');

const inAny = (prefixes: readonly Prefix6[], address: bigint): boolean =>
  prefixes.some(({ prefix, length }) => holds6(prefix, length, address));

/** A string says why the record names nobody. */
export function behindBox({ ipv6, ipv4, realm = '', translates = [] }: InsideOfBox): Behind | string {
  if (ipv6 !== undefined) {
    const text = () => formatAddress({ family: 6, value: ipv6 });
    const nobody = NOBODYS.find(({ prefix, length }) => holds6(prefix, length, ipv6));
    if (nobody) return `the inside address ${text()} is ${nobody.what}`;
    if (inAny(TRANSLATED, ipv6) || inAny(translates, ipv6))
      return `the inside address ${text()} stands for an IPv4 destination`;
    return { family: 6, address: ipv6 };
  }
  if (ipv4 === undefined) return 'the record names nobody inside';
  if (EVERY_LINE && prefixContains(EVERY_LINE, { family: 4, value: BigInt(ipv4) }))
    return `${formatIpv4(ipv4)} is behind every softwire; the record must name the IPv6 address`;
  return { family: 4, address: ipv4, realm };
}
