/**
 * Puts rows in order: by slot, then start. Stable counting passes over sixteen bits, the least significant first, so that it is
 * linear; a half that is the same in all rows costs no pass.
 */
import { FROM, KEY } from './gathering.ts';

type Order = Uint32Array<ArrayBuffer>;

function pass(order: Order, out: Order, keys: Uint32Array, shift: number, counts: Uint32Array): void {
  counts.fill(0);
  const n = order.length;
  for (let i = 0; i < n; i++) counts[(keys[i]! >>> shift) & 0xffff]!++;
  let sum = 0;
  for (let k = 0; k < 65_536; k++) {
    const count = counts[k]!;
    counts[k] = sum;
    sum += count;
  }
  for (let i = 0; i < n; i++) {
    const row = order[i]!;
    out[counts[(keys[row]! >>> shift) & 0xffff]!++] = row;
  }
}

/** Bits in which the values differ. */
function differing(values: Uint32Array): number {
  let ors = 0;
  let ands = 0xffffffff;
  for (let i = 0; i < values.length; i++) {
    ors |= values[i]!;
    ands &= values[i]!;
  }
  return (ors ^ ands) >>> 0;
}

/** Places in the order of `rows` of `cells`, each `width` numbers: gives places in `rows`. */
export function sorted(cells: Uint32Array, width: number, rows: Uint32Array): Uint32Array {
  const n = rows.length;
  let order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  let spare = new Uint32Array(n);
  const counts = new Uint32Array(65_536);
  const values = new Uint32Array(n);
  const numbers = Array.from({ length: width - KEY }, (_, k) => width - 1 - k);
  for (const number of [FROM, ...numbers]) {
    for (let i = 0; i < n; i++) values[i] = cells[rows[i]! * width + number]!;
    const differ = differing(values);
    for (const shift of [0, 16]) {
      if (((differ >>> shift) & 0xffff) === 0) continue;
      pass(order, spare, values, shift, counts);
      [order, spare] = [spare, order];
    }
  }
  return order;
}

/** Rows by window, each in the order in which they came. */
export function byWindow(window: Uint16Array): Map<number, Uint32Array> {
  const counts = new Uint32Array(65_536);
  for (let i = 0; i < window.length; i++) counts[window[i]!]!++;
  const groups = new Map<number, Uint32Array>();
  for (let w = 0; w < 65_536; w++) if (counts[w]! > 0) groups.set(w, new Uint32Array(counts[w]!));
  counts.fill(0);
  for (let i = 0; i < window.length; i++) {
    const w = window[i]!;
    (groups.get(w) as Uint32Array)[counts[w]!++] = i;
  }
  return groups;
}
