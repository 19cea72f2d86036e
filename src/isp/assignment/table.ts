/**
 * The holds of one window in their order. A slot is one holder (an address with a range of its ports, or a prefix); its holds lie
 * together, sorted by start. In: gathered holds. Out: one table a window; a hold that is told twice is in it once.
 */
import {
  type Bucket,
  EXPORTER,
  type Family,
  FROM,
  type Gathering,
  headOf,
  KEY,
  SOFT,
  SUBSCRIBER,
  TO,
} from './gathering.ts';
import { Growing } from './growing.ts';
import { byWindow, sorted } from './sorting.ts';

/** Numbers of a hold in `holds`: start, end, subscriber with its marks. */
export const HOLD = 3;

export interface Table {
  readonly family: Family;
  readonly window: number;
  readonly rows: number;
  /** Rows one after the other, HOLD numbers each. */
  readonly holds: Uint32Array;
  readonly exporter: Uint16Array;
  readonly slots: number;
  /** One column for each number of the key. */
  readonly keys: readonly Uint32Array[];
  /** Holds in each slot. */
  readonly count: Uint32Array;
  /** Places of rows marked SOFT, ascending, with their sure extent. */
  readonly soft: { readonly row: Uint32Array; readonly from: Uint32Array; readonly to: Uint32Array };
}

/** How many holds are in these, and how many of them of IPv6 prefixes. */
export function rowsIn(tables: readonly Table[]): { rows: number; rows6: number } {
  const of = (family: Family) => tables.reduce((sum, t) => sum + (t.family === family ? t.rows : 0), 0);
  return { rows: of(4) + of(6), rows6: of(6) };
}

const cut = (column: Growing): Uint32Array => column.values.subarray(0, column.size);

