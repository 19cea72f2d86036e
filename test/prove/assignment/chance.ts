/** Chance with a seed (mulberry32, T. Ettinger), so that a world that went wrong can be made again. */
export interface Chance {
  /** In [0, 1). */
  (): number;
}

export function chanceFrom(seed: number): Chance {
  let a = seed | 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const below = (chance: Chance, n: number): number => Math.floor(chance() * n);
export const oneOf = <T>(chance: Chance, of: readonly T[]): T => of[below(chance, of.length)] as T;
/** In [-n, n]. */
export const around = (chance: Chance, n: number): number => (chance() * 2 - 1) * n;
/** Many short ones, few long ones. */
export const spread = (chance: Chance, mean: number): number => -Math.log(1 - chance()) * mean;
