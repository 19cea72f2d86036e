/**
 * From a line's IPv6 prefix to the IPv4 address and ports that a rule gives it (RFC 7597 §5.2, §6): what the line's own box
 * works out. The resolver goes the other way (backward.ts); this is for the ISP to hold against what its boxes show.
 */
import { holds6, networkOf } from '../ipv6/key.ts';
import { type PortRange, rangesOfPsid } from './ports.ts';
import type { MapRule } from './rule.ts';

/** A delegated prefix, or the /64 of a link inside one. Bits beyond `length` are zero. */
export interface Prefix6 {
  readonly prefix: bigint;
  readonly length: number;
}

export interface Address4 {
  /** Unsigned 32 bits; the first address where a line has several. */
  readonly address: number;
  /** 32, or fewer bits where a line has an IPv4 prefix. */
  readonly length: number;
}

/** Undefined when the prefix is not one of this rule's, or shorter than its end-user prefixes. */
function eaBitsOf(rule: MapRule, { prefix, length }: Prefix6): bigint | undefined {
  if (length < rule.endUserLength || !holds6(rule.ipv6Base, rule.ipv6Length, prefix)) return undefined;
  return (prefix >> BigInt(128 - rule.endUserLength)) & ((1n << BigInt(rule.eaBits)) - 1n);
}

const psidOfEa = (rule: MapRule, ea: bigint): number =>
  rule.psid ?? Number(ea & ((1n << BigInt(rule.eaBits - rule.suffixBits)) - 1n));

export function addressOf(rule: MapRule, endUser: Prefix6): Address4 | undefined {
  const ea = eaBitsOf(rule, endUser);
  if (ea === undefined) return undefined;
  const suffix = Number(ea >> BigInt(rule.eaBits - rule.suffixBits));
  const length = rule.ipv4Length + rule.suffixBits;
  return { address: rule.ipv4Base + suffix * 2 ** (32 - length), length };
}

export function portsOf(rule: MapRule, endUser: Prefix6): PortRange[] | undefined {
  const ea = eaBitsOf(rule, endUser);
  return ea === undefined ? undefined : rangesOfPsid(rule, psidOfEa(rule, ea));
}

/** The last 64 bits of a box's MAP address: 16 zero bits, the IPv4 address, the PSID in 16 bits (RFC 7597 §6). */
export const interfaceIdOf = (address: number, psid: number): bigint => (BigInt(address) << 16n) | BigInt(psid);

/**
 * The IPv6 address from which the line's box speaks, with subnet id zero; the prefix wins where it is longer than 64 bits.
 * Where a line has an IPv4 prefix, MAP-E writes its first address and MAP-T the one in use (RFC 7599 §6, as corrected).
 */
export function mapAddressOf(rule: MapRule, endUser: Prefix6, inUse?: number): bigint | undefined {
  const ea = eaBitsOf(rule, endUser);
  const own = addressOf(rule, endUser);
  if (ea === undefined || own === undefined) return undefined;
  const address = rule.kind === 'map-t' && inUse !== undefined ? inUse : own.address;
  const interfaceId = interfaceIdOf(address, psidOfEa(rule, ea));
  const free = BigInt(128 - rule.endUserLength);
  return networkOf(endUser.prefix, rule.endUserLength) | (interfaceId & ((1n << free) - 1n));
}
