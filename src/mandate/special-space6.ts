/**
 * Which IPv6 space may be probed on signatures alone, and which never. From the IANA IPv6 Special-Purpose Address Registry
 * (RFC 6890 and its updates). As with IPv4, globally routed space (`holder`) needs a proof of who holds it, which cannot be
 * checked yet, so it compiles to nothing; whatever is in no block and not in 2000::/3 is reserved.
 */
import type { Prefix } from '../record/address.ts';
import { parsePrefix, prefixContains, prefixCovers } from '../record/address.ts';
import type { Space } from './special-space.ts';

/** The longest block that holds an address decides. */
const BLOCKS: readonly (readonly [Prefix, Space])[] = (
  [
    ['::/0', 'reserved'],
    ['::1/128', 'loopback'],
    ['fc00::/7', 'private'],
    ['2000::/3', 'holder'],
    // IETF protocol assignments: Teredo, ORCHID, AMT and the like lead to no line of an ISP.
    ['2001::/23', 'reserved'],
    ['2001:2::/48', 'benchmark'],
    ['2001:db8::/32', 'documentation'],
    ['2002::/16', 'reserved'],
    ['2620:4f:8000::/48', 'reserved'],
    ['3fff::/20', 'documentation'],
  ] as const
)
  .map(([text, space]): [Prefix, Space] => [parsePrefix(text) as Prefix, space])
  .sort(([a], [b]) => b.length - a.length);

export function space6Of(address: bigint): Space {
  for (const [prefix, space] of BLOCKS) if (prefixContains(prefix, { family: 6, value: address })) return space;
  return 'reserved';
}

const OPEN = new Set<Space>(['loopback', 'private', 'documentation', 'benchmark']);

/** The parts of an IPv6 prefix in space that may be probed on signatures alone: prefixes are nested or disjoint. */
export function openParts6(prefix: Prefix): Prefix[] {
  const parts: Prefix[] = [];
  for (const [block, space] of BLOCKS) {
    if (!OPEN.has(space)) continue;
    if (prefixCovers(block, prefix)) return [prefix];
    if (prefixCovers(prefix, block)) parts.push(block);
  }
  return parts;
}

/** Whether the whole prefix is loopback or unique local, where the compiled-in ceilings may be exceeded. */
export const isOwnSpace6 = (prefix: Prefix): boolean =>
  BLOCKS.some(([block, space]) => (space === 'loopback' || space === 'private') && prefixCovers(block, prefix));
