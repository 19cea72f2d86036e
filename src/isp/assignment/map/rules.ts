/**
 * The rules of one pool. In: the entry `map` of the pools file. Out: rules in the order of the file. Refused, by the path of
 * the field: what makes no sense by itself, and rules that contradict each other at one time.
 */
import { z } from 'zod';
import { firstOverlap } from './overlap.ts';
import { type MapRule, mapRuleShape } from './rule.ts';

const MOST = 100_000;

/** zod schema; its issues have paths such as [3, 'psidOffset']. */
export const mapRulesShape = z
  .array(mapRuleShape)
  .min(1, 'is empty')
  .max(MOST, `has more than ${MOST} rules`)
  .superRefine((rules, context) => {
    const overlap = firstOverlap(rules);
    if (!overlap) return;
    const { earlier, later, field } = overlap;
    const message =
      field === 'ipv4Prefix'
        ? `gives addresses and ports that rule ${earlier + 1} of this list gives at the same time`
        : `is that of rule ${earlier + 1} of this list at the same time`;
    context.addIssue({ code: 'custom', path: [later, field], message });
  });

export type { MapRule, MapRuleEntry } from './rule.ts';
export type MapRules = readonly MapRule[];
