/**
 * The clocks of boxes. In: by how much they are off at most, admitted or not. Out: what a box writes for a true instant: off by a
 * constant from boot to boot, and rounded to seconds its own way.
 */
import { around, type Chance, oneOf } from './chance.ts';
import type { Box } from './truth.ts';

export interface Clock {
  /** Whole seconds in ms. */
  stamp(at: number): number;
}

const ROUNDINGS = [Math.floor, Math.round, Math.ceil];

/** `bound`: greatest offset, ms. */
export function makeClock(chance: Chance, box: Box, bound: number): Clock {
  const rounded = oneOf(chance, ROUNDINGS);
  const offset = () =>
    chance() < 0.3 ? 0 : chance() < 0.3 ? Math.sign(chance() - 0.5) * bound : around(chance, bound);
  const offsets = [...box, undefined].map(offset);
  return {
    stamp: at => {
      const boot = box.findIndex(d => at < d.to);
      const own = offsets[boot < 0 ? box.length : boot] ?? 0;
      return rounded((at + own) / 1_000) * 1_000;
    },
  };
}
