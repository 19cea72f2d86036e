/**
 * The attempts that are pending: which index and address each slot holds, oldest first, and which addresses are busy, so
 * that no address has two of our connections at once (invariant 5).
 */
export interface Flight {
  readonly count: number;
  readonly full: boolean;
  /** The slot the next attempt will have. Only when not full. */
  readonly free: number;
  busy(address: number): boolean;
  /** Fills the free slot. `now` never goes back. */
  depart(index: number, address: number, now: number): void;
  indexOf(slot: number): number;
  addressOf(slot: number): number;
  land(slot: number): void;
  /** The slot that departed first, or -1. */
  readonly oldest: number;
  departedAt(slot: number): number;
}

const NONE = -1;

export function makeFlight(slots: number): Flight {
  const index = new Float64Array(slots);
  const address = new Uint32Array(slots);
  const at = new Float64Array(slots);
  /** By departure; all have the same time-out, so the oldest expires first. `next` also chains the free slots. */
  const next = new Int32Array(slots);
  const previous = new Int32Array(slots);
  const busy = new Set<number>();
  let free = 0;
  let first = NONE;
  let last = NONE;
  for (let slot = 0; slot < slots; slot++) next[slot] = slot + 1 < slots ? slot + 1 : NONE;
  return {
    get count() {
      return busy.size;
    },
    get full() {
      return free === NONE;
    },
    get free() {
      return free;
    },
    get oldest() {
      return first;
    },
    busy: a => busy.has(a),
    indexOf: slot => index[slot] as number,
    addressOf: slot => address[slot] as number,
    departedAt: slot => at[slot] as number,
    depart(i, a, now) {
      const slot = free;
      free = next[slot] as number;
      index[slot] = i;
      address[slot] = a;
      at[slot] = now;
      busy.add(a);
      next[slot] = NONE;
      previous[slot] = last;
      if (last === NONE) first = slot;
      else next[last] = slot;
      last = slot;
    },
    land(slot) {
      const [before, after] = [previous[slot] as number, next[slot] as number];
      if (before === NONE) first = after;
      else next[before] = after;
      if (after === NONE) last = before;
      else previous[after] = before;
      busy.delete(address[slot] as number);
      next[slot] = free;
      free = slot;
    },
  };
}
