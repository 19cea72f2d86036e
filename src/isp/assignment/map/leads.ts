/**
 * How a pool with MAP rules leads on (chain.ts): to a delegated prefix, whose holder the log of prefix delegation names. In: its
 * rules. Out: the step, with the rules that have a time of their own, because only these can change within an error of clocks.
 */
import type { Leads } from '../chain.ts';
import { delegatedPrefixOf } from './backward.ts';
import type { MapRules } from './rules.ts';

export const mapLeads = (rules: MapRules): Leads => ({
  rules: rules.filter(rule => rule.validFrom !== undefined || rule.validTo !== undefined),
  ask: (address, port, moment) => delegatedPrefixOf(rules, address, port, moment),
});
