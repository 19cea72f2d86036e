/**
 * Rate groups: an ISP whose cap binds at the planned total rate is walked apart, at its cap, so that it is neither late
 * when the others are done nor in their way. In: ranges, ports, the round's key and the mandate's rates. Out: groups with
 * a space, a permutation and a stretch of the round's indices of their own (index = the group's first + its local one).
 *
 * Water-filling: of a rate R over N addresses an ISP with n of them gets R × n / N. Those for which that is above the cap
 * are pinned at the cap and taken out of R and N; what is left goes round again, until nobody new is pinned. The others
 * stay one group, in which each gets its share by the permutation's evenness alone.
 */
import { createHmac } from 'node:crypto';
import type { MandateLimits } from '../../../record/mandate.ts';
import { makePermutation, type Permutation } from '../../round/permutation.ts';
import type { ShardPlan } from '../../round/shards.ts';
import { makeSpace, type Space, type SpaceRange } from '../../round/space.ts';

export interface Group {
  /** The ISPs walked in it; ranks as in Place. */
  readonly isps: readonly number[];
  /** Pinned at its cap: a group of one ISP, which waits for that ISP's bucket as a whole. */
  readonly pinned: boolean;
  readonly first: number;
  readonly space: Space;
  readonly permutation: Permutation;
  /** Packets a second it gets when nothing else is in the way. */
  readonly rate: number;
}

export interface Groups {
  /** The space of the whole round: its indices are the elements that answers are known by. */
  readonly whole: Space;
  readonly list: readonly Group[];
  readonly plan: ShardPlan;
  /** Seconds the pass takes when nothing else is in the way. */
  readonly seconds: number;
}

export type Caps = Pick<MandateLimits, 'total' | 'perIsp'>;

/** Which of the weights are pinned at `cap` when `rate` is shared out by weight. */
export function pinnedAt(weights: readonly number[], rate: number, cap: number): boolean[] {
  const pinned = weights.map(() => false);
  let left = rate;
  let weight = weights.reduce((sum, w) => sum + w, 0);
  for (let again = true; again; ) {
    again = false;
    const share = left / weight;
    weights.forEach((w, i) => {
      if (pinned[i] || share * w <= cap) return;
      pinned[i] = true;
      left -= cap;
      weight -= w;
      again = true;
    });
  }
  return pinned;
}

/** A key of its own for each use of the round's key. */
export const derivedKey = (key: Uint8Array, use: string): Buffer => createHmac('sha256', key).update(use).digest();

export function makeGroups(
  ranges: readonly SpaceRange[],
  ports: readonly number[],
  key: Uint8Array,
  { total, perIsp }: Caps,
  shardSize: number,
): Groups {
  const whole = makeSpace(ranges, ports);
  const weights = whole.isps.map(() => 0);
  const rankOf = new Map(whole.isps.map((isp, rank) => [isp, rank]));
  for (const { from, to, isp } of ranges) {
    const rank = rankOf.get(isp) as number;
    weights[rank] = (weights[rank] as number) + to - from + 1;
  }
  const pinned = pinnedAt(weights, total.perSecond, perIsp.perSecond);
  // One ISP alone needs no group: it is the whole, and the buckets hold it.
  const apart = whole.isps.length === 1 ? [] : [...pinned.keys()].filter(rank => pinned[rank]);
  const rest = [...pinned.keys()].filter(rank => !apart.includes(rank));
  const restRate = Math.min(total.perSecond - apart.length * perIsp.perSecond, rest.length * perIsp.perSecond);
  const members = [...(rest.length > 0 ? [rest] : []), ...apart.map(rank => [rank])];
  let first = 0;
  const list = members.map((isps): Group => {
    const names = new Set(isps.map(rank => whole.isps[rank] as string));
    const space = members.length === 1 ? whole : makeSpace(ranges, ports, names);
    const own = members.length === 1 ? key : derivedKey(key, `rate group ${[...names].join(' ')}`);
    const group: Group = {
      isps,
      pinned: isps !== rest,
      first,
      space,
      permutation: makePermutation(own, space.size),
      rate: isps === rest ? restRate : perIsp.perSecond,
    };
    first += space.size;
    return group;
  });
  return {
    whole,
    list,
    plan: {
      total: whole.size,
      shardSize,
      ...(list.length > 1 ? { firsts: list.map(group => group.first) } : {}),
    },
    seconds: Math.max(...list.map(group => group.space.size / group.rate)),
  };
}

/** The index at which a pair is walked; -1 outside the round. */
export function indexOfPair({ whole, list }: Groups, element: number): number {
  const address = whole.address(element);
  const port = whole.port(element);
  for (const group of list) {
    const local = group.space === whole ? element : group.space.elementOf(address, port);
    if (local >= 0) return group.first + group.permutation.indexOf(local);
  }
  return -1;
}
