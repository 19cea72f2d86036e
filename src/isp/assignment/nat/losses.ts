/** Where records of one box are missing. In: stretches, in any order. Out: whether one lies between two instants. Bounded. */
import type { Instant } from '../../../record/instant.ts';

export type Loss = readonly [from: Instant, to: Instant];

/** Of more the oldest become one. */
const MOST = 5_000;

export interface Losses {
  add(from: Instant, to: Instant): void;
  has(from: Instant, to: Instant): boolean;
  /** Whether something is missing after `a` and before `b`. What bounds a loss was itself received. */
  between(a: Instant, b: Instant): boolean;
  readonly all: readonly Loss[];
}

export function makeLosses(saved: readonly Loss[] = []): Losses {
  let all: readonly Loss[] = saved;
  return {
    add(from, to) {
      const joined = all.filter(([f, t]) => t >= from && to >= f);
      const apart = all.filter(([f, t]) => t < from || to < f);
      const loss: Loss = [Math.min(from, ...joined.map(l => l[0])), Math.max(to, ...joined.map(l => l[1]))];
      const sorted = [...apart, loss].sort((a, b) => a[0] - b[0]);
      const [first, second] = sorted;
      all = sorted.length > MOST && first && second ? [[first[0], second[1]], ...sorted.slice(2)] : sorted;
    },
    has: (from, to) => all.some(([f, t]) => f <= from && to <= t),
    between(a, b) {
      let low = 0;
      for (let high = all.length; low < high; ) {
        const middle = (low + high) >>> 1;
        if ((all[middle] as Loss)[0] < b) low = middle + 1;
        else high = middle;
      }
      // The last that begins before `b` also reaches furthest.
      const loss = all[low - 1];
      if (!loss) return false;
      const [f, t] = loss;
      return t > a || (f === t && a === f);
    },
    get all() {
      return all;
    },
  };
}
