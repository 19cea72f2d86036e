/** `npm run bench -- sweep`: the raw sweep beside zmap and masscan, the sweep by connects beside nmap, and ours alone. */
import type { BenchLine } from './line.ts';
import { connectCase } from './sweep-connect.ts';
import { dryCase } from './sweep-dry.ts';
import { fillCases, growthCase } from './sweep-fill.ts';
import { rawCases, repliesCases } from './sweep-raw.ts';

/** `scale` 1 is the whole; anything less is a short look, in which start-up is most of every figure. */
export async function* sweepBench(runs: number, scale: number): AsyncGenerator<BenchLine> {
  const whole = scale === 1;
  yield* rawCases(runs, whole ? 22 : 16);
  yield* repliesCases(runs, whole ? 20 : 16);
  yield* fillCases(runs, whole ? 20_000_000 : 1_000_000);
  yield dryCase(runs, whole ? 12 : 1);
  yield growthCase(runs, whole ? [16, 18, 20, 22, 24, 26, 28, 30] : [16, 30], whole ? 5_000_000 : 500_000);
  yield await connectCase(runs, whole ? 131_072 : 4_096, false);
  yield await connectCase(runs, whole ? 65_536 : 4_096, true);
}
