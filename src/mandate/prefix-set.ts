/** A set of addresses made of prefixes, as sorted disjoint ranges, to ask whether it holds the whole of another prefix. */
import type { Prefix } from '../record/address.ts';
import { prefixSize } from '../record/address.ts';

interface Span {
  readonly from: bigint;
  to: bigint;
}

export interface PrefixSet {
  /** Whether every address of the prefix is in the set. */
  covers(prefix: Prefix): boolean;
}

const lastOf = (p: Prefix): bigint => p.base + prefixSize(p) - 1n;
const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

function spansOf(prefixes: readonly Prefix[], family: 4 | 6): Span[] {
  const sorted = prefixes.filter(p => p.family === family).sort((a, b) => ascending(a.base, b.base));
  const spans: Span[] = [];
  for (const p of sorted) {
    const last = spans.at(-1);
    if (last && p.base <= last.to + 1n) {
      if (lastOf(p) > last.to) last.to = lastOf(p);
    } else spans.push({ from: p.base, to: lastOf(p) });
  }
  return spans;
}

export function prefixSet(prefixes: readonly Prefix[]): PrefixSet {
  const spans = { 4: spansOf(prefixes, 4), 6: spansOf(prefixes, 6) };
  return {
    covers(prefix) {
      const of = spans[prefix.family];
      let low = 0;
      let high = of.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((of[middle] as Span).from <= prefix.base) low = middle + 1;
        else high = middle;
      }
      const span = of[low - 1];
      return span !== undefined && lastOf(prefix) <= span.to;
    },
  };
}

/**
 * The first two prefixes of different owners that overlap. Prefixes are nested or disjoint, so after sorting by base and
 * width the ones that enclose the current one form a stack.
 */
export function firstOverlap<T extends { readonly prefix: Prefix; readonly owner: string }>(
  items: readonly T[],
): readonly [T, T] | undefined {
  const sorted = [...items].sort(
    (a, b) =>
      a.prefix.family - b.prefix.family || ascending(a.prefix.base, b.prefix.base) || a.prefix.length - b.prefix.length,
  );
  const open: T[] = [];
  for (const item of sorted) {
    for (let top = open.at(-1); top; top = open.at(-1)) {
      if (top.prefix.family === item.prefix.family && lastOf(top.prefix) >= item.prefix.base) break;
      open.pop();
    }
    const other = open.find(o => o.owner !== item.owner);
    if (other) return [other, item];
    open.push(item);
  }
  return undefined;
}
