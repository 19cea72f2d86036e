/** How a round's indices are cut into shards: number s holds s × size … (s+1) × size - 1, the last one what is left. */
export interface ShardPlan {
  readonly total: number;
  readonly shardSize: number;
}

export const shardCount = ({ total, shardSize }: ShardPlan): number => Math.ceil(total / shardSize);

/** First index of a shard and the one after its last. */
export const shardBounds = ({ total, shardSize }: ShardPlan, shard: number): { from: number; to: number } => ({
  from: shard * shardSize,
  to: Math.min(total, (shard + 1) * shardSize),
});
