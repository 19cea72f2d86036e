/**
 * The address servers of the ISPs that hand addresses out for a while. In: a line that moves. Out: its next address,
 * preferably one that another customer gave back, because that is what makes naming a subscriber hard.
 */
import { HOUR, type Instant, MINUTE } from '../record/instant.ts';
import type { CountryIsp } from './country.ts';
import { freshAddress, type Line, type Register } from './lines.ts';
import { makeRandom } from './random.ts';

/** Length of a lease; a box that vanished keeps its address so long after its last renewal. */
export const LEASE = 48 * HOUR;
export const RENEWAL = 24 * HOUR;
/** The least time between a release and the next holder. */
export const PAUSE = 10 * MINUTE;
/** How long a box takes to come back with its next address. */
export const RETURN = MINUTE;

export interface Pools {
  move(line: Line, at: Instant, releases: boolean): void;
}

export const lastRenewal = (from: Instant, until: Instant): Instant =>
  from + Math.floor((until - from) / RENEWAL) * RENEWAL;

/** `taken` are all addresses any line was ever given; it grows here. */
export function makePools(country: readonly CountryIsp[], register: Register, taken: Set<string>, seed: string): Pools {
  const freed = new Map(country.map(isp => [isp.id, [] as { address: string; from: Instant }[]]));
  const random = makeRandom(seed, 'pools');
  return {
    move(line, at, releases) {
      const old = register.of(line.id, at);
      const isp = country.find(c => c.id === line.isp);
      const queue = freed.get(line.isp);
      if (!old || !isp || !queue) return;
      old.to = at;
      old.released = releases;
      const from = at + RETURN;
      const reusable = queue.findIndex(f => f.from <= from);
      const address = reusable < 0 ? undefined : queue.splice(reusable, 1)[0]?.address;
      queue.push({ address: old.address, from: (releases ? at : lastRenewal(old.from, at) + LEASE) + PAUSE });
      const next = address ?? freshAddress(isp, register, taken, random);
      register.begin({ line, address: next, from, to: null, released: false });
    },
  };
}
