/**
 * Chance that can be had again: xoshiro128** (Blackman and Vigna, 2018) seeded from SHA-256 of words. The same seed and
 * words give the same numbers on every machine, so a rehearsal can be repeated and an interrupted one replayed.
 */
import { createHash } from 'node:crypto';

export interface Random {
  /** In [0, 1). */
  next(): number;
  /** An integer in [0, n). */
  below(n: number): number;
  pick<T>(list: readonly T[]): T;
  /** True with probability p. */
  chance(p: number): boolean;
  /** A shuffled copy (Fisher and Yates). */
  shuffle<T>(list: readonly T[]): T[];
  /** `n` characters of an alphabet without look-alikes. */
  text(n: number): string;
}

const ALPHABET = 'abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';

const rotl = (x: number, k: number) => (x << k) | (x >>> (32 - k));

const stateOf = (words: readonly unknown[]) => {
  const d = createHash('sha256').update(JSON.stringify(words)).digest();
  return [d.readInt32LE(0), d.readInt32LE(4), d.readInt32LE(8), d.readInt32LE(12) | 1] as const;
};

/** A generator of its own for these words: drawing from one never shifts another. */
export function makeRandom(...words: readonly (string | number)[]): Random {
  let [a, b, c, d]: [number, number, number, number] = [...stateOf(words)];
  const next = () => {
    const result = Math.imul(rotl(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotl(d, 11);
    return result / 2 ** 32;
  };
  const below = (n: number) => Math.floor(next() * n);
  return {
    next,
    below,
    pick: list => {
      if (list.length === 0) throw new RangeError('nothing to pick from');
      return list[below(list.length)] as (typeof list)[number];
    },
    chance: p => next() < p,
    shuffle: list => {
      const out = [...list];
      for (let i = out.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [out[i], out[j]] = [out[j] as (typeof out)[number], out[i] as (typeof out)[number]];
      }
      return out;
    },
    text: n => Array.from({ length: n }, () => ALPHABET[below(ALPHABET.length)]).join(''),
  };
}

/** One number in [0, 1) that depends on nothing but these words: for decisions that must not depend on order. */
export const lot = (...words: readonly (string | number)[]): number => (stateOf(words)[0] >>> 0) / 2 ** 32;
