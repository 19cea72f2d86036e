/**
 * Joins the slots of many tables of one family: every slot once, sorted, with the stretch of rows that each table has of it. In: tables
 * whose slots are sorted. Out: columns to search in. The earliest start and latest end of a stretch let most be skipped.
 */
import { Growing } from './growing.ts';
import { HOLD, type Table } from './table.ts';

export interface Placed {
  readonly table: Table;
  /** Row of the joined columns at which its rows begin. */
  readonly base: number;
  /** What a hold found in it is said to be of. */
  readonly segment: number;
}

/** Numbers of one stretch in `stretches`. */
export const STRETCH = 4;
/** A stretch holds no more rows than this; a longer one is several. */
const MOST_ROWS = 0xfffff;
/** Files that can be told apart. */
export const MOST_FILES = 4_096;
export const rowsOf = (packed: number): number => packed & MOST_ROWS;
export const fileOf = (packed: number): number => packed >>> 20;

export interface Directory {
  readonly slots: number;
  readonly keys: readonly Uint32Array[];
  /** First stretch of each slot; one more at the end. */
  readonly first: Uint32Array;
  /** First row; how many and of which file (rowsOf, fileOf); earliest start; latest end. */
  readonly stretches: Uint32Array;
  /** Of each row; see joinSlots. */
  readonly back: Uint32Array;
}

/**
 * `holds` are the joined rows, HOLD numbers each. `back` gives for each row the nearest earlier one of its stretch that ends later,
 * counted from 1; 0 where none does. Whoever looks back for holds that still ran at an instant and meets one that did not can go
 * there at once: those between ended sooner still.
 */
export function joinSlots(placed: readonly Placed[], width: number, holds: Uint32Array): Directory {
  const most = placed.reduce((sum, p) => sum + p.table.slots + Math.floor(p.table.rows / MOST_ROWS), 0);
  const keys = Array.from({ length: width }, () => new Growing());
  const first = new Growing();
  const stretches = new Uint32Array(most * STRETCH);
  const back = new Uint32Array(holds.length / HOLD);
  const n = placed.length;
  const slot = new Uint32Array(n);
  const row = placed.map(p => p.base);
  let size = 0;
  const less = (a: number, b: number): number => {
    const ka = placed[a]!.table.keys;
    const kb = placed[b]!.table.keys;
    for (let k = 0; k < width; k++) {
      const d = ka[k]![slot[a]!]! - kb[k]![slot[b]!]!;
      if (d !== 0) return d;
    }
    return 0;
  };
  const put = (begin: number, rows: number, segment: number) => {
    stretches[size] = begin;
    stretches[size + 1] = (segment << 20) | rows;
    stretches[size + 2] = holds[begin * HOLD]!;
    stretches[size + 3] = latestOf(holds, back, begin, begin + rows);
    size += STRETCH;
  };
  const least: number[] = [];
  for (;;) {
    least.length = 0;
    for (let p = 0; p < n; p++) {
      if (slot[p]! >= placed[p]!.table.slots) continue;
      const d = least.length === 0 ? 0 : less(p, least[0]!);
      if (d > 0) continue;
      if (d < 0) least.length = 0;
      least.push(p);
    }
    if (least.length === 0) break;
    const lead = least[0]!;
    for (let k = 0; k < width; k++) keys[k]!.push(placed[lead]!.table.keys[k]![slot[lead]!]!);
    first.push(size / STRETCH);
    for (const p of least) {
      const end = row[p]! + placed[p]!.table.count[slot[p]!]!;
      for (let begin = row[p]!; begin < end; begin += MOST_ROWS)
        put(begin, Math.min(end - begin, MOST_ROWS), placed[p]!.segment);
      row[p] = end;
      slot[p]!++;
    }
  }
  first.push(size / STRETCH);
  return {
    slots: first.size - 1,
    keys: keys.map(k => k.values.subarray(0, k.size)),
    first: first.values.subarray(0, first.size),
    stretches: stretches.subarray(0, size),
    back,
  };
}

/** The latest end of rows [begin, end), whose places in `back` are filled. */
function latestOf(holds: Uint32Array, back: Uint32Array, begin: number, end: number): number {
  let latest = 0;
  for (let i = begin; i < end; i++) {
    const to = holds[i * HOLD + 1]!;
    // Mostly one ends after another: then there is nothing to write, and no memory to touch.
    if (to >= latest) latest = to;
    else back[i] = greaterBefore(holds, HOLD, 1, back, i);
  }
  return latest;
}

/** The nearest place before `i` with a greater value, counted from 1, by those already found for the places before. */
function greaterBefore(cells: Uint32Array, width: number, at: number, back: Uint32Array, i: number): number {
  const value = cells[i * width + at]!;
  let j = i - 1;
  while (cells[j * width + at]! <= value) {
    const b = back[j]!;
    if (b === 0) return 0;
    j = b - 1;
  }
  return j + 1;
}

/** For each slot of IPv4 the nearest earlier one of its address that reaches to a higher port, counted from 1; 0 for none. */
export function higherPorts({ slots, keys }: Directory): Uint32Array {
  const [address, ports] = keys as [Uint32Array, Uint32Array];
  const last = new Uint32Array(slots);
  for (let i = 0; i < slots; i++) last[i] = ports[i]! & 0xffff;
  const back = new Uint32Array(slots);
  for (let i = 1; i < slots; i++) if (address[i] === address[i - 1]) back[i] = greaterBefore(last, 1, 0, back, i);
  return back;
}
