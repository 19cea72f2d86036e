/**
 * Which pairs of the round have answered: one bit each by element, in memory that receiver, sender and books share. Exact,
 * because a pair is known by its element and by nothing less; 25 MB for two hundred million.
 */
export interface Answered {
  readonly memory: SharedArrayBuffer;
  /** True the first time. Safe in any number of threads. */
  mark(element: number): boolean;
  has(element: number): boolean;
  count(): number;
}

const bytesFor = (size: number): number => 4 * Math.ceil(size / 32);

/** Of elements 0 … size-1. With `memory`, the same set in another thread. */
export function makeAnswered(size: number, memory = new SharedArrayBuffer(bytesFor(size))): Answered {
  if (memory.byteLength !== bytesFor(size)) throw new RangeError('this memory is of a set of another size');
  const words = new Int32Array(memory);
  return {
    memory,
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
