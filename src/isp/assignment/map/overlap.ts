/**
 * Rules that contradict each other at one time. In: rules in the order of the file. Out: the first that gives an (address,
 * port) which another gives too, or has the IPv6 prefix of another, and which other. Such a list is refused when it is read.
 */
import type { Valid } from '../chain.ts';
import { portsGiven, portsMeet } from './ports.ts';
import type { MapRule } from './rule.ts';

export interface Overlap {
  /** Places in the list; `later` is the greater. */
  readonly earlier: number;
  readonly later: number;
  readonly field: 'ipv4Prefix' | 'ipv6Prefix';
}

const atOneTime = (a: Valid, b: Valid): boolean =>
  (a.validFrom ?? Number.NEGATIVE_INFINITY) < (b.validTo ?? Number.POSITIVE_INFINITY) &&
  (b.validFrom ?? Number.NEGATIVE_INFINITY) < (a.validTo ?? Number.POSITIVE_INFINITY);

interface Placed {
  readonly place: number;
  readonly rule: MapRule;
}

const lastAddress = (rule: MapRule): number => rule.ipv4Base + 2 ** (32 - rule.ipv4Length) - 1;

function portsShared(a: MapRule, b: MapRule): boolean {
  const sameSplit = a.psidOffset === b.psidOffset && a.psidLength === b.psidLength;
  // The common case: one address, a rule for each of its port sets.
  if (sameSplit && a.psid !== undefined && b.psid !== undefined) return a.psid === b.psid;
  return portsMeet(portsGiven(a), portsGiven(b));
}

function inAddresses(placed: readonly Placed[]): Overlap[] {
  const sorted = [...placed].sort((a, b) => a.rule.ipv4Base - b.rule.ipv4Base || a.rule.ipv4Length - b.rule.ipv4Length);
  const found: Overlap[] = [];
  let around: Placed[] = [];
  for (const next of sorted) {
    around = around.filter(({ rule }) => lastAddress(rule) >= next.rule.ipv4Base);
    for (const { place, rule } of around)
      if (atOneTime(rule, next.rule) && portsShared(rule, next.rule))
        found.push({
          earlier: Math.min(place, next.place),
          later: Math.max(place, next.place),
          field: 'ipv4Prefix',
        });
    around.push(next);
  }
  return found;
}

function inPrefixes(placed: readonly Placed[]): Overlap[] {
  const found: Overlap[] = [];
  for (const same of Map.groupBy(placed, ({ rule }) => `${rule.ipv6Base}/${rule.ipv6Length}`).values())
    for (const [i, a] of same.entries())
      for (const b of same.slice(i + 1))
        if (atOneTime(a.rule, b.rule)) found.push({ earlier: a.place, later: b.place, field: 'ipv6Prefix' });
  return found;
}

/** The one that comes first in the file; undefined when the rules are at peace. */
export function firstOverlap(rules: readonly MapRule[]): Overlap | undefined {
  const placed = rules.map((rule, place) => ({ place, rule }));
  return [...inAddresses(placed), ...inPrefixes(placed)].sort((a, b) => a.later - b.later || a.earlier - b.earlier)[0];
}
