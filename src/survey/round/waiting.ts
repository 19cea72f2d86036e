/**
 * Who waits for which bucket: items that were drawn but may not leave yet, in one first-in first-out queue per bucket,
 * and the buckets with a queue in a heap by the instant they are due. In: item and bucket. Out: the next item whose
 * bucket is due. Bounded: when it is full, the caller draws nothing new until something leaves.
 *
 * One slow network so costs a place in a queue, and never a scan of everybody who waits.
 */
export interface Waiting {
  readonly length: number;
  readonly full: boolean;
  /** Puts an item at the end of a bucket's queue, not to be looked at before `due`. False when full, and then not kept. */
  push(bucket: number, item: number, due: number): boolean;
  /** When the first bucket is due; Infinity when nobody waits. */
  nextDue(): number;
  /** The head of the first due bucket, or -1. Its bucket is looked at again at `dueOf(bucket)`. */
  pop(now: number, dueOf: (bucket: number) => number): number;
}

const NONE = -1;

export function makeWaiting(buckets: number, capacity: number): Waiting {
  const item = new Float64Array(capacity);
  const next = new Int32Array(capacity);
  const head = new Int32Array(buckets).fill(NONE);
  const tail = new Int32Array(buckets).fill(NONE);
  const due = new Float64Array(buckets);
  /** Where a bucket stands in the heap. */
  const at = new Int32Array(buckets).fill(NONE);
  const heap = new Int32Array(Math.min(buckets, capacity));
  let heaped = 0;
  let length = 0;
  let free = 0;
  for (let i = 0; i < capacity; i++) next[i] = i + 1 < capacity ? i + 1 : NONE;

  const dueAt = (place: number): number => due[heap[place] as number] as number;
  const put = (place: number, bucket: number): void => {
    heap[place] = bucket;
    at[bucket] = place;
  };

  /** Restores the heap around a bucket whose instant changed, in either direction. */
  function settle(bucket: number): void {
    const instant = due[bucket] as number;
    let place = at[bucket] as number;
    while (place > 0 && dueAt((place - 1) >>> 1) > instant) {
      const parent = (place - 1) >>> 1;
      put(place, heap[parent] as number);
      place = parent;
    }
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heaped) break;
      if (child + 1 < heaped && dueAt(child + 1) < dueAt(child)) child++;
      if (dueAt(child) >= instant) break;
      put(place, heap[child] as number);
      place = child;
    }
    put(place, bucket);
  }

  function leave(bucket: number): void {
    const place = at[bucket] as number;
    at[bucket] = NONE;
    heaped--;
    if (place === heaped) return;
    const moved = heap[heaped] as number;
    put(place, moved);
    settle(moved);
  }

  return {
    get length() {
      return length;
    },
    get full() {
      return length === capacity;
    },
    nextDue: () => (heaped === 0 ? Number.POSITIVE_INFINITY : dueAt(0)),
    push(bucket, value, instant) {
      if (length === capacity) return false;
      const cell = free;
      free = next[cell] as number;
      item[cell] = value;
      next[cell] = NONE;
      length++;
      if (head[bucket] === NONE) {
        head[bucket] = cell;
        due[bucket] = instant;
        put(heaped++, bucket);
      } else {
        next[tail[bucket] as number] = cell;
        due[bucket] = Math.max(due[bucket] as number, instant);
      }
      tail[bucket] = cell;
      settle(bucket);
      return true;
    },
    pop(now, dueOf) {
      if (heaped === 0 || dueAt(0) > now) return NONE;
      const bucket = heap[0] as number;
      const cell = head[bucket] as number;
      const value = item[cell] as number;
      head[bucket] = next[cell] as number;
      next[cell] = free;
      free = cell;
      length--;
      if (head[bucket] === NONE) leave(bucket);
      else {
        due[bucket] = dueOf(bucket);
        settle(bucket);
      }
      return value;
    },
  };
}
