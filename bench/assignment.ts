/**
 * Who held an address and port then: look-ups, bytes, opening, importing, and how look-ups grow, beside databases that answer the same
 * questions on the same holds. The databases get fewer holds, because loading them takes longer than all the rest: that favours them.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openAssignments } from '../src/isp/assignment/index.ts';
import { makePools } from '../src/isp/assignment/pools.ts';
import { startPostgresql } from '../test/real/postgresql.ts';
import { draw, questionsAbout, writeLog } from './assignment-data.ts';
import { duckdbPeer } from './assignment-duckdb.ts';
import { askAll, type Order, type Told } from './assignment-ours.ts';
import { type Peer, postgresqlPeer, sqlitePeer } from './assignment-peers.ts';
import { type BenchLine, machine, median } from './line.ts';

const OURS = fileURLToPath(
  new URL(`./assignment-ours${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

async function ours(order: Order): Promise<Told> {
  const child = spawn(process.execPath, ['--expose-gc', OURS, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', chunk => {
    out += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${order.do} could not be measured (exit ${code})`);
  return JSON.parse(out) as Told;
}

/** Bytes that can still be had without swapping (proc_meminfo(5), MemAvailable). */
const available = (): number =>
  Number(/MemAvailable:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0) * 1024;
/** What building an index takes at its peak, bytes a hold; measured. */
const PEAK = 130;

interface Sizes {
  readonly rows: number;
  readonly questions: number;
  readonly peerRows: number;
  readonly gistRows: number;
  readonly peerQuestions: number;
  readonly growth: readonly number[];
}
const FULL: Sizes = {
  rows: 20_000_000,
  questions: 1_000_000,
  peerRows: 1_000_000,
  gistRows: 500_000,
  peerQuestions: 10_000,
  growth: [1_000_000, 20_000_000, 100_000_000],
};
const SMOKE: Sizes = {
  rows: 200_000,
  questions: 100_000,
  peerRows: 20_000,
  gistRows: 20_000,
  peerQuestions: 500,
  growth: [20_000, 200_000],
};

type Measured = Omit<BenchLine, 'bench' | 'machine' | 'ratio'>;

function line(better: 'more' | 'less', what: Measured): BenchLine {
  const peers = Object.values(what.peers).filter(p => typeof p === 'number');
  const best = better === 'more' ? Math.max(...peers) : Math.min(...peers);
  const ratio = peers.length === 0 ? null : better === 'more' ? what.ours / best : best / what.ours;
  return {
    ...{ bench: 'assignment', ...what, ours: round(what.ours), peers: what.peers },
    ...{ ratio: ratio === null ? null : Number(ratio.toPrecision(3)), machine },
  };
}
const round = (n: number): number => Number(n.toPrecision(4));
const millions = (n: number): string => `${n / 1e6} M`;

