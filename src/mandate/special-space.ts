/**
 * Which IPv4 space may be probed on signatures alone, which needs proof of holding, and which never. From the IANA IPv4
 * Special-Purpose Address Registry (RFC 6890 and its updates). `holder` space is globally routed: it needs a proof that
 * whoever signed the consent holds the prefix, which does not exist yet, so it compiles to nothing.
 */
import type { Prefix } from '../record/address.ts';
import { parsePrefix, prefixCovers } from '../record/address.ts';

export const SPACES = ['loopback', 'private', 'documentation', 'benchmark', 'holder', 'reserved'] as const;
export type Space = (typeof SPACES)[number];

/** Disjoint; whatever is in none of them is globally routed. All are /24 or wider, which the gate relies on. */
const BLOCKS: readonly (readonly [string, Exclude<Space, 'holder'>])[] = [
  ['0.0.0.0/8', 'reserved'],
  ['10.0.0.0/8', 'private'],
  // Shared space between a carrier's NAT and its customers (RFC 6598): never ours to reach.
  ['100.64.0.0/10', 'reserved'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'reserved'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'reserved'],
  ['192.0.2.0/24', 'documentation'],
  ['192.31.196.0/24', 'reserved'],
  ['192.52.193.0/24', 'reserved'],
  ['192.88.99.0/24', 'reserved'],
  ['192.168.0.0/16', 'private'],
  ['192.175.48.0/24', 'reserved'],
  ['198.18.0.0/15', 'benchmark'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'reserved'],
  ['240.0.0.0/4', 'reserved'],
];

export interface SpaceBlock {
  readonly prefix: Prefix;
  readonly from: number;
  /** Inclusive. */
  readonly to: number;
  readonly space: Space;
}

export const SPACE_BLOCKS: readonly SpaceBlock[] = BLOCKS.map(([text, space]) => {
  const prefix = parsePrefix(text) as Prefix;
  const from = Number(prefix.base);
  return { prefix, from, to: from + 2 ** (32 - prefix.length) - 1, space };
});

/** What kind of space an unsigned IPv4 number lies in. */
export function spaceOf(address: number): Space {
  for (const block of SPACE_BLOCKS) if (address >= block.from && address <= block.to) return block.space;
  return 'holder';
}

/** Probed on the two signatures and the consent alone. */
export const isOpenSpace = (space: Space): boolean => space !== 'holder' && space !== 'reserved';

/** Whether the whole prefix is loopback or private, where the compiled-in ceilings may be exceeded. */
export const isOwnSpace = (prefix: Prefix): boolean =>
  SPACE_BLOCKS.some(b => (b.space === 'loopback' || b.space === 'private') && prefixCovers(b.prefix, prefix));
