/**
 * Rules by address, so that a list of thousands costs no more to ask than a list of ten. In: a list that never changes. Out:
 * the rules with the longest IPv4 prefix around an address at an instant, and whether a narrower rule has an end-user prefix.
 */
import type { Instant } from '../../../record/instant.ts';
import { isValid } from '../chain.ts';
import { compareKeys, holds6, key6, networkOf } from '../ipv6/key.ts';
import type { MapRule } from './rule.ts';

interface Level<Base> {
  readonly length: number;
  readonly rules: ReadonlyMap<Base, readonly MapRule[]>;
}

interface Table {
  /** Longest IPv4 prefix first. */
  readonly byAddress: readonly Level<number>[];
  /** For a rule: the rules inside its IPv6 prefix, by the first bits of the end-user prefixes that they touch. */
  readonly inside: ReadonlyMap<MapRule, readonly Level<bigint>[]>;
}

function levelsOf<Base>(
  rules: readonly MapRule[],
  lengthOf: (rule: MapRule) => number,
  baseOf: (rule: MapRule, length: number) => Base,
): Level<Base>[] {
  return [...Map.groupBy(rules, lengthOf)]
    .sort(([a], [b]) => b - a)
    .map(([length, same]) => ({ length, rules: Map.groupBy(same, rule => baseOf(rule, length)) }));
}

/** Prefixes nest or are apart, so sorted by network what lies in a prefix follows it without a break. */
function nested(rules: readonly MapRule[]): Map<MapRule, readonly Level<bigint>[]> {
  const keyed = rules.map(rule => ({ rule, key: key6(rule.ipv6Base, rule.ipv6Length) }));
  keyed.sort((a, b) => compareKeys(a.key, b.key));
  const inside = new Map<MapRule, readonly Level<bigint>[]>();
  for (const [i, { rule }] of keyed.entries()) {
    const narrower: MapRule[] = [];
    for (let j = i + 1; j < keyed.length; j++) {
      const other = keyed[j]?.rule as MapRule;
      if (!holds6(rule.ipv6Base, rule.ipv6Length, other.ipv6Base)) break;
      if (other.ipv6Length > rule.ipv6Length) narrower.push(other);
    }
    if (narrower.length === 0) continue;
    const lengthOf = (other: MapRule) => Math.min(other.ipv6Length, rule.endUserLength);
    inside.set(
      rule,
      levelsOf(narrower, lengthOf, (other, length) => networkOf(other.ipv6Base, length)),
    );
  }
  return inside;
}

const tableOf = (rules: readonly MapRule[]): Table => ({
  byAddress: levelsOf(
    rules,
    rule => rule.ipv4Length,
    rule => rule.ipv4Base,
  ),
  inside: nested(rules),
});

const TABLES = new WeakMap<readonly MapRule[], Table>();

function tabled(rules: readonly MapRule[]): Table {
  let table = TABLES.get(rules);
  if (!table) {
    table = tableOf(rules);
    TABLES.set(rules, table);
  }
  return table;
}

/** Of the rules valid at `at`, those with the longest IPv4 prefix around the address; none where no rule covers it. */
export function byAddress(rules: readonly MapRule[], address: number, at: Instant): readonly MapRule[] {
  for (const level of tabled(rules).byAddress) {
    const valid = level.rules.get(address - (address % 2 ** (32 - level.length)))?.filter(rule => isValid(rule, at));
    if (valid && valid.length > 0) return valid;
  }
  return [];
}

/** Whether at `at` a rule with a longer IPv6 prefix than this one's covers, or lies within, this end-user prefix of it. */
export const isOverruled = (rules: readonly MapRule[], rule: MapRule, endUser: bigint, at: Instant): boolean =>
  (tabled(rules).inside.get(rule) ?? []).some(level =>
    level.rules.get(networkOf(endUser, level.length))?.some(other => isValid(other, at)),
  );