/** `scale` below 1 is a look at every part on few holds. */
export async function* assignmentBench(runs: number, scale: number): AsyncGenerator<BenchLine> {
  const sizes = scale < 1 ? SMOKE : FULL;
  const folder = mkdtempSync(join(tmpdir(), 'notice-bench-'));
  try {
    yield* measure(sizes, runs, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function* measure(sizes: Sizes, runs: number, folder: string): AsyncGenerator<BenchLine> {
  const { rows, questions } = sizes;
  // The server of a database runs as another user, and reads the log itself.
  chmodSync(folder, 0o755);
  const file = join(folder, 'log.csv');
  const dir = indexOf(folder, rows);
  await ours({ do: 'write', rows, file, instants: 'epoch' });
  const imported = await ours({ do: 'import', rows, file, dir });
  rmSync(file);
  const peers = await askPeers(sizes, runs, folder);
  const asked = await ours({ do: 'ask', rows, dir, questions, runs });
  const about = `ours on ${millions(rows)} holds, the others on fewer: ${peers.note}`;
  yield line('more', {
    ...{ case: 'lookup', unit: 'exact look-ups per CPU-second, every hold found', runs },
    ours: median((asked.asked ?? []).map(seconds => questions / seconds)),
    peers: peers.rates,
    note: `${about}; ${millions(questions)} questions, ${asked.found} holds found`,
  });
  yield line('less', {
    ...{ case: 'bytes', unit: 'bytes a hold on disk, sealed names included', runs: 1 },
    ours: (asked.bytes ?? 0) / rows,
    peers: peers.bytes,
    note: about,
  });
  yield line('less', {
    ...{ case: 'open', unit: 'CPU-seconds to open the index', runs: 1 },
    ours: asked.openCpuSeconds ?? 0,
    peers: {},
    note: `${millions(rows)} holds, ${round(asked.openWallSeconds ?? 0)} s by the clock; every byte is held against its seal`,
  });
  yield line('more', {
    ...{ case: 'import', unit: 'lines per CPU-second, from file to index', runs: 1 },
    ours: rows / (imported.cpuSeconds ?? 0),
    peers: peers.loads,
    note: `${about}; ${imported.peakMb} MB at most`,
  });
  yield* growth(sizes, runs, folder);
}

const indexOf = (folder: string, rows: number): string => join(folder, `index-${rows}`);

/** An index of so many holds, made once. */
async function built(folder: string, rows: number): Promise<string> {
  const dir = indexOf(folder, rows);
  if (!existsSync(dir)) await ours({ do: 'build', rows, dir });
  return dir;
}

/** All engines on the same holds and questions; whoever finds another number of holds is wrong, and the benchmark stops. */
async function askPeers(sizes: Sizes, runs: number, folder: string) {
  const rates: Record<string, number | string> = {};
  const bytes: Record<string, number | string> = {};
  const loads: Record<string, number | string> = {};
  const notes: string[] = [];
  const file = join(folder, 'peers.csv');
  const gather = async (rows: number, name: string, make: () => Promise<Peer>) => {
    const questions = questionsAbout(draw(rows), sizes.peerQuestions);
    const wanted = askAll(openAssignments(await built(folder, rows), makePools([], 'pools')), questions);
    writeLog(file, draw(rows), 'epoch');
    let peer: Peer;
    try {
      peer = await make();
    } catch (thrown) {
      rates[name] = bytes[name] = loads[name] = 'missing';
      process.stderr.write(`${name}: ${(thrown as Error).message}\n`);
      return;
    }
    try {
      const seconds: number[] = [];
      for (let run = 0; run < runs; run++) {
        const { cpuSeconds, found } = await peer.ask(questions);
        if (found !== wanted) throw new Error(`${name} found ${found} holds where ${wanted} are`);
        seconds.push(cpuSeconds);
      }
      rates[name] = round(sizes.peerQuestions / median(seconds));
      bytes[name] = round(peer.bytes / rows);
      loads[name] = round(rows / peer.loadCpuSeconds);
      notes.push(`${name} ${millions(rows)}`);
    } finally {
      await peer.close();
    }
  };
  for (const name of ['node:sqlite', 'better-sqlite3'] as const)
    await gather(sizes.peerRows, name, () => sqlitePeer(name, file, join(folder, 'sqlite.db')));
  await gather(sizes.peerRows, 'DuckDB', () => duckdbPeer(file, join(folder, 'duck.db')));
  const server = await startPostgresql().catch((thrown: unknown) => thrown as Error);
  const url = () => {
    if (server instanceof Error) throw server;
    return server.url;
  };
  try {
    await gather(sizes.peerRows, 'PostgreSQL btree', () => postgresqlPeer(file, 'PostgreSQL btree', url()));
    await gather(sizes.gistRows, 'PostgreSQL GiST', () => postgresqlPeer(file, 'PostgreSQL GiST', url()));
  } finally {
    if (!(server instanceof Error)) await server.stop();
  }
  return { rates, bytes, loads, note: notes.join(', ') };
}

/** What a look-up costs on ever more holds; sizes that would not fit in memory are left out, and said. */
async function* growth({ growth: all, questions }: Sizes, runs: number, folder: string): AsyncGenerator<BenchLine> {
  const costs: { rows: number; ns: number }[] = [];
  const left: number[] = [];
  for (const rows of all) {
    if (rows * PEAK > available()) {
      left.push(rows);
      continue;
    }
    const { asked = [] } = await ours({ do: 'ask', rows, dir: await built(folder, rows), questions, runs });
    costs.push({ rows, ns: (median(asked) / questions) * 1e9 });
  }
  const [first, last] = [costs[0], costs.at(-1)];
  if (!first || !last) return;
  const each = costs.map(c => `${millions(c.rows)} holds ${Math.round(c.ns)} ns`).join(', ');
  const logs = round(Math.log(last.rows) / Math.log(first.rows));
  const absent = left.length > 0 ? `; did not fit in memory: ${left.map(millions).join(', ')}` : '';
  yield line('less', {
    ...{ case: 'growth', unit: 'times the CPU of a look-up, from the fewest holds to the most', runs },
    ours: last.ns / first.ns,
    peers: {},
    note: `${each}; log n grows ${logs}-fold${absent}`,
  });
}
