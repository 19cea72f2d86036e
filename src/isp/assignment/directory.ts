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
}

/** `holds` are the joined rows, HOLD numbers each. */
export function joinSlots(placed: readonly Placed[], width: number, holds: Uint32Array): Directory {
  const keys = Array.from({ length: width }, () => new Growing());
  const first = new Growing();
  const stretches = new Growing(1 << 14);
  const n = placed.length;
  const slot = new Uint32Array(n);
  const row = placed.map(p => p.base);
  const less = (a: number, b: number): number => {
    const ka = placed[a]!.table.keys;
    const kb = placed[b]!.table.keys;
    for (let k = 0; k < width; k++) {
      const d = ka[k]![slot[a]!]! - kb[k]![slot[b]!]!;
      if (d !== 0) return d;
    }
    return 0;
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
    first.push(stretches.size / STRETCH);
    for (const p of least) {
      const end = row[p]! + placed[p]!.table.count[slot[p]!]!;
      for (let begin = row[p]!; begin < end; begin += MOST_ROWS) {
        const rows = Math.min(end - begin, MOST_ROWS);
        let latest = 0;
        for (let i = begin; i < begin + rows; i++) if (holds[i * HOLD + 1]! > latest) latest = holds[i * HOLD + 1]!;
        stretches.push(begin);
        stretches.push(((placed[p]!.segment << 20) | rows) >>> 0);
        stretches.push(holds[begin * HOLD]!);
        stretches.push(latest);
      }
      row[p] = end;
      slot[p]!++;
    }
  }
  first.push(stretches.size / STRETCH);
  return {
    slots: first.size - 1,
    keys: keys.map(k => k.values.subarray(0, k.size)),
    first: first.values.subarray(0, first.size),
    stretches: stretches.values.subarray(0, stretches.size),
  };
}

/**
 * For each row the nearest earlier one of its stretch that ends later, counted from 1; 0 where none does. Whoever looks back for
 * holds that still ran at an instant and meets one that did not can go there at once: those between ended sooner still.
 */
export function laterEnds({ stretches }: Directory, holds: Uint32Array): Uint32Array {
  const back = new Uint32Array(holds.length / HOLD);
  for (let s = 0; s < stretches.length; s += STRETCH) {
    const end = stretches[s]! + rowsOf(stretches[s + 1]!);
    for (let i = stretches[s]! + 1; i < end; i++) back[i] = greaterBefore(holds, HOLD, 1, back, i);
  }
  return back;
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
