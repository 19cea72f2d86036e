/**
 * Finds a number among many sorted ones. In: the numbers. Out: how many of them are not greater. Every sixteenth is kept again one rung
 * higher, and so on, so that each rung is one line of memory: halving the whole would meet a line at every step.
 */
const STEP = 16;

export type Ladder = (wanted: number) => number;

export function makeLadder(sorted: Uint32Array): Ladder {
  const rungs: Uint32Array[] = [sorted];
  for (let below = sorted; below.length > STEP; ) {
    const rung = new Uint32Array(Math.ceil(below.length / STEP));
    for (let i = 0; i < rung.length; i++) rung[i] = below[i * STEP]!;
    rungs.unshift(rung);
    below = rung;
  }
  return wanted => {
    let at = 0;
    for (let r = 0; r < rungs.length; r++) {
      const rung = rungs[r]!;
      const end = Math.min(at + STEP, rung.length);
      while (at < end && rung[at]! <= wanted) at++;
      if (r === rungs.length - 1) break;
      // Below the last that is not greater lie the sixteen that it stands for.
      at = at === 0 ? 0 : (at - 1) * STEP;
    }
    return at;
  };
}
