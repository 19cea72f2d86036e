/**
 * How fast packets may leave: token buckets for the whole, per ISP and per /24, all asked before each packet. In: the
 * mandate's rates and the `monotonic` instant. Out: "now", or which bucket is empty and when it has a token again.
 *
 * Law: in any window w, sends ≤ rate × w + burst, for every bucket. Buckets start empty, so it also holds across a crash:
 * what was sent before and what is sent after each obey rate × their part of w, and only one of the two had a burst.
 *
 * A bucket is one number, the instant at which it was (or will be) empty: it holds (now - empty) / interval tokens, at
 * most `burst` of them. That makes a million /24s eight megabytes and a packet a few additions without allocation.
 */
import { Fault } from '../../record/fault.ts';
import type { MandateLimits, Rate } from '../../record/mandate.ts';

/** What `take` says. Numbers, because it is asked for each packet. */
export const GO = 0;
export const TOTAL_EMPTY = 1;
export const NET_EMPTY = 2;
export const ISP_EMPTY = 3;
export type Permit = typeof GO | typeof TOTAL_EMPTY | typeof NET_EMPTY | typeof ISP_EMPTY;

export interface Pacer {
  /** GO when a packet may leave at `now`, and then it is counted; else which bucket is empty. Ranks as in Place. */
  take(isp: number, net: number, now: number): Permit;
  /** The earliest instant (monotonic ms) at which the bucket has a token. */
  totalDue(): number;
  ispDue(isp: number): number;
  netDue(net: number): number;
  /** ms one may oversleep the instant the whole is due without losing a token: a full bucket catches up. */
  readonly slack: number;
}

interface Shape {
  /** ms per token. */
  readonly interval: number;
  /** ms in which an empty bucket fills to the brim. */
  readonly depth: number;
}

function shapeOf(rate: Rate, what: string, jitter: number): Shape {
  // Under one token no packet could ever leave: the round would hang, so it is refused at the start.
  if (!(rate.perSecond > 0 && rate.burst >= 1))
    throw new Fault(
      'mandate-refused',
      `the rate ${what} is ${rate.perSecond}/s with a burst of ${rate.burst}, which lets no packet leave`,
      'sign a mandate with a positive rate and a burst of at least 1',
    );
  const interval = 1000 / rate.perSecond;
  return { interval, depth: interval * rate.burst - jitter };
}

/**
 * `now` is the monotonic instant at which every bucket is empty. A packet may leave up to `jitter` ms after `take` said
 * GO: that much of each burst is kept back, so that the law holds for when packets leave, whichever are late.
 */
export function makePacer(limits: MandateLimits, isps: number, nets: number, now: number, jitter = 0): Pacer {
  const total = shapeOf(limits.total, 'in total', jitter);
  const perIsp = shapeOf(limits.perIsp, 'per ISP', jitter);
  const per24 = shapeOf(limits.per24, 'per /24', jitter);
  let totalSince = now;
  const ispSince = new Float64Array(isps).fill(now);
  const netSince = new Float64Array(nets).fill(now);
  const ispDue = (isp: number): number => (ispSince[isp] as number) + perIsp.interval;
  const netDue = (net: number): number => (netSince[net] as number) + per24.interval;
  const spent = (since: number, { interval, depth }: Shape, at: number): number =>
    Math.max(since, at - depth) + interval;
  return {
    slack: Math.max(0, total.depth - total.interval),
    totalDue: () => totalSince + total.interval,
    ispDue,
    netDue,
    take(isp, net, at) {
      // All are asked before any is charged: a packet that does not leave costs nothing.
      if (at < totalSince + total.interval) return TOTAL_EMPTY;
      if (at < netDue(net)) return NET_EMPTY;
      if (at < ispDue(isp)) return ISP_EMPTY;
      totalSince = spent(totalSince, total, at);
      netSince[net] = spent(netSince[net] as number, per24, at);
      ispSince[isp] = spent(ispSince[isp] as number, perIsp, at);
      return GO;
    },
  };
}
