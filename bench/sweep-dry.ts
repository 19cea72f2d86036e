/** The dry run: every index chosen, placed, asked of the gate and counted, nothing sent; in CPU-seconds and memory. */
import { spawnSync } from 'node:child_process';
import { type BenchLine, machine, median } from './line.ts';
import { type OurResult, type OurWish, ourRun } from './sweep-ours.ts';

interface DryRun extends OurResult {
  readonly cpuSeconds: number;
}

/** CPU of the run and all its threads: bash's `time` adds up wait4. */
function dryRun(wish: OurWish): DryRun {
  const script = `TIMEFORMAT='%3U %3S'; time "$@"`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', script, 'bash', ...ourRun(wish)], {
    encoding: 'utf8',
    timeout: 600_000,
  });
  const [user, system] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  if (status !== 0 || user === undefined || system === undefined) throw new Error(`the dry run failed: ${stderr}`);
  return { ...(JSON.parse(stdout.trim()) as OurResult), cpuSeconds: user + system };
}

/** Pairs of 10/8, more than an address's worth of them by more ports: no larger space is open to a survey on paper alone. */
function spaceOf(pairs: number): Pick<OurWish, 'prefixes' | 'ports'> {
  const addresses = Math.min(2 ** 24, pairs);
  return {
    prefixes: [`10.0.0.0/${32 - Math.log2(addresses)}`],
    ports: Array.from({ length: Math.ceil(pairs / addresses) }, (_, n) => 20_000 + n),
  };
}

export function dryCase(runs: number, ports: number): BenchLine {
  const all = Array.from({ length: runs }, () =>
    dryRun({ driver: 'dry', ...spaceOf(ports * 2 ** 24), ledgerFile: '' }),
  );
  const cpu = median(all.map(run => run.cpuSeconds));
  const pairs = all[0]?.total ?? Number.NaN;
  return {
    bench: 'sweep',
    case: 'dry',
    unit: 'indices chosen, placed and gated per CPU-second, start-up included',
    ours: Math.round(pairs / cpu),
    peers: {},
    ratio: null,
    runs,
    machine,
    note: `${pairs} pairs: ${cpu.toFixed(2)} CPU-s (${((cpu * 1e9) / pairs).toFixed(1)} ns a pair), ${median(all.map(run => run.megabytes))} MB at most; the targets at 200 million are 12 CPU-s and 200 MB`,
  };
}
