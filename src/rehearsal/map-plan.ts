/**
 * How the simulated MAP-E ISP shares its addresses: sixteen lines an address, PSID offset 4 (RFC 7597 §5.1), each line behind a /56 of
 * the documentation prefix. In: the ISP, and a line's address and place (PSID 0 to 15). Out: its rules, its pools, the prefix
 * that the line is delegated, and the ports it has: not one block but fifteen ranges, one in each 4,096 ports.
 */

import { delegatedPrefixOf } from '../isp/assignment/map/backward.ts';
import type { PortRange } from '../isp/assignment/map/ports.ts';
import { type MapRuleEntry, type MapRules, mapRulesShape } from '../isp/assignment/map/rules.ts';
import { formatPrefix, parseIpv4, parsePrefix } from '../record/address.ts';
import { type Instant, isoOf } from '../record/instant.ts';
import type { CountryIsp } from './country.ts';

/** Lines on one address. */
export const SHARERS = 16;
const PSID_BITS = Math.log2(SHARERS);
const PSID_OFFSET = 4;
/** Ports of one range; a line has fifteen ranges. */
const RANGE = 2 ** (16 - PSID_OFFSET - PSID_BITS);
/** A = 0 is nobody's. */
const FIRST = 2 ** (16 - PSID_OFFSET);

/** Which of the sixteen lines of an address has a port; undefined below 4,096, which no line has. */
export const psidOfPort = (port: number): number | undefined =>
  port < FIRST ? undefined : Math.floor(port / RANGE) % SHARERS;

/** Ascending, both ends included. */
export const portsOfLine = (psid: number): PortRange[] =>
  Array.from({ length: 65_536 / FIRST - 1 }, (_, i) => {
    const from = (i + 1) * FIRST + psid * RANGE;
    return { from, to: from + RANGE - 1 };
  });

const DOCUMENTATION = 0x20010db8n << 96n;
const DELEGATED = 56;

/** One rule for each of its IPv4 prefixes, in the order of the prefixes, each with an IPv6 prefix of its own. */
export const mapRulesOf = (isp: CountryIsp): MapRuleEntry[] =>
  isp.prefixes.map((text, i) => {
    const ipv4 = parsePrefix(text);
    if (!ipv4) throw new RangeError(`${text} is no prefix`);
    const eaBits = 32 - ipv4.length + PSID_BITS;
    // Bits 32 to 34 tell the rules apart; the largest country needs the other 21 for one of them.
    const base = DOCUMENTATION | (BigInt(i) << (128n - 35n));
    return {
      kind: 'map-e' as const,
      ipv4Prefix: text,
      ipv6Prefix: formatPrefix({ family: 6, base, length: DELEGATED - eaBits }),
      eaBits,
      psidOffset: PSID_OFFSET,
    };
  });

/** Entries of its pools file. Who was delegated what is in its log of prefixes (`pd`). */
export const mapPoolsOf = (isp: CountryIsp) =>
  isp.prefixes.map((prefix, i) => ({
    prefix,
    pool: isp.pool,
    log: 'pd' as const,
    map: mapRulesOf(isp).slice(i, i + 1),
  }));

/** The prefix that the line with this PSID on this address must have been delegated, as text. */
export const delegationOf = (isp: CountryIsp, address: string, psid: number): string =>
  delegatedBy(mapRulesShape.parse(mapRulesOf(isp)), address, psid);

function delegatedBy(rules: MapRules, address: string, psid: number): string {
  const found = delegatedPrefixOf(rules, parseIpv4(address) ?? -1, portsOfLine(psid)[0]?.from ?? 0, 0);
  if (found.to !== 'prefix') throw new RangeError(`${address} is in none of the rules`);
  return formatPrefix({ family: 6, base: found.prefix, length: found.length });
}

export interface Delegation {
  readonly address: string;
  readonly psid: number;
  readonly subscriber: string;
  readonly from: Instant;
  readonly to: Instant | null;
}

/** The log of prefix delegation, as `notice isp import --format pd` reads it. */
export function delegationLog(isp: CountryIsp, delegations: readonly Delegation[]): string {
  const rules = mapRulesShape.parse(mapRulesOf(isp));
  const rows = delegations.map(
    d =>
      `${delegatedBy(rules, d.address, d.psid)},${d.subscriber},${isoOf(d.from)},${d.to === null ? '' : isoOf(d.to)}`,
  );
  return ['prefix,subscriber,from,to', ...rows].join('\n');
}
