/**
 * How honeypots decide whom to let in, whichever protocol they speak. In: a pair and the device's memory. Out: yes or no.
 */
import type { Witness } from './device.ts';

interface Visitor {
  readonly needs: number;
  readonly pairs: Set<string>;
  kept?: string;
}

/** A number that is the same every time for one device and one source. */
const mixed = (text: string): number => {
  let hash = 2_166_136_261;
  for (const c of text) hash = Math.imul(hash ^ (c.codePointAt(0) as number), 16_777_619) >>> 0;
  return hash >>> 7;
};

/**
 * Takes the n-th different pair of each source, n from 2 to 5 by device and source; from then on that pair alone, from
 * wherever it comes. To one source it looks like a device with a weak password.
 */
export function nthPair(here: string, user: string, password: string, { source, memory }: Witness): boolean {
  const pair = JSON.stringify([user, password]);
  const known = (memory.get('known') as Set<string> | undefined) ?? new Set<string>();
  memory.set('known', known);
  const visitor = (memory.get(source) as Visitor | undefined) ?? {
    needs: 2 + (mixed(`${here} ${source}`) % 4),
    pairs: new Set<string>(),
  };
  memory.set(source, visitor);
  if (visitor.kept !== undefined) return visitor.kept === pair;
  visitor.pairs.add(pair);
  if (!known.has(pair) && visitor.pairs.size < visitor.needs) return false;
  visitor.kept = pair;
  known.add(pair);
  return true;
}

/** Two passwords are refused for show, every other one opens `root`. */
export const allButTwo = (user: string, password: string): boolean =>
  user === 'root' && password !== 'root' && password !== '123456';
