/**
 * All holds of one family in memory: the rows of every file one after the other, and the directory of their slots. In: a slot and a
 * window of whole seconds. Out: every row whose possible extent meets the window, never just the latest.
 */
import { Fault } from '../../record/fault.ts';
import { type Directory, fileOf, joinSlots, MOST_FILES, type Placed, rowsOf, STRETCH } from './directory.ts';
import { type Family, KEY_WIDTH } from './gathering.ts';
import type { Growing } from './growing.ts';
import { HOLD, placeOf, type Table } from './table.ts';

export interface Joined {
  readonly directory: Directory;
  /** Rows one after the other, HOLD numbers each. */
  readonly holds: Uint32Array;
  /** Adds to `found` each row that meets the window, and the number of its file behind it. */
  touching(slot: number, earliest: number, latest: number, found: Growing): void;
  /** Box of a row, by the number that its file gives it. */
  exporterOf(row: number, file: number): number;
  /** Sure extent in whole seconds, of a row marked SOFT. */
  softOf(row: number, file: number): { readonly from: number; readonly to: number };
}

export interface Filling {
  /** Where the rows of the next table are to be read to. */
  room(rows: number): Uint32Array;
  put(table: Table, file: number): void;
  join(): Joined;
}

export function fillJoined(family: Family, rows: number): Filling {
  const holds = new Uint32Array(rows * HOLD);
  const placed: Placed[] = [];
  let given = 0;
  let base = 0;
  return {
    room(count) {
      const from = given * HOLD;
      given += count;
      if (given > rows) throw new RangeError('more rows than the manifest says');
      return holds.subarray(from, given * HOLD);
    },
    put(table, file) {
      if (file >= MOST_FILES)
        throw new Fault('resource', `more than ${MOST_FILES} files`, 'let an import run to its end: it merges them');
      placed.push({ table, base, segment: file });
      base += table.rows;
    },
    join: () => joined(joinSlots(placed, KEY_WIDTH[family], holds), holds, placed),
  };
}

function joined(directory: Directory, holds: Uint32Array, placed: readonly Placed[]): Joined {
  const { first, stretches, back } = directory;
  const places = new Map(placed.map(p => [p.segment, p]));
  const placeIn = (file: number): Placed => places.get(file) as Placed;

  return {
    directory,
    holds,
    touching(slot, earliest, latest, found) {
      const end = first[slot + 1]! * STRETCH;
      for (let s = first[slot]! * STRETCH; s < end; s += STRETCH) {
        if (stretches[s + 2]! > latest || stretches[s + 3]! < earliest) continue;
        const begin = stretches[s]!;
        let low = begin + 1;
        let high = begin + rowsOf(stretches[s + 1]!);
        while (low < high) {
          const middle = (low + high) >>> 1;
          if (holds[middle * HOLD]! <= latest) low = middle + 1;
          else high = middle;
        }
        for (let i = low - 1; i >= begin; ) {
          if (holds[i * HOLD + 1]! < earliest) i = back[i]! - 1;
          else {
            found.push(i);
            found.push(fileOf(stretches[s + 1]!));
            i--;
          }
        }
      }
    },
    exporterOf: (row, file) => placeIn(file).table.exporter[row - placeIn(file).base]!,
    softOf(row, file) {
      const { table, base } = placeIn(file);
      const { soft } = table;
      const at = placeOf(soft.row, soft.row.length, row - base);
      if (soft.row[at] !== row - base) throw new RangeError('no such soft row');
      return { from: soft.from[at]!, to: soft.to[at]! };
    },
  };
}
