/**
 * Whether a pool leads on by a rule, and where. In: the pool, (address, port), the instant and the window of its error. Out:
 * undefined where a log speaks of the address itself; otherwise one step. A rule that changes within the window is asked on both
 * sides of the change, and must lead to the same place.
 */
import type { Instant } from '../../record/instant.ts';
import { type Onward, sameOnward } from './chain.ts';
import type { Pool } from './pool.ts';

const EDGE: Onward = {
  to: 'none',
  verdict: 'ambiguous_edge',
  why: 'the rule of the pool changes within the error of the clocks',
};

export function onwardOf(
  { leads }: Pool,
  address: number,
  port: number,
  at: Instant,
  from: Instant,
  to: Instant,
): Onward | undefined {
  if (!leads) return undefined;
  const here = leads.ask(address, port, at);
  const near = leads.changes.filter(change => from < change && change <= to);
  return near.length === 0 || [from, ...near].every(moment => sameOnward(leads.ask(address, port, moment), here))
    ? here
    : EDGE;
}
