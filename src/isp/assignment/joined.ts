/**
 * All holds of one family in memory: the rows of every file in columns one after the other, and the directory of their slots. In: a
 * slot and a window of whole seconds. Out: every row whose possible extent meets the window, never just the latest.
 */
import { type Directory, joinSlots, laterEnds, type Placed, STRETCH } from './directory.ts';
import { type Family, KEY_WIDTH, SOFT } from './gathering.ts';
import type { Table } from './table.ts';

export interface Row {
  /** Place in the joined columns. */
  readonly row: number;
  readonly segment: number;
}

export interface Joined {
  readonly directory: Directory;
  /** Calls `found` with each row and the file it is of. */
  eachTouching(slot: number, from: number, to: number, found: (row: number, segment: number) => void): void;
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly subscriber: Uint32Array;
  exporterOf(row: number, segment: number): number;
  /** Sure extent in whole seconds, of a row marked SOFT. */
  softOf(row: number, segment: number): { readonly from: number; readonly to: number };
}

export interface Filling {
  /** Where the rows of the next table are to be read to. */
  room(rows: number): Pick<Table, 'from' | 'to' | 'subscriber'>;
  put(table: Table, segment: number): void;
  join(): Joined;
}

export function fillJoined(family: Family, rows: number): Filling {
  const from = new Uint32Array(rows);
  const to = new Uint32Array(rows);
  const subscriber = new Uint32Array(rows);
  const placed: Placed[] = [];
  let given = 0;
  let base = 0;
  return {
    room(count) {
      const [a, b] = [given, given + count];
      given = b;
      if (b > rows) throw new RangeError('more rows than the manifest says');
      return { from: from.subarray(a, b), to: to.subarray(a, b), subscriber: subscriber.subarray(a, b) };
    },
    put(table, segment) {
      placed.push({ table, base, segment });
      base += table.rows;
    },
    join: () => joined(family, { from, to, subscriber }, placed),
  };
}

type Rows = Pick<Joined, 'from' | 'to' | 'subscriber'>;

function joined(family: Family, { from, to, subscriber }: Rows, placed: readonly Placed[]): Joined {
  const directory = joinSlots(placed, KEY_WIDTH[family], from, to);
  const back = laterEnds(directory, to);
  const { first, stretches, segment } = directory;
  const tables = new Map(placed.map(p => [p.segment, p]));
  const of = (n: number): Placed => tables.get(n) as Placed;

  return {
    directory,
    from,
    to,
    subscriber,
    eachTouching(slot, earliest, latest, found) {
      const end = first[slot + 1]!;
      for (let s = first[slot]!; s < end; s++) {
        const at = s * STRETCH;
        if (stretches[at + 2]! > latest || stretches[at + 3]! < earliest) continue;
        const begin = stretches[at]!;
        let low = begin + 1;
        let high = stretches[at + 1]!;
        while (low < high) {
          const middle = (low + high) >>> 1;
          if (from[middle]! <= latest) low = middle + 1;
          else high = middle;
        }
        for (let i = low - 1; i >= begin; ) {
          if (to[i]! >= earliest) {
            found(i, segment[s]!);
            i--;
          } else i = back[i]! - 1;
        }
      }
    },
    exporterOf: (row, n) => of(n).table.exporter[row - of(n).base]!,
    softOf(row, n) {
      const { table, base } = of(n);
      const { soft } = table;
      let low = 0;
      let high = soft.row.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (soft.row[middle]! < row - base) low = middle + 1;
        else high = middle;
      }
      if (soft.row[low] !== row - base || subscriber[row]! < SOFT) throw new RangeError('no such soft row');
      return { from: soft.from[low]!, to: soft.to[low]! };
    },
  };
}
