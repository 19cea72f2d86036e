/** How fast a sweep goes, for people: indices ended per second, smoothed over the last second or two. */
import { FATES, type Tally } from '../round/tally.ts';

/** ms after which an old reading has lost two thirds of its weight. */
const MEMORY = 1_000;

export function makeSpeed(start: number): { at(now: number, tally: Tally): number } {
  let before = start;
  let count = 0;
  let weighed = 0;
  let weight = 0;
  return {
    at(now, tally) {
      const total = FATES.reduce((sum, fate) => sum + tally[fate], 0);
      const seconds = (now - before) / 1000;
      if (seconds <= 0) return weight > 0 ? weighed / weight : 0;
      const fade = Math.exp((before - now) / MEMORY);
      weighed = weighed * fade + (total - count);
      weight = weight * fade + seconds;
      before = now;
      count = total;
      return weighed / weight;
    },
  };
}
