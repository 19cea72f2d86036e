/**
 * The holds of one window in their order. A slot is one holder (an address with a range of its ports, or a prefix); its holds lie
 * together, sorted by start. In: gathered holds. Out: one table a window; a hold that is told twice is in it once.
 */
import { type Family, type Gathering, SOFT } from './gathering.ts';
import { Growing } from './growing.ts';
import { sorted } from './sorting.ts';

export interface Table {
  readonly family: Family;
  readonly window: number;
  readonly rows: number;
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly subscriber: Uint32Array;
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

/** Where each soft row lies in the side table. */
function softPlaces(gathered: Gathering): (row: number) => number {
  const { softRow } = gathered;
  return row => {
    let low = 0;
    let high = softRow.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (softRow.values[middle]! < row) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/** How far back a row that says the same is looked for, among those of one slot that begin in the same second. */
const TWINS = 64;

/** `window` of each row. */
export function tablesOf(gathered: Gathering, window: Uint16Array): Table[] {
  const order = sorted(gathered, window);
  const tables: Table[] = [];
  for (let start = 0; start < order.length; ) {
    const of = window[order[start]!]!;
    let end = start + 1;
    while (end < order.length && window[order[end]!] === of) end++;
    tables.push(tableOf(gathered, of, order.subarray(start, end)));
    start = end;
  }
  return tables;
}

function tableOf(g: Gathering, window: number, order: Uint32Array): Table {
  const n = order.length;
  const place = softPlaces(g);
  const from = new Uint32Array(n);
  const to = new Uint32Array(n);
  const subscriber = new Uint32Array(n);
  const exporter = new Uint16Array(n);
  const keys = g.keys.map(() => new Growing());
  const count = new Growing();
  const soft = { row: new Growing(), from: new Growing(), to: new Growing() };
  let rows = 0;
  let before = -1;
  const sameSlot = (a: number, b: number) => {
    for (const key of g.keys) if (key[a] !== key[b]) return false;
    return true;
  };
  /** Whether the last soft row that was kept is the one at `k`, with the sure extent of `row`. */
  const sameSure = (k: number, row: number) => {
    const last = soft.row.size - 1;
    const mine = place(row);
    return (
      soft.row.values[last] === k &&
      soft.from.values[last] === g.softFrom.values[mine] &&
      soft.to.values[last] === g.softTo.values[mine]
    );
  };
  for (let i = 0; i < n; i++) {
    const row = order[i]!;
    const same = before >= 0 && sameSlot(before, row);
    before = row;
    const start = g.from[row]!;
    const marked = g.subscriber[row]!;
    if (same) {
      let twin = false;
      const first = rows - count.values[count.size - 1]!;
      for (let k = rows - 1; k >= first && k >= rows - TWINS && from[k] === start && !twin; k--)
        twin =
          to[k] === g.to[row] &&
          subscriber[k] === marked &&
          exporter[k] === g.exporter[row] &&
          (marked < SOFT || sameSure(k, row));
      if (twin) continue;
      count.values[count.size - 1]!++;
    } else {
      for (const [k, key] of keys.entries()) key.push(g.keys[k]![row]!);
      count.push(1);
    }
    if (marked >= SOFT) {
      const mine = place(row);
      soft.row.push(rows);
      soft.from.push(g.softFrom.values[mine]!);
      soft.to.push(g.softTo.values[mine]!);
    }
    from[rows] = start;
    to[rows] = g.to[row]!;
    subscriber[rows] = marked;
    exporter[rows] = g.exporter[row]!;
    rows++;
  }
  return {
    family: g.family,
    window,
    rows,
    from: from.subarray(0, rows),
    to: to.subarray(0, rows),
    subscriber: subscriber.subarray(0, rows),
    exporter: exporter.subarray(0, rows),
    slots: count.size,
    keys: keys.map(cut),
    count: cut(count),
    soft: { row: cut(soft.row), from: cut(soft.from), to: cut(soft.to) },
  };
}

/** Puts the holds of a table back among gathered ones. `exporterOf` translates its boxes; numbers stay. */
export function regather(table: Table, into: Gathering, exporterOf: (index: number) => number): void {
  let soft = 0;
  let row = 0;
  for (let slot = 0; slot < table.slots; slot++)
    for (let k = table.count[slot]!; k > 0; k--, row++) {
      const isSoft = table.subscriber[row]! >= SOFT;
      const at = into.add(
        table.from[row]!,
        table.to[row]!,
        isSoft ? table.soft.from[soft]! : table.from[row]!,
        isSoft ? table.soft.to[soft]! : table.to[row]!,
        0,
        exporterOf(table.exporter[row]!),
      );
      // Marks and number together: what was soft stays soft.
      into.subscriber[at] = table.subscriber[row]!;
      if (isSoft) soft++;
      for (const [n, key] of into.keys.entries()) key[at] = table.keys[n]![slot]!;
    }
}
