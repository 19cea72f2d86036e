/**
 * From (IPv4 address, port, instant) to the one delegated IPv6 prefix that the rules of that instant give it to, or why to
 * none. Pure arithmetic and exact: two lines can never share an answer, and a port that no line is given names nobody.
 */
import type { DelegatedPrefixOf, NoStep, Onward } from '../chain.ts';
import { sameOnward } from '../chain.ts';
import { psidOfPort } from './ports.ts';
import type { MapRule } from './rule.ts';
import { byAddress, isOverruled } from './rule-table.ts';

const none = (verdict: NoStep, why: string): Onward => ({ to: 'none', verdict, why });

const through = (rule: MapRule, address: number, psid: number): Extract<Onward, { to: 'prefix' }> => {
  const suffix = Math.floor((address - rule.ipv4Base) / 2 ** (32 - rule.ipv4Length - rule.suffixBits));
  const psidBits = BigInt(rule.eaBits - rule.suffixBits);
  const ea = (BigInt(suffix) << psidBits) | (psidBits === 0n ? 0n : BigInt(psid));
  const length = rule.endUserLength;
  return { to: 'prefix', prefix: rule.ipv6Base | (ea << BigInt(128 - length)), length };
};

/**
 * A box goes by the rule with the longest IPv6 prefix around its own (RFC 7597 §5). So an end-user prefix that a narrower rule
 * touches is not reckoned by this rule, though the arithmetic would say so.
 */
export const delegatedPrefixOf: DelegatedPrefixOf<MapRule> = (rules, address, port, at) => {
  const near = byAddress(rules, address, at);
  if (near.length === 0) return none('log_gap', 'no MAP rule covers the address at that instant');
  const ways: Onward[] = [];
  let shared = false;
  let overruled = false;
  for (const rule of near) {
    const psid = psidOfPort(rule, port);
    if (psid === undefined) continue;
    shared = true;
    if (rule.psid !== undefined && rule.psid !== psid) continue;
    const onward = through(rule, address, psid);
    if (isOverruled(rules, rule, onward.prefix, at)) overruled = true;
    else ways.push(onward);
  }
  const [first, ...others] = ways;
  if (first && others.every(other => sameOnward(first, other))) return first;
  if (first) return none('ambiguous_overlap', 'two MAP rules of that instant lead to different prefixes');
  if (!shared) return none('shared_port_impossible', `MAP gives port ${port} of this address to nobody (A = 0)`);
  if (overruled)
    return none('none_unassigned', 'a narrower MAP rule gives the prefix behind this port another address');
  return none('none_unassigned', `the MAP rules of that instant give port ${port} of this address to nobody`);
};
