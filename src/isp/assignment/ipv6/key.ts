/**
 * IPv6 prefixes as an index keeps them: four 32-bit words and a length. Prefixes of up to 64 bits (delegated prefixes, the /64
 * of a link) differ in the first two words alone; only longer ones (the /128 of IA_NA, RFC 8415 §6.2) need all four.
 */
export interface Key6 {
  /** Bits 0-31 and 32-63, unsigned. */
  readonly high: number;
  readonly low: number;
  /** Bits 64-95 and 96-127; zero for lengths up to 64. */
  readonly restHigh: number;
  readonly restLow: number;
  /** 0 to 128. */
  readonly length: number;
}

const WORD = 0xffffffffn;

/** The first `length` bits of a 128-bit value, the others zero. */
export function networkOf(value: bigint, length: number): bigint {
  const host = BigInt(128 - length);
  return (value >> host) << host;
}

/** Bits beyond `length` are dropped, so an address serves as well as its prefix. */
export function key6(prefix: bigint, length: number): Key6 {
  const network = networkOf(prefix, length);
  return {
    high: Number(network >> 96n),
    low: Number((network >> 64n) & WORD),
    restHigh: Number((network >> 32n) & WORD),
    restLow: Number(network & WORD),
    length,
  };
}

export const prefixOfKey = ({ high, low, restHigh, restLow }: Key6): bigint =>
  (BigInt(high) << 96n) | (BigInt(low) << 64n) | (BigInt(restHigh) << 32n) | BigInt(restLow);

/** The order of an index: by network, then the shorter prefix first, so that what is nested follows what holds it. */
export const compareKeys = (a: Key6, b: Key6): number =>
  a.high - b.high || a.low - b.low || a.restHigh - b.restHigh || a.restLow - b.restLow || a.length - b.length;

/** Whether the prefix of `length` bits holds the address. Both as 128-bit values. */
export const holds6 = (prefix: bigint, length: number, address: bigint): boolean =>
  networkOf(address, length) === prefix;

/**
 * Every key under which a hold around the address can stand: one for each prefix length that occurs, the longest first. All are
 * to be asked, because a /64 of a link and a delegated /56 around it may have different holders.
 */
export const keysAround = (address: bigint, lengths: Iterable<number>): Key6[] =>
  [...new Set(lengths)].sort((a, b) => b - a).map(length => key6(address, length));
