/**
 * Recall canaries: addresses of the operator's own that are known to be up, in scope like any other, asked once with every
 * shard besides their place in the round. In: how often each was asked, and its answers. Out: which share of the asked
 * answered. It is measured where a survey hopes: what the network, the kernel or we lose, the canaries lose alike.
 */

import { formatIpv4 } from '../../../record/address.ts';
import { Fault } from '../../../record/fault.ts';
import type { Space } from '../../round/space.ts';

export interface Canary {
  readonly address: number;
  readonly port: number;
}

/** Their elements; Fault for one that the round does not hold: it would be asked outside the mandate. */
export function canaryElements(space: Space, canaries: readonly Canary[]): number[] {
  return canaries.map(({ address, port }) => {
    const element = space.elementOf(address, port);
    if (element >= 0) return element;
    throw new Fault(
      'mandate-refused',
      `the canary ${formatIpv4(address)} port ${port} is not among what may be swept`,
      'have its prefix consented and named in the mandate, or leave it out',
    );
  });
}

export interface CanaryCount {
  readonly sent: number;
  readonly answered: number;
}

export interface CanaryBook {
  /** How often each has been asked so far; what is new waits for its answer. */
  asked(counts: readonly number[], now: number): void;
  /** An answer came from the canary with this number. */
  answered(number: number): void;
  /** Of those whose answer had time to come by `now`. */
  settled(now: number): CanaryCount;
  /** Of all. */
  count(): CanaryCount;
}

/** `wait`: ms within which an answer comes. Answers are told apart only by number, so each can pay for one ask. */
export function makeCanaryBook(canaries: number, wait: number): CanaryBook {
  const asked = new Array<number>(canaries).fill(0);
  const credit = new Array<number>(canaries).fill(0);
  /** Of the credit, what came since the last report. */
  const fresh = new Array<number>(canaries).fill(0);
  /** Asks that are open, oldest first. */
  let open: { readonly number: number; readonly due: number }[] = [];
  const done = { sent: 0, answered: 0 };

  function settle(now: number): void {
    open = open.filter(({ number, due }) => {
      if ((credit[number] as number) > 0) {
        credit[number] = (credit[number] as number) - 1;
        done.answered++;
        done.sent++;
        return false;
      }
      if (due > now) return true;
      done.sent++;
      return false;
    });
  }

  return {
    asked(counts, now) {
      counts.forEach((count, number) => {
        for (let n = asked[number] as number; n < count; n++) open.push({ number, due: now + wait });
        asked[number] = count;
      });
      settle(now);
      // An answer may come before the report of its ask, by one report. What is older answered nothing: it was repeated.
      fresh.forEach((count, number) => {
        credit[number] = Math.min(credit[number] as number, count);
        fresh[number] = 0;
      });
    },
    answered(number) {
      credit[number] = (credit[number] as number) + 1;
      fresh[number] = (fresh[number] as number) + 1;
    },
    settled(now) {
      settle(now);
      return { ...done };
    },
    count() {
      settle(Number.NEGATIVE_INFINITY);
      return { sent: done.sent + open.length, answered: done.answered };
    },
  };
}
