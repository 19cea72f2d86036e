/**
 * Which pair comes next on one device: in its order, as many as the mandate and what is known of its class allow, and none
 * of an account whose day is full. One try of the account's and of the device's day is kept for the decoy: a hit without
 * a control is worth nothing. In: catalogue, order, limits. Out: pairs, one at a time, and whether all that fit were tried.
 */
import type { Budget, Gate } from '../../mandate/authority.ts';
import type { Catalogue, Pair } from './catalogue.ts';
import { type OrderOf, pairsInOrder } from './order.ts';

export interface Plan {
  /** Undefined: no more today. The account a password-only device is asked for is ''. */
  next(): { readonly pair: Pair; readonly account: string } | undefined;
  /** The pair handed out last was not reserved, because its account's day is over. */
  closeAccount(account: string): void;
  /** Every pair that fits was handed out and taken. */
  complete(): boolean;
}

export interface PlanDeps {
  readonly gate: Gate;
  readonly budget: Budget;
  readonly catalogue: Catalogue;
}

/** `most` catalogue pairs in this check. */
export function planOf(address: string, of: OrderOf, most: number, { gate, budget, catalogue }: PlanDeps): Plan {
  const { triesPerAccountPerDay, triesPerDevicePerDay } = gate.mandate.limits;
  const keep = gate.mandate.decoys.permitted ? 1 : 0;
  const pairs = pairsInOrder(catalogue, of);
  const used = new Map<string, number>();
  const closed = new Set<string>();
  let given = 0;
  let skipped = false;
  let dry = false;
  return {
    next() {
      while (!dry) {
        const pair = pairs.next().value;
        if (!pair) {
          dry = true;
          break;
        }
        const account = of.passwordOnly ? '' : pair.user;
        // An earlier check of the day may have spent what this one would keep.
        const tries = Math.max(used.get(account) ?? 0, budget.spentOn(address, account));
        if (given >= most || budget.spent(address) + keep >= triesPerDevicePerDay) {
          skipped = true;
          return undefined;
        }
        if (closed.has(account) || tries + keep >= triesPerAccountPerDay) {
          skipped = true;
          continue;
        }
        used.set(account, tries + 1);
        given++;
        return { pair, account };
      }
      return undefined;
    },
    closeAccount(account) {
      closed.add(account);
      given--;
      skipped = true;
    },
    complete: () => dry && !skipped,
  };
}
