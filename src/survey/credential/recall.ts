/**
 * How much of what the whole catalogue would find the first k tries on each device find already: what a programme gives up
 * by trying little. In: a catalogue, and a population with published weights. Out: shares for each k. Exact for the
 * devices' seeds it averages over, because the real order of tries is asked, not a formula. Pure. It is a simulation.
 */
import type { Protocol } from '../../record/glossary.ts';
import type { Catalogue } from './catalogue.ts';
import { orderPairs } from './order.ts';
import type { SimulatedService } from './recall-population.ts';

export interface RecallRow {
  readonly tries: number;
  /** 0 to 1; null when the whole catalogue finds none. Of services whose maker is identified before the first try. */
  readonly known: number | null;
  /** Of all services, were no maker ever identified: what to expect of a model that no rule knows. */
  readonly unknown: number | null;
  /** Of all services as they come: makers that have a name are identified. */
  readonly together: number | null;
}

export interface Recall {
  /** The last row is the whole catalogue. */
  readonly rows: readonly RecallRow[];
  /** Pairs of the catalogue that somebody in the population has. */
  readonly pairsInUse: number;
  /** Share of the population's guessable services that the whole catalogue finds. */
  readonly reach: number;
}

export const TRIES: readonly number[] = [1, 2, 3, 4, 6, 8, 12];
/** Devices differ by a seed that shuffles pairs of equal weight; so many stand for all. */
const SEEDS = 128;

const seedOf = (n: number): Uint8Array => Uint8Array.of(n, n >>> 8, 0x5e, 0xed);
const nameOf = (user: string, password: string): string => JSON.stringify([user, password]);

/** Share of all services, by protocol and by the catalogue's ordinal. */
type Mass = Map<Protocol, Float64Array>;

/** Adds to `found` the share that exactly the n-th try finds, n from 0, averaged over the seeds. */
function addFound(found: Float64Array, catalogue: Catalogue, mass: Mass, vendor: string | undefined): void {
  for (const [protocol, shares] of mass)
    for (let n = 0; n < SEEDS; n++) {
      const order = orderPairs(catalogue, { protocol, vendor, passwordOnly: false, seed: seedOf(n) });
      for (const [at, { ordinal }] of order.entries())
        found[at] = (found[at] as number) + (shares[ordinal] as number) / SEEDS;
    }
}

const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);

/** `tries` are further numbers of tries to give a row, such as the mandate's own. */
export function recallOf(
  catalogue: Catalogue,
  population: readonly SimulatedService[],
  tries: readonly number[] = [],
): Recall {
  const most = catalogue.pairs.length;
  const ordinals = new Map(catalogue.pairs.map(pair => [nameOf(pair.user, pair.password.reveal()), pair.ordinal]));
  const makers = new Map<string | undefined, Mass>();
  const everybody: Mass = new Map();
  const inUse = new Set<number>();
  let all = 0;
  for (const service of population) {
    const vendor = service.vendor ?? undefined;
    const own: Mass = makers.get(vendor) ?? new Map();
    makers.set(vendor, own);
    for (const pair of service.pairs) {
      const share = service.share * pair.share;
      all += share;
      const ordinal = ordinals.get(nameOf(pair.user, pair.password));
      if (ordinal === undefined || share === 0) continue;
      inUse.add(ordinal);
      for (const mass of [own, everybody]) {
        const shares = mass.get(service.protocol) ?? new Float64Array(most);
        mass.set(service.protocol, shares);
        shares[ordinal] = (shares[ordinal] as number) + share;
      }
    }
  }
  const known = new Float64Array(most);
  const unknown = new Float64Array(most);
  const nameless = new Float64Array(most);
  for (const [vendor, mass] of makers) addFound(vendor === undefined ? nameless : known, catalogue, mass, vendor);
  addFound(unknown, catalogue, everybody, undefined);
  const together = known.map((share, at) => share + (nameless[at] as number));

  const upTo = (kind: Float64Array, k: number): number | null => {
    const whole = sum(kind);
    return whole === 0 ? null : k >= most ? 1 : Math.min(1, sum(kind.subarray(0, k)) / whole);
  };
  const counts = [...new Set([...TRIES, ...tries].filter(k => k >= 1 && k < most)), most].sort((a, b) => a - b);
  return {
    rows: counts.map(k => ({
      tries: k,
      known: upTo(known, k),
      unknown: upTo(unknown, k),
      together: upTo(together, k),
    })),
    pairsInUse: inUse.size,
    reach: all === 0 ? 0 : sum(together) / all,
  };
}
