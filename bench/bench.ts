/** `npm run bench -- NAME`: one benchmark beside its peers, a JSON line for each case. `smoke` is a short look at them all. */
import { assignmentBench } from './assignment.ts';
import type { BenchLine } from './line.ts';
import { oddDevicesBench } from './odd-devices.ts';
import { probeBench } from './probe.ts';
import { sweepBench } from './sweep.ts';

export type { BenchLine } from './line.ts';

type Bench = (runs: number, scale: number) => Iterable<BenchLine> | AsyncIterable<BenchLine>;
const BENCHES: Readonly<Record<string, Bench>> = {
  sweep: sweepBench,
  probe: probeBench,
  'odd-devices': oddDevicesBench,
  assignment: assignmentBench,
};

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
  for await (const line of BENCHES[one]?.(smoke ? 1 : 5, smoke ? 0.125 : 1) ?? [])
    process.stdout.write(`${JSON.stringify(line)}\n`);
