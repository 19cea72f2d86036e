/**
 * Whether a pool leads on by a rule, and where. In: the pool, (address, port), the instant and the window of its error. Out:
 * undefined where a log speaks of the address itself; otherwise one step. A rule that changes within the window is asked at each
 * side of the change, and must lead to the same place.
 */

import type { Instant } from '../../record/instant.ts';
import { momentsOf, type Onward, sameOnward, type Valid } from './chain.ts';
import type { Pool } from './pool.ts';

/** `rules`: what may change; `ask`: where they lead at a moment. */
export function steady(
  rules: readonly Valid[],
  ask: (moment: Instant) => Onward,
  at: Instant,
  from: Instant,
  to: Instant,
): Onward {
  const here = ask(at);
  return momentsOf(rules, from, to).every(moment => sameOnward(ask(moment), here))
    ? here
    : { to: 'none', verdict: 'ambiguous_edge', why: 'the rule of the pool changes within the error of the clocks' };
}

export function onwardOf(
  pool: Pool,
  address: number,
  port: number,
  at: Instant,
  from: Instant,
  to: Instant,
): Onward | undefined {
  const { leads } = pool;
  return leads && steady(leads.rules, moment => leads.ask(address, port, moment), at, from, to);
}
