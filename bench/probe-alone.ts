/** The cases of `notice probe` without a peer: memory with 10,000 conversations in flight, two workers, growth. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { FAR_PORTS, startFarEnd } from './far-end-process.ts';
import { type BenchLine, machine, median } from './line.ts';
import { run } from './measured-run.ts';
import { perCheck, rateOf, SETTLE_MS } from './probe-compare.ts';
import { probePaper } from './probe-paper.ts';
import { type Counted, hostList, runOurs, targetsFile } from './probe-run.ts';

const SECONDS = 300;

/** Every process below this one, itself included. */
function treeOf(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
        return [{ pid: Number(name), parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) }];
      } catch {
        return []; // It has ended in between.
      }
    });
  const tree = [pid];
  for (const one of tree) tree.push(...parents.filter(p => p.parent === one).map(p => p.pid));
  return tree;
}

/** Greatest resident memory so far of the largest process of a tree, in MB: bash and timeout(1) are small beside ours. */
const greatestMegabytes = (pid: number): number =>
  Math.max(
    ...treeOf(pid).map(one => {
      try {
        return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${one}/status`, 'latin1'))?.[1] ?? 0) / 1024;
      } catch {
        return 0;
      }
    }),
  );

async function heldMegabytes(inFlight: number): Promise<number> {
  // A prompt is believed after a quarter of this: long enough that all are still waiting when the last has come.
  const paper = probePaper({ [FAR_PORTS.held]: 'telnet' }, 55_000);
  const far = await startFarEnd();
  const stdin = targetsFile(paper.dir, hostList(inFlight), FAR_PORTS.held);
  let pid = 0;
  try {
    const ended = run(paper.command('--concurrency', String(inFlight)), {
      enter: far.enter,
      stdin,
      seconds: 30,
      folder: paper.dir,
      started: child => {
        pid = child.pid ?? 0;
      },
    });
    let open = 0;
    for (let tries = 0; tries < 120 && open < inFlight; tries++) {
      await sleep(100);
      open = (await far.count()).open;
    }
    if (open < inFlight) throw new Error(`only ${open} of ${inFlight} conversations were in flight at once`);
    const megabytes = greatestMegabytes(pid);
    const stop = treeOf(pid).at(-1);
    if (stop !== undefined) process.kill(stop, 'SIGINT');
    await ended;
    return megabytes;
  } finally {
    await far.stop();
    paper.remove();
  }
}

export async function inFlightCase(runs: number, inFlight: number): Promise<BenchLine> {
  const megabytes: number[] = [];
  for (let turn = 0; turn < runs; turn++) megabytes.push(await heldMegabytes(inFlight));
  return {
    bench: 'probe',
    case: `${inFlight.toLocaleString('en')} in flight`,
    unit: 'MB of resident memory at most, all conversations held at the prompt',
    ours: Math.round(median(megabytes)),
    peers: {},
    ratio: null,
    runs,
    machine,
    note: `least ${Math.min(...megabytes).toFixed(0)}, most ${Math.max(...megabytes).toFixed(0)}; the target is under 150`,
  };
}

export async function workersCase(runs: number, hosts: number): Promise<BenchLine> {
  const paper = probePaper({ [FAR_PORTS.telnet]: 'telnet' }, SETTLE_MS);
  const one: Counted[] = [];
  const two: Counted[] = [];
  const wish = { protocol: 'telnet', hosts, seconds: SECONDS } as const;
  try {
    for (let turn = 0; turn < runs; turn++) {
      one.push(await runOurs(paper, wish));
      two.push(await runOurs(paper, wish, '--workers', '2'));
    }
  } finally {
    paper.remove();
  }
  const wall = (all: readonly Counted[]) => median(all.map(done => done.hosts / done.wallSeconds));
  const [alone, both] = [wall(one), wall(two)];
  const [cpuAlone, cpuBoth] = [median(one.map(rateOf)), median(two.map(rateOf))];
  return {
    bench: 'probe',
    case: 'two workers against one',
    unit: 'checks a second by the clock, start-up included',
    ours: Math.round(both),
    peers: { 'one worker': Math.round(alone) },
    ratio: Number((both / alone).toFixed(2)),
    runs,
    machine,
    note: `${hosts} telnet hosts; CPU a check ${perCheck(cpuBoth)} with two, ${perCheck(cpuAlone)} with one; the far end shares the same processors`,
  };
}

export async function growthCase(runs: number, sizes: readonly number[]): Promise<BenchLine> {
  const paper = probePaper({ [FAR_PORTS.telnet]: 'telnet' }, SETTLE_MS);
  const start: number[] = [];
  const cost = sizes.map(() => [] as number[]);
  try {
    for (let turn = 0; turn < runs; turn++) {
      const empty = await runOurs(paper, { protocol: 'telnet', hosts: 0, seconds: SECONDS });
      start.push(empty.cpuSeconds);
      for (const [i, hosts] of sizes.entries()) {
        const done = await runOurs(paper, { protocol: 'telnet', hosts, seconds: SECONDS });
        cost[i]?.push((1_000 * (done.cpuSeconds - empty.cpuSeconds)) / done.hosts);
      }
    }
  } finally {
    paper.remove();
  }
  const each = cost.map(median);
  return {
    bench: 'probe',
    case: 'growth',
    unit: `checks per CPU-second at ${sizes.at(-1)?.toLocaleString('en')} hosts, start-up taken off`,
    ours: Math.round(1_000 / (each.at(-1) ?? Number.NaN)),
    peers: {},
    ratio: null,
    runs,
    machine,
    note: `CPU a check ${sizes.map((hosts, i) => `${each[i]?.toFixed(3)} ms at ${hosts.toLocaleString('en')}`).join(', ')}; start-up ${median(start).toFixed(2)} s`,
  };
}
