/**
 * Flattens prefixes, nested or not, into disjoint ranges. In: prefixes with an owner and a label. Out: a table that says
 * for an address which label holds it. Inside one owner the more specific prefix wins; space that two owners list belongs
 * to neither, however specific one of them is.
 */
import type { Address, Prefix } from '../record/address.ts';
import { prefixSize } from '../record/address.ts';

export interface Labelled {
  readonly prefix: Prefix;
  readonly owner: string;
  /** A small non-negative number the caller gives meaning to. */
  readonly label: number;
}

export const NOBODY = -1;
export const CONTESTED = -2;

export interface Ranges {
  /** The label, NOBODY or CONTESTED. */
  at(address: Address): number;
  /** The same for an unsigned IPv4 number, without allocating. */
  atIpv4(address: number): number;
}

interface Flat {
  readonly from: readonly bigint[];
  readonly label: readonly number[];
}

/** One pass over the prefixes in order of base, with the enclosing ones on a stack: CIDR blocks nest or are disjoint. */
function flatten(prefixes: readonly Labelled[]): Flat {
  const sorted = [...prefixes].sort((a, b) =>
    a.prefix.base !== b.prefix.base
      ? a.prefix.base < b.prefix.base
        ? -1
        : 1
      : a.prefix.length - b.prefix.length || a.label - b.label,
  );
  const from: bigint[] = [];
  const label: number[] = [];
  const begin = (at: bigint, what: number) => {
    if (from.at(-1) === at) label[label.length - 1] = what;
    else if ((label.at(-1) ?? NOBODY) !== what) {
      from.push(at);
      label.push(what);
    }
  };
  const stack: { end: bigint; owner: string; label: number }[] = [];
  const closeBefore = (base: bigint | undefined) => {
    for (let top = stack.at(-1); top && (base === undefined || top.end <= base); top = stack.at(-1)) {
      stack.pop();
      begin(top.end, stack.at(-1)?.label ?? NOBODY);
    }
  };
  for (const { prefix, owner, label: own } of sorted) {
    closeBefore(prefix.base);
    const outer = stack.at(-1);
    const contested = outer !== undefined && (outer.label === CONTESTED || outer.owner !== owner);
    const what = contested ? CONTESTED : own;
    stack.push({ end: prefix.base + prefixSize(prefix), owner, label: what });
    begin(prefix.base, what);
  }
  closeBefore(undefined);
  return { from, label };
}

/** Index of the last element that is not greater than `x`, or -1. */
function floorIndex<T extends number | bigint>(sorted: ArrayLike<T>, x: T): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as T) <= x) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export function compileRanges(prefixes: readonly Labelled[]): Ranges {
  const v4 = flatten(prefixes.filter(p => p.prefix.family === 4));
  const v6 = flatten(prefixes.filter(p => p.prefix.family === 6));
  // A range that begins at 2^32 is only the end of the last one; a 32-bit column cannot hold it and needs not.
  const kept = v4.from.filter(from => from < 1n << 32n);
  const from4 = Uint32Array.from(kept, Number);
  const label4 = Int32Array.from(v4.label.slice(0, kept.length));
  const atIpv4 = (address: number) => label4[floorIndex(from4, address)] ?? NOBODY;
  return {
    atIpv4,
    at: address =>
      address.family === 4 ? atIpv4(Number(address.value)) : (v6.label[floorIndex(v6.from, address.value)] ?? NOBODY),
  };
}
