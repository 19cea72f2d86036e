/**
 * Which pairs of the round have answered: one bit each, in memory that the receiver, the sender and the books share. Exact,
 * because a pair is known by its element; 25 MB for two hundred million.
 */
export interface Answered {
  readonly memory: SharedArrayBuffer;
  /** True the first time. */
  mark(element: number): boolean;
  has(element: number): boolean;
  count(): number;
}

export function makeAnswered(size: number, memory?: SharedArrayBuffer): Answered {
  const shared = memory ?? new SharedArrayBuffer(4 * Math.ceil(size / 32));
  const words = new Int32Array(shared);
  return {
    memory: shared,
    mark(element) {
      const bit = 1 << (element & 31);
      return (Atomics.or(words, element >>> 5, bit) & bit) === 0;
    },
    has: element => (((words[element >>> 5] as number) >>> (element & 31)) & 1) === 1,
    count() {
      let sum = 0;
      for (const word of words) for (let rest = word; rest !== 0; rest &= rest - 1) sum++;
      return sum;
    },
  };
}
