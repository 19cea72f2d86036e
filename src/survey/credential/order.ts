/**
 * In which order pairs are tried on one device: at most eight of its maker's first, then the rest by weight, equals
 * shuffled by a seed of the device's own (so that the position of a hit says nothing about the pair), and never the same
 * account twice in a row while another is left. Pure, and lazy: a device usually gets a few pairs of a thousand.
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

const MOST_OF_VENDOR = 8;

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

/** Pairs of one rank each, best first: the same for all devices of a maker. */
type Ranks = readonly (readonly Pair[])[];
const RANKS = new WeakMap<Catalogue, Map<string, Ranks>>();

function ranksOf(catalogue: Catalogue, protocol: Protocol, vendor: string | undefined): Ranks {
  let known = RANKS.get(catalogue);
  if (!known) {
    known = new Map();
    RANKS.set(catalogue, known);
  }
  const name = vendor === undefined ? protocol : `${protocol} ${vendor}`;
  let ranks = known.get(name);
  if (!ranks) {
    const fitting = catalogue.pairs.filter(pair => pair.protocols.includes(protocol));
    const best = fitting.sort((a, b) => b.weight - a.weight);
    const own = vendor === undefined ? [] : best.filter(pair => pair.vendors.includes(vendor));
    const first = new Set(own.slice(0, MOST_OF_VENDOR));
    const parts = [[...first], best.filter(pair => !first.has(pair))];
    ranks = parts.flatMap(part => [...Map.groupBy(part, pair => pair.weight).values()]);
    known.set(name, ranks);
  }
  return ranks;
}

function* shuffled(ranks: Ranks, next: () => number): Generator<Pair, undefined> {
  for (const rank of ranks) {
    if (rank.length === 1) {
      yield rank[0] as Pair;
      continue;
    }
    // Fisher and Yates, drawn only as far as pairs are asked for.
    const left = [...rank];
    while (left.length > 0) {
      const at = next() % left.length;
      const pair = left[at] as Pair;
      left[at] = left.at(-1) as Pair;
      left.pop();
      yield pair;
    }
  }
}

function* oncePerPassword(pairs: Iterable<Pair>): Generator<Pair, undefined> {
  const seen = new Set<string>();
  for (const pair of pairs) {
    const password = pair.password.reveal();
    if (seen.has(password)) continue;
    seen.add(password);
    yield pair;
  }
}

/** The best pair left whose account was not the last one; the best at all when only that account is left. */
function* interleaved(pairs: Generator<Pair, undefined>): Generator<Pair, undefined> {
  const held: Pair[] = [];
  let last: string | undefined;
  for (;;) {
    const at = held.findIndex(pair => pair.user !== last);
    let chosen = at >= 0 ? held.splice(at, 1)[0] : undefined;
    while (!chosen) {
      const pulled = pairs.next().value;
      if (!pulled) break;
      if (pulled.user === last) held.push(pulled);
      else chosen = pulled;
    }
    chosen ??= held.shift();
    if (!chosen) return;
    last = chosen.user;
    yield chosen;
  }
}

export function pairsInOrder(catalogue: Catalogue, of: OrderOf): Generator<Pair, undefined> {
  const pairs = shuffled(ranksOf(catalogue, of.protocol, of.vendor), sequence(of.seed));
  return of.passwordOnly ? oncePerPassword(pairs) : interleaved(pairs);
}

export const orderPairs = (catalogue: Catalogue, of: OrderOf): Pair[] => [...pairsInOrder(catalogue, of)];
