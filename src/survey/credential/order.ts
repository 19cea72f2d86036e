/**
 * In which order pairs are tried on one device: its maker's first, then by weight, equals shuffled by a seed of the
 * device's own (so that the position of a hit says nothing about the pair), and never the same account twice in a row
 * while another is left. Pure.
 */
import type { Protocol } from '../../record/glossary.ts';
import type { Catalogue, Pair } from './catalogue.ts';

export interface OrderOf {
  readonly protocol: Protocol;
  readonly vendor: string | undefined;
  /** The device asks for a password only: one try a password, whatever its user. */
  readonly passwordOnly: boolean;
  /** At least four bytes; the same seed gives the same order. */
  readonly seed: Uint8Array;
}

/** xorshift32: a shuffle needs no more. */
function sequence(seed: Uint8Array): () => number {
  let x = seed.reduce((a, b) => (Math.imul(a, 31) + b + 1) >>> 0, 2463534242) || 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    x >>>= 0;
    return x;
  };
}

export function orderPairs(catalogue: Catalogue, { protocol, vendor, passwordOnly, seed }: OrderOf): Pair[] {
  const next = sequence(seed);
  const fitting = catalogue.pairs.filter(pair => pair.protocols.includes(protocol));
  const ranked = fitting
    .map(pair => ({ pair, match: vendor !== undefined && pair.vendors.includes(vendor) ? 1 : 0, chance: next() }))
    .sort((a, b) => b.match - a.match || b.pair.weight - a.pair.weight || a.chance - b.chance)
    .map(({ pair }) => pair);
  if (passwordOnly) {
    const seen = new Set<string>();
    return ranked.filter(pair => {
      const password = pair.password.reveal();
      return !seen.has(password) && seen.add(password);
    });
  }
  return interleave(ranked);
}

/** The best pair left whose account was not the last one; the best at all when only that account is left. */
function interleave(ranked: readonly Pair[]): Pair[] {
  const left = [...ranked];
  const ordered: Pair[] = [];
  let last: string | undefined;
  while (left.length > 0) {
    const at = left.findIndex(pair => pair.user !== last);
    const [pair] = left.splice(Math.max(0, at), 1) as [Pair];
    ordered.push(pair);
    last = pair.user;
  }
  return ordered;
}