/** Place of the first number that is not below `wanted`. */
export function placeOf(ascending: Uint32Array, size: number, wanted: number): number {
  let low = 0;
  let high = size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How far back a row that says the same is looked for, among those of one slot that begin in the same second. */
const TWINS = 64;

/** `windowOf` gives the window of each row of a bucket. */
export function tablesOf(gathering: Gathering, windowOf: (bucket: Bucket) => Uint16Array): Table[] {
  const grouped = gathering.buckets.map(bucket => ({ bucket, groups: byWindow(windowOf(bucket)) }));
  const windows = [...new Set(grouped.flatMap(({ groups }) => [...groups.keys()]))].sort((a, b) => a - b);
  return windows.map(window => {
    const rows = grouped.reduce((sum, { groups }) => sum + (groups.get(window)?.length ?? 0), 0);
    const maker = new Maker(gathering.width, rows);
    for (const { bucket, groups } of grouped) maker.add(bucket, groups.get(window) ?? new Uint32Array(0));
    return maker.table(gathering.family, window);
  });
}

class Maker {
  readonly #holds: Uint32Array;
  readonly #exporter: Uint16Array;
  readonly #keys: Growing[];
  readonly #count = new Growing();
  readonly #soft = { row: new Growing(), from: new Growing(), to: new Growing() };
  #size = 0;

  constructor(width: number, rows: number) {
    this.#holds = new Uint32Array(rows * HOLD);
    this.#exporter = new Uint16Array(rows);
    this.#keys = Array.from({ length: width - KEY }, () => new Growing());
  }

  /** `rows` of a bucket behind all before. */
  add(bucket: Bucket, rows: Uint32Array): void {
    const { cells, width } = bucket;
    const order = sorted(cells, width, rows);
    const holds = this.#holds;
    const exporter = this.#exporter;
    let before = -1;
    for (let i = 0; i < order.length; i++) {
      const row = rows[order[i]!]!;
      const at = row * width;
      let same = before >= 0;
      for (let k = KEY; k < width && same; k++) same = cells[before + k] === cells[at + k];
      before = at;
      if (!same) {
        for (let k = KEY; k < width; k++) this.#keys[k - KEY]!.push(cells[at + k]!);
        this.#count.push(1);
      } else if (holds[this.#size * HOLD - HOLD] === cells[at + FROM] && this.#seen(bucket, row)) continue;
      else this.#count.values[this.#count.size - 1]!++;
      const size = this.#size++;
      if (cells[at + SUBSCRIBER]! >= SOFT) this.#putSoft(bucket, row, size);
      holds[size * HOLD] = cells[at + FROM]!;
      holds[size * HOLD + 1] = cells[at + TO]!;
      holds[size * HOLD + 2] = cells[at + SUBSCRIBER]!;
      // Zeros need not be written, and then cost no memory.
      if (cells[at + EXPORTER] !== 0) exporter[size] = cells[at + EXPORTER]!;
    }
  }

  #putSoft({ softRow, softFrom, softTo }: Bucket, row: number, size: number): void {
    const mine = placeOf(softRow.values, softRow.size, row);
    this.#soft.row.push(size);
    this.#soft.from.push(softFrom.values[mine]!);
    this.#soft.to.push(softTo.values[mine]!);
  }

  /** Whether one that begins in the same second on the same slot says the same. */
  #seen(bucket: Bucket, row: number): boolean {
    const holds = this.#holds;
    const start = bucket.cells[row * bucket.width + FROM];
    const first = Math.max(this.#size - this.#count.values[this.#count.size - 1]!, this.#size - TWINS);
    for (let k = this.#size - 1; k >= first && holds[k * HOLD] === start; k--)
      if (this.#isTwin(k, bucket, row)) return true;
    return false;
  }

  #isTwin(k: number, { cells, width, softRow, softFrom, softTo }: Bucket, row: number): boolean {
    const at = row * width;
    const same =
      this.#holds[k * HOLD + 1] === cells[at + TO] &&
      this.#holds[k * HOLD + 2] === cells[at + SUBSCRIBER] &&
      this.#exporter[k] === cells[at + EXPORTER];
    if (!same || cells[at + SUBSCRIBER]! < SOFT) return same;
    const soft = this.#soft;
    const kept = placeOf(soft.row.values, soft.row.size, k);
    const mine = placeOf(softRow.values, softRow.size, row);
    return soft.from.values[kept] === softFrom.values[mine] && soft.to.values[kept] === softTo.values[mine];
  }

  table(family: Family, window: number): Table {
    const soft = { row: cut(this.#soft.row), from: cut(this.#soft.from), to: cut(this.#soft.to) };
    return {
      family,
      window,
      rows: this.#size,
      holds: this.#holds.subarray(0, this.#size * HOLD),
      exporter: this.#exporter.subarray(0, this.#size),
      slots: this.#count.size,
      keys: this.#keys.map(cut),
      count: cut(this.#count),
      soft,
    };
  }
}

/** Puts the holds of a table back among gathered ones. `exporterOf` translates its boxes; numbers stay. */
export function regather(table: Table, into: Gathering, exporterOf: (index: number) => number): void {
  const { holds, soft, keys, exporter } = table;
  let next = 0;
  let row = 0;
  for (let slot = 0; slot < table.slots; slot++) {
    const bucket = into.bucket(headOf(table.family, keys[0]![slot]!));
    for (let k = table.count[slot]!; k > 0; k--, row++) {
      const from = holds[row * HOLD]!;
      const to = holds[row * HOLD + 1]!;
      const marked = holds[row * HOLD + 2]!;
      const isSoft = marked >= SOFT;
      const sureFrom = isSoft ? soft.from[next]! : from;
      const sureTo = isSoft ? soft.to[next]! : to;
      if (isSoft) next++;
      const at = bucket.add(from, to, sureFrom, sureTo, 0, exporterOf(exporter[row]!));
      // Marks and number together: what was soft stays soft.
      bucket.cells[at - KEY + SUBSCRIBER] = marked;
      for (let n = 0; n < keys.length; n++) bucket.cells[at + n] = keys[n]![slot]!;
    }
  }
}
