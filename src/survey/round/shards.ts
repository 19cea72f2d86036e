/**
 * How a round's indices are cut into shards. Without groups number s holds s × size … (s+1) × size - 1, the last one what
 * is left. With groups (ranges of indices that are walked apart) each group is cut so, and no shard lies in two.
 */
export interface ShardPlan {
  readonly total: number;
  readonly shardSize: number;
  /** The first index of each group, ascending from 0. Absent: one group. */
  readonly firsts?: readonly number[];
}

const ONE = [0];

/** Calls `visit` for each group with its indices and its first shard's number, until it says true. */
function eachGroup(
  { total, shardSize, firsts = ONE }: ShardPlan,
  visit: (from: number, to: number, firstShard: number) => boolean,
): void {
  let shard = 0;
  for (let g = 0; g < firsts.length; g++) {
    const from = firsts[g] as number;
    const to = firsts[g + 1] ?? total;
    if (visit(from, to, shard)) return;
    shard += Math.ceil((to - from) / shardSize);
  }
}

export function shardCount(plan: ShardPlan): number {
  let count = 0;
  eachGroup(plan, (from, to, first) => {
    count = first + Math.ceil((to - from) / plan.shardSize);
    return false;
  });
  return count;
}

/** First index of a shard and the one after its last. */
export function shardBounds(plan: ShardPlan, shard: number): { from: number; to: number } {
  const { shardSize } = plan;
  let bounds = { from: plan.total, to: plan.total };
  eachGroup(plan, (from, to, first) => {
    const start = from + (shard - first) * shardSize;
    if (start >= to) return false;
    bounds = { from: start, to: Math.min(to, start + shardSize) };
    return true;
  });
  return bounds;
}

/** The shard that holds an index. */
export function shardOf(plan: ShardPlan, index: number): number {
  let shard = -1;
  eachGroup(plan, (from, to, first) => {
    if (index >= to) return false;
    shard = first + Math.floor((index - from) / plan.shardSize);
    return true;
  });
  return shard;
}

/** The group that an index lies in. */
export function groupOf({ firsts = ONE }: ShardPlan, index: number): number {
  let group = 0;
  while (group + 1 < firsts.length && (firsts[group + 1] as number) <= index) group++;
  return group;
}
