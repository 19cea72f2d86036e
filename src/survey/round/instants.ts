/** A heap of numbered things by the instant each is due; the instant of one can be moved or taken away. No allocation. */
export interface Instants {
  /** The earliest instant; Infinity when empty. */
  first(): number;
  /** Whose it is; only when not empty. */
  firstWho(): number;
  /** The instant of one thing; -Infinity when it has none. */
  of(who: number): number;
  set(who: number, instant: number): void;
  /** Nothing happens when it has none. */
  remove(who: number): void;
}

const NONE = -1;

/** Things are 0 … things-1; at most `most` of them have an instant at a time. */
export function makeInstants(things: number, most: number): Instants {
  const instant = new Float64Array(things);
  /** Where a thing stands in the heap. */
  const at = new Int32Array(things).fill(NONE);
  const heap = new Int32Array(most);
  let size = 0;

  const dueAt = (place: number): number => instant[heap[place] as number] as number;
  const put = (place: number, who: number): void => {
    heap[place] = who;
    at[who] = place;
  };

  /** Restores the heap around a thing whose instant changed, in either direction. */
  function settle(who: number): void {
    const due = instant[who] as number;
    let place = at[who] as number;
    while (place > 0 && dueAt((place - 1) >>> 1) > due) {
      const parent = (place - 1) >>> 1;
      put(place, heap[parent] as number);
      place = parent;
    }
    for (;;) {
      let child = 2 * place + 1;
      if (child >= size) break;
      if (child + 1 < size && dueAt(child + 1) < dueAt(child)) child++;
      if (dueAt(child) >= due) break;
      put(place, heap[child] as number);
      place = child;
    }
    put(place, who);
  }

  return {
    first: () => (size === 0 ? Number.POSITIVE_INFINITY : dueAt(0)),
    firstWho: () => heap[0] as number,
    of: who => (at[who] === NONE ? Number.NEGATIVE_INFINITY : (instant[who] as number)),
    set(who, due) {
      instant[who] = due;
      if (at[who] === NONE) put(size++, who);
      settle(who);
    },
    remove(who) {
      const place = at[who] as number;
      if (place === NONE) return;
      at[who] = NONE;
      size--;
      if (place === size) return;
      const moved = heap[size] as number;
      put(place, moved);
      settle(moved);
    },
  };
}
