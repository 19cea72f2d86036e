/**
 * How many conversations one /24 carries: at most so many at a time, and new ones no faster than so many a second
 * (invariant 4). In: a mandate and the monotonic clock. Out: whether a conversation may begin now, or in how many ms to ask
 * again. Outside loopback and private space at most two at a time and one a second, whatever is signed. A restart begins
 * with an empty bucket, so that it gives nothing that was used up before.
 */
import { parseIpv4 } from '../record/address.ts';
import { SECOND } from '../record/instant.ts';
import type { MandateBody } from '../record/mandate.ts';
import { isOwnScope } from './rules.ts';

export interface Pace {
  /** 0: a conversation with this address begins now, and `leave` must follow it. Otherwise ms until asking again. */
  enter(address: string): number;
  leave(address: string): void;
}

const AT_ONCE = 2;
const PER_SECOND = 1;
/** How soon to ask again when all places are taken, ms. */
const ASK_AGAIN = 200;

interface Net {
  inFlight: number;
  /** When the bucket is full again, as in the generic cell rate algorithm (ITU-T I.371 annex A). Monotonic ms. */
  fullAt: number;
}

/** Conversations at a time, and new ones a second with their burst. */
export function paceLimitsOf(mandate: MandateBody) {
  const { perSecond, burst } = mandate.limits.per24;
  return isOwnScope(mandate)
    ? { atOnce: Number.POSITIVE_INFINITY, perSecond, burst }
    : { atOnce: AT_ONCE, perSecond: Math.min(PER_SECOND, perSecond), burst: 1 };
}

export function paceOf(mandate: MandateBody, monotonic: () => number): Pace {
  const { atOnce, perSecond, burst } = paceLimitsOf(mandate);
  const interval = SECOND / perSecond;
  const emptyAt = monotonic();
  const nets = new Map<number, Net>();
  let prunedTo = 4_096;
  /** A net with nothing in flight and a full bucket is as one that was never seen. */
  function prune(now: number): void {
    for (const [key, net] of nets) if (net.inFlight <= 0 && net.fullAt <= now) nets.delete(key);
    prunedTo = 2 * Math.max(2_048, nets.size);
  }
  const netOf = (address: string): number => (parseIpv4(address) ?? 0) >>> 8;
  return {
    enter(address) {
      const now = monotonic();
      const key = netOf(address);
      const net = nets.get(key) ?? { inFlight: 0, fullAt: emptyAt + interval * burst };
      if (net.inFlight >= atOnce) return ASK_AGAIN;
      const wait = net.fullAt - (burst - 1) * interval - now;
      if (wait > 0) return Math.ceil(wait);
      net.inFlight++;
      net.fullAt = Math.max(net.fullAt, now) + interval;
      nets.set(key, net);
      if (nets.size > prunedTo) prune(now);
      return 0;
    },
    leave(address) {
      const net = nets.get(netOf(address));
      if (net) net.inFlight--;
    },
  };
}
