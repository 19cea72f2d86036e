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

export const GO = -1;
/** The bucket of the whole; ISPs follow it, then /24s. A bucket's number also names the queue of who waits for it. */
export const TOTAL = 0;

export interface Pacer {
  /** How many buckets there are. */
  readonly buckets: number;
  /** ms one may oversleep the instant TOTAL is due without losing a token: a full bucket catches up. */
  readonly slack: number;
  /** GO when a packet may leave at `now`, and then it is counted; else the number of an empty bucket. Ranks as in Place. */
  take(isp: number, net: number, now: number): number;
  /** The earliest instant (monotonic ms) at which a bucket has a token. */
  due(bucket: number): number;
  netBucket(net: number): number;
}

interface Shape {
  /** ms per token. */
  readonly interval: number;
  /** ms in which an empty bucket fills to the brim. */
  readonly depth: number;
}

function shapeOf(rate: Rate, what: string): Shape {
  // Under one token no packet could ever leave: the round would hang, so it is refused at the start.
  if (!(rate.perSecond > 0 && rate.burst >= 1))
    throw new Fault(
      'mandate-refused',
      `the rate ${what} is ${rate.perSecond}/s with a burst of ${rate.burst}, which lets no packet leave`,
      'sign a mandate with a positive rate and a burst of at least 1',
    );
  const interval = 1000 / rate.perSecond;
  return { interval, depth: interval * rate.burst };
}

/** `now` is the monotonic instant at which every bucket is empty. */
export function makePacer(limits: MandateLimits, isps: number, nets: number, now: number): Pacer {
  const total = shapeOf(limits.total, 'in total');
  const perIsp = shapeOf(limits.perIsp, 'per ISP');
  const per24 = shapeOf(limits.per24, 'per /24');
  const firstNet = 1 + isps;
  const empty = new Float64Array(firstNet + nets).fill(now);
  const shape = (bucket: number): Shape => (bucket === TOTAL ? total : bucket < firstNet ? perIsp : per24);
  const due = (bucket: number): number => (empty[bucket] as number) + shape(bucket).interval;
  const spend = (bucket: number, { interval, depth }: Shape, at: number): void => {
    empty[bucket] = Math.max(empty[bucket] as number, at - depth) + interval;
  };
  return {
    buckets: empty.length,
    slack: total.depth - total.interval,
    due,
    netBucket: net => firstNet + net,
    take(isp, net, at) {
      // All are asked before any is charged: a packet that does not leave costs nothing.
      if (at < (empty[TOTAL] as number) + total.interval) return TOTAL;
      const ofNet = firstNet + net;
      if (at < (empty[ofNet] as number) + per24.interval) return ofNet;
      const ofIsp = 1 + isp;
      if (at < (empty[ofIsp] as number) + perIsp.interval) return ofIsp;
      spend(TOTAL, total, at);
      spend(ofNet, per24, at);
      spend(ofIsp, perIsp, at);
      return GO;
    },
  };
}
