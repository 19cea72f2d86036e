/** Sorted disjoint ranges of IPv4 numbers with a small number each (an ISP), as typed arrays that threads can share. */
export interface RangeTable {
  readonly from: Uint32Array;
  /** Inclusive. */
  readonly to: Uint32Array;
  readonly owner: Uint16Array;
}

export interface Range {
  readonly from: number;
  readonly to: number;
  readonly owner: number;
}

/** Merges what touches or overlaps within one owner. Owners must be disjoint. */
export function mergedRanges(ranges: readonly Range[]): Range[] {
  const merged: { from: number; to: number; owner: number }[] = [];
  for (const r of [...ranges].sort((a, b) => a.from - b.from || b.to - a.to)) {
    const last = merged.at(-1);
    if (last && last.owner === r.owner && r.from <= last.to + 1) last.to = Math.max(last.to, r.to);
    else merged.push({ ...r });
  }
  return merged;
}

export function rangeTable(ranges: readonly Range[]): RangeTable {
  const merged = mergedRanges(ranges);
  return {
    from: Uint32Array.from(merged, r => r.from),
    to: Uint32Array.from(merged, r => r.to),
    owner: Uint16Array.from(merged, r => r.owner),
  };
}

/** The owner of the range that holds the address, or -1. */
export function ownerAt(table: RangeTable, address: number): number {
  let low = 0;
  let high = table.from.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((table.from[middle] as number) <= address) low = middle + 1;
    else high = middle;
  }
  return low > 0 && address <= (table.to[low - 1] as number) ? (table.owner[low - 1] as number) : -1;
}
