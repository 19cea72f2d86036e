/**
 * The order in which a round walks its space: a keyed permutation of 0 … size-1 that can be asked at any index, so that
 * a shard is two numbers and resuming is one. In: a 32-byte key and a size up to 2^32. Out: `at(index)`, and back.
 *
 * The space is embedded in the next power of two, 2^k. One pass over k bits is three rounds of xor with a key, product
 * with an odd number, and xor with itself shifted right; each of the three can be undone, so the pass is a bijection of
 * 0 … 2^k-1. Where it lands outside the space it is applied again (cycle walking, Black and Rogaway 2002): following a
 * cycle of a bijection until it re-enters a subset is a bijection of that subset, and takes under two steps on average
 * because size > 2^(k-1).
 *
 * It spreads load evenly over networks; it is no cipher. Who sees many probes can predict the order, which an announced
 * survey may let them.
 */
import { createHmac } from 'node:crypto';

export const GREATEST_SIZE = 2 ** 32;

export interface Permutation {
  readonly size: number;
  /** The element at a position 0 … size-1; RangeError outside. Each element is met exactly once. */
  at(index: number): number;
  /** The same without the check, for the way of a packet: `index` must be 0 … size-1. */
  walk(index: number): number;
  /** The position at which an element is met; RangeError outside. */
  indexOf(element: number): number;
}

/** `size` is an integer 1 … 2^32; `key` is 32 random bytes that the round keeps, else RangeError. */
export function makePermutation(key: Uint8Array, size: number): Permutation {
  if (key.length !== 32) throw new RangeError(`a permutation key has 32 bytes, not ${key.length}`);
  if (!Number.isInteger(size) || size < 1 || size > GREATEST_SIZE) throw new RangeError(`no permutation of ${size}`);
  const bits = size === 1 ? 0 : 32 - Math.clz32(size - 1);
  const mask = bits === 0 ? 0 : 0xffffffff >>> (32 - bits);
  const words = roundKeys(key, size);
  const word = (n: number): number => words.readInt32LE(4 * n) & mask;
  const [x0, x1, x2] = [word(0), word(1), word(2)];
  const [m0, m1, m2] = [word(3) | 1, word(4) | 1, word(5) | 1];
  // Half the width brings the well mixed high bits of a product down to the low ones; unequal shifts avoid symmetry.
  const [s0, s1, s2] = [Math.max(1, bits >>> 1), Math.max(1, (bits * 3) >>> 3), Math.max(1, (bits + 1) >>> 1)];

  const [i0, i1, i2] = [inverseOf(m0), inverseOf(m1), inverseOf(m2)];

  // Math.imul and the signed operators work on 32 bits; the mask keeps the low k, on which all of it is closed.
  function walk(index: number): number {
    let x = index >>> 0;
    do {
      x = Math.imul(x ^ x0, m0) & mask;
      x ^= x >>> s0;
      x = Math.imul(x ^ x1, m1) & mask;
      x ^= x >>> s1;
      x = Math.imul(x ^ x2, m2) & mask;
      x = (x ^ (x >>> s2)) >>> 0;
    } while (x >= size);
    return x;
  }

  /** What `x ^ x >>> shift` was made from: the high bits are as they were, and give the next ones. */
  function unshift(mixed: number, shift: number): number {
    let x = mixed;
    for (let known = shift; known < bits; known += shift) x = mixed ^ (x >>> shift);
    return x;
  }

  const inside = (number: number, what: string): void => {
    if (!(number >= 0 && number < size)) throw new RangeError(`${what} ${number} of ${size}`);
  };

  return {
    size,
    walk,
    at(index) {
      inside(index, 'index');
      return walk(index);
    },
    // The cycle backwards: what lies between an element and its position lies outside the space, both ways.
    indexOf(element) {
      inside(element, 'element');
      let x = element >>> 0;
      do {
        // `>>>` on a number of 32 bits must see it unsigned, which unshift's argument is.
        x = (Math.imul(unshift(x, s2) & mask, i2) ^ x2) & mask;
        x = (Math.imul(unshift(x >>> 0, s1) & mask, i1) ^ x1) & mask;
        x = ((Math.imul(unshift(x >>> 0, s0) & mask, i0) ^ x0) & mask) >>> 0;
      } while (x >= size);
      return x;
    },
  };
}

/** The inverse of an odd number modulo 2^32, so modulo 2^k too: each step of Newton's doubles the bits that are right. */
function inverseOf(odd: number): number {
  let x = odd;
  for (let bits = 3; bits < 32; bits *= 2) x = Math.imul(x, 2 - Math.imul(odd, x));
  return x;
}

/** 32 bytes bound to the size as well, so that two spaces under one key are walked in unrelated orders. */
const roundKeys = (key: Uint8Array, size: number): Buffer =>
  createHmac('sha256', key).update(`notice permutation ${size}`).digest();
