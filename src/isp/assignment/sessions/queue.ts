/** A queue by number, least first: a binary heap. In: things with their number. Out: those whose number has been reached. */
export interface Queue<T> {
  push(rank: number, item: T): void;
  /** Takes the least when its rank is `limit` at most. */
  popUpTo(limit: number): { readonly rank: number; readonly item: T } | undefined;
}

interface Entry<T> {
  readonly rank: number;
  readonly item: T;
}

export function makeQueue<T>(): Queue<T> {
  const heap: Entry<T>[] = [];
  return {
    push(rank, item) {
      let at = heap.length;
      const entry = { rank, item };
      for (heap.push(entry); at > 0; ) {
        const parent = (at - 1) >>> 1;
        const above = heap[parent] as Entry<T>;
        if (above.rank <= rank) break;
        heap[at] = above;
        heap[parent] = entry;
        at = parent;
      }
    },
    popUpTo(limit) {
      const first = heap[0];
      if (!first || first.rank > limit) return undefined;
      const moved = heap.pop() as Entry<T>;
      const size = heap.length;
      if (size === 0) return first;
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= size) break;
        if (child + 1 < size && (heap[child + 1] as Entry<T>).rank < (heap[child] as Entry<T>).rank) child++;
        const below = heap[child] as Entry<T>;
        if (below.rank >= moved.rank) break;
        heap[at] = below;
        at = child;
      }
      heap[at] = moved;
      return first;
    },
  };
}
