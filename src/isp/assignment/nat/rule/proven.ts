/**
 * Whether a rule of deterministic NAT may be believed. In: the rule with the live mappings somebody saw. Out: where it leads, or
 * why not yet. Counting the boundary addresses or not moves every customer to his neighbour's ports, and so does the spread; a
 * rule counts only when two mappings that were seen agree with it and contradict every other setting.
 */
import { changesOf, type InsideOf, isValid, type Leads, type Onward, sameOnward } from '../../chain.ts';
import { behind, type NatRule, type Plan, planOf, type Seen, type Settings } from './plan.ts';

export type Standing = 'proven' | 'unproven' | 'contradicted';

const SETTINGS: readonly Settings[] = [true, false].flatMap(insideBoundary =>
  [true, false].flatMap(outsideBoundary =>
    (['full', 'even'] as const).map(spread => ({ insideBoundary, outsideBoundary, spread })),
  ),
);

const agrees = (rule: NatRule, plan: Plan, { inside, outside, port }: Seen): boolean => {
  const found = behind(rule, plan, outside, port);
  return found.to === 'inside' && found.address === inside;
};

/** Plans that give everybody the same block, but for addresses that only one of them counts at the very end. */
const alike = (a: Plan, b: Plan): boolean =>
  a.insideFirst === b.insideFirst &&
  a.outsideFirst === b.outsideFirst &&
  a.block === b.block &&
  (a.perAddress === b.perAddress || a.insideCount <= Math.min(a.perAddress, b.perAddress));

export function standing(rule: NatRule): Standing {
  const plan = planOf(rule);
  if (!rule.proofs.every(proof => agrees(rule, plan, proof))) return 'contradicted';
  if (new Set(rule.proofs.map(proof => proof.inside)).size < 2) return 'unproven';
  const toldApart = SETTINGS.every(settings => {
    const other = { ...rule, ...settings };
    const otherPlan = planOf(other);
    return alike(plan, otherPlan) || !rule.proofs.every(proof => agrees(other, otherPlan, proof));
  });
  return toldApart ? 'proven' : 'unproven';
}

interface Known {
  readonly standing: Standing;
  readonly plan: Plan;
}

/** A rule is read once and asked often. */
const KNOWN = new WeakMap<NatRule, Known>();

function known(rule: NatRule): Known {
  let found = KNOWN.get(rule);
  if (!found) {
    found = { standing: standing(rule), plan: planOf(rule) };
    KNOWN.set(rule, found);
  }
  return found;
}

export const insideOf: InsideOf<NatRule> = (rule, address, port) => {
  const { standing, plan } = known(rule);
  if (standing === 'proven') return behind(rule, plan, address, port);
  return standing === 'contradicted'
    ? {
        to: 'none',
        verdict: 'conflict_sources',
        why: 'a live mapping that was seen contradicts the rule of the carrier NAT',
      }
    : {
        to: 'none',
        verdict: 'log_gap',
        why: 'no two live mappings prove the rule of the carrier NAT and tell its settings apart',
      };
};

const covers = ({ outside: { base, length } }: NatRule, address: number): boolean =>
  address >= base && address < base + 2 ** (32 - length);

/** How a pool with these rules leads on. Two rules of one instant must lead to the same inside address. */
export const natLeads = (rules: readonly NatRule[]): Leads => ({
  changes: changesOf(rules),
  ask(address, port, moment): Onward {
    const ways = rules
      .filter(rule => isValid(rule, moment) && covers(rule, address))
      .map(rule => insideOf(rule, address, port));
    const [first, ...others] = ways;
    if (!first)
      return { to: 'none', verdict: 'log_gap', why: 'no rule of the carrier NAT covers the address at that instant' };
    return others.every(other => sameOnward(first, other))
      ? first
      : {
          to: 'none',
          verdict: 'ambiguous_overlap',
          why: 'two rules of the carrier NAT of that instant lead to different places',
        };
  },
});
