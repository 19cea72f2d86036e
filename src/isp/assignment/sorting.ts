/**
 * Puts gathered holds in order: by window, then slot, then start. Stable counting passes over sixteen bits, the least significant
 * first, so that it is linear; a half that is the same in all rows costs no pass.
 */
import type { Gathering } from './gathering.ts';

type Order = Uint32Array<ArrayBuffer>;

function pass(order: Order, out: Order, key: Uint32Array | Uint16Array, shift: number, counts: Uint32Array): void {
  counts.fill(0);
  const n = order.length;
  for (let i = 0; i < n; i++) counts[(key[i]! >>> shift) & 0xffff]!++;
  let sum = 0;
  for (let k = 0; k < 65_536; k++) {
    const count = counts[k]!;
    counts[k] = sum;
    sum += count;
  }
  for (let i = 0; i < n; i++) {
    const row = order[i]!;
    out[counts[(key[row]! >>> shift) & 0xffff]!++] = row;
  }
}

/** Bits in which the first `n` values differ. */
function differing(key: Uint32Array | Uint16Array, n: number): number {
  let ors = 0;
  let ands = 0xffffffff;
  for (let i = 0; i < n; i++) {
    ors |= key[i]!;
    ands &= key[i]!;
  }
  return (ors ^ ands) >>> 0;
}

/** Rows of `gathered` in their order; `window` says where each belongs. */
export function sorted(gathered: Gathering, window: Uint16Array): Uint32Array {
  const n = gathered.size;
  let order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  let spare = new Uint32Array(n);
  const counts = new Uint32Array(65_536);
  for (const key of [gathered.from, ...[...gathered.keys].reverse(), window]) {
    const differ = differing(key, n);
    for (const shift of [0, 16]) {
      if (((differ >>> shift) & 0xffff) === 0) continue;
      pass(order, spare, key, shift, counts);
      [order, spare] = [spare, order];
    }
  }
  return order;
}
