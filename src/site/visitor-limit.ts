/**
 * How often one visitor may do something: a token bucket for each, in memory, in bounded space. In: a visitor's address.
 * Out: zero, or milliseconds to wait. IPv6 visitors count by /64, which is one line.
 */
import { formatAddress, parseAddress, plainAddress } from '../record/address.ts';

export interface VisitorLimit {
  /** Takes one; zero when it was there. */
  take(visitor: string): number;
  readonly size: number;
}

/** The network an address belongs to, for counting (/32, /64) or for a log (/24, /48). */
export function networkOf(text: string, v4: number, v6: number): string {
  const address = parseAddress(plainAddress(text));
  if (!address) return 'unknown';
  const length = address.family === 4 ? v4 : v6;
  const host = BigInt((address.family === 4 ? 32 : 128) - length);
  return `${formatAddress({ family: address.family, value: (address.value >> host) << host })}/${length}`;
}

export function makeVisitorLimit(options: {
  readonly burst: number;
  readonly everyMs: number;
  readonly monotonic: () => number;
  readonly most?: number;
}): VisitorLimit {
  const { burst, everyMs, monotonic, most = 10_000 } = options;
  // A Map keeps insertion order: the first key is whoever was quiet the longest, and leaves when there is no room.
  const full = new Map<string, number>();
  return {
    take: visitor => {
      const key = networkOf(visitor, 32, 64);
      const now = monotonic();
      // `full` is when the bucket would be full again: one number says how many tokens are in it.
      const until = Math.max(full.get(key) ?? now, now) + everyMs;
      const missing = until - now - burst * everyMs;
      if (missing > 0) return missing;
      full.delete(key);
      full.set(key, until);
      if (full.size > most) full.delete(full.keys().next().value as string);
      return 0;
    },
    get size() {
      return full.size;
    },
  };
}
