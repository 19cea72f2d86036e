/**
 * Pools by longest prefix, inside realm and time. In: pools. Out: two look-ups, one table a prefix length that occurs; and the
 * first pool that another has the prefix of at the same time, which makes the list senseless.
 */
import type { Instant } from '../../record/instant.ts';
import { isValid } from './chain.ts';
import type { Pool } from './pool.ts';

export interface PoolTable {
  of(address: number, at: Instant, realm?: string): Pool | undefined;
  of6(address: bigint, at: Instant): Pool | undefined;
  readonly twice: Pool | undefined;
}

interface Level<Base> {
  readonly length: number;
  readonly pools: Map<Base, Pool[]>;
}

const overlap = (a: Pool, b: Pool): boolean =>
  (a.validFrom ?? Number.NEGATIVE_INFINITY) < (b.validTo ?? Number.POSITIVE_INFINITY) &&
  (b.validFrom ?? Number.NEGATIVE_INFINITY) < (a.validTo ?? Number.POSITIVE_INFINITY);

/** Longest first. */
function levelsOf<Base>(pools: readonly Pool[], base: (pool: Pool) => Base): Level<Base>[] {
  const lengths = [...new Set(pools.map(p => p.prefix.length))].sort((a, b) => b - a);
  return lengths.map(length => ({
    length,
    pools: Map.groupBy(
      pools.filter(p => p.prefix.length === length),
      base,
    ),
  }));
}

/** The first bits of an unsigned 32-bit number; the rest zero. */
const firstBits = (address: number, length: number): number =>
  length === 0 ? 0 : (address & (0xffffffff << (32 - length))) >>> 0;

export function byPrefix(all: readonly Pool[]): PoolTable {
  const four = all.filter(p => p.prefix.family === 4);
  const realms = new Map(
    [...Map.groupBy(four, p => p.realm)].map(([realm, pools]) => [realm, levelsOf(pools, p => Number(p.prefix.base))]),
  );
  const six = levelsOf(
    all.filter(p => p.prefix.family === 6),
    p => p.prefix.base,
  );
  const same = [...realms.values()].flatMap(levels => levels.flatMap(l => [...l.pools.values()]));
  const groups = [...same, ...six.flatMap(l => [...l.pools.values()])];
  return {
    of: (address, at, realm = '') => {
      for (const { length, pools } of realms.get(realm) ?? []) {
        const found = pools.get(firstBits(address, length))?.find(pool => isValid(pool, at));
        if (found) return found;
      }
      return undefined;
    },
    of6: (address, at) => {
      for (const { length, pools } of six) {
        const host = BigInt(128 - length);
        const found = pools.get((address >> host) << host)?.find(pool => isValid(pool, at));
        if (found) return found;
      }
      return undefined;
    },
    twice: groups.flatMap(group => group.filter((p, i) => group.slice(i + 1).some(q => overlap(p, q))))[0],
  };
}
