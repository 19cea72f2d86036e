/** `npm run bench -- NAME`: one benchmark beside its peers, a JSON line for each case. `smoke` is a short look at them all. */
import { sweepBench } from './sweep.ts';

export interface BenchLine {
  readonly bench: string;
  readonly case: string;
  readonly unit: string;
  readonly ours: number;
  /** A peer that is not installed is named as missing. */
  readonly peers: Readonly<Record<string, number | 'missing'>>;
  /** How many times better than the best peer; null without one. */
  readonly ratio: number | null;
  readonly runs: number;
  readonly machine: string;
}

const BENCHES: Readonly<Record<string, (runs: number, scale: number) => Iterable<BenchLine>>> = { sweep: sweepBench };

const [name = ''] = process.argv.slice(2);
const smoke = name === 'smoke';
const chosen = smoke ? Object.keys(BENCHES) : [name];
if (!chosen.every(one => Object.hasOwn(BENCHES, one))) {
  process.stderr.write(
    `usage: npm run bench -- NAME, where NAME is one of: ${Object.keys(BENCHES).join(', ')}, smoke\n`,
  );
  process.exit(2);
}
for (const one of chosen)
  for (const line of BENCHES[one]?.(smoke ? 1 : 5, smoke ? 0.125 : 1) ?? [])
    process.stdout.write(`${JSON.stringify(line)}\n`);
