/**
 * The raw sweep beside zmap and masscan over a wire of our own, turn by turn: CPU a packet and packets a second where the far
 * end drops all, and answers kept where every address answers. What was sent is what the far end counted.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FarBehaviour, makeVethPair, type VethPair } from '../test/real/veth-pair.ts';
import { hasNamespace } from './far-end-process.ts';
import { type BenchLine, machine, median } from './line.ts';
import { type OurResult, type OurWish, ourRun } from './sweep-ours.ts';
import { isThere, SWEEP_PEERS } from './sweep-peers.ts';
import { runOnWire, type WireRun } from './sweep-wire.ts';

const PORT = 23;
const PREFIX = '10.0.0.0/8';

interface Way {
  readonly name: string;
  readonly wish: Pick<OurWish, 'driver' | 'bypass' | 'workers'>;
  /** The greatest share of the best peer's CPU a packet, and the least multiple of its packets a second. */
  readonly targets?: readonly [share: number, times: number];
}

const WAYS: readonly Way[] = [
  { name: 'mmsg, QDISC_BYPASS on', wish: { driver: 'mmsg', bypass: true }, targets: [0.66, 1.6] },
  { name: 'mmsg, QDISC_BYPASS off', wish: { driver: 'mmsg' } },
  { name: 'xdp', wish: { driver: 'xdp', bypass: true }, targets: [0.52, 2] },
  { name: 'two workers, mmsg, QDISC_BYPASS on', wish: { driver: 'mmsg', bypass: true, workers: 2 } },
];

/** Only the ways that have targets, and fewer where every address answers. */
const shortly = (bits: number): boolean => bits < 20;

interface Measured extends WireRun {
  /** Answers it reported, each address once. */
  readonly answers: number;
}

const nsOf = (run: WireRun): number => (run.cpuSeconds * 1e9) / run.frames;
const spread = (values: readonly number[]): string =>
  `${Math.round(Math.min(...values))} to ${Math.round(Math.max(...values))}`;

/** Everybody in turn, another one first each time, `runs` times; by name. */
async function inTurn(
  ways: readonly Way[],
  runs: number,
  bits: number,
  behaviour: FarBehaviour,
  withPeers = true,
): Promise<Map<string, Measured[]>> {
  const folder = mkdtempSync(join(tmpdir(), 'notice-bench-'));
  const frames = 2 ** bits;
  const prefix = `10.0.0.0/${32 - bits}`;
  const empty = join(folder, 'empty');
  writeFileSync(empty, '');
  const ours = ways.map(({ name, wish }) => ({
    name,
    async run(pair: VethPair, turn: number): Promise<Measured> {
      const ledgerFile = join(folder, `ledger-${turn}-${name.length}-${wish.driver}`);
      const output = join(folder, 'ours');
      const command = ourRun({ ...wish, prefixes: [prefix], ports: [PORT], ledgerFile });
      const run = await runOnWire(pair, command, frames, output);
      const results = readFileSync(output, 'utf8')
        .split('\n')
        .filter(line => line.startsWith('{'))
        .map(line => JSON.parse(line) as OurResult);
      const sum = (of: (result: OurResult) => number) => results.reduce((all, result) => all + of(result), 0);
      if (results.some(result => result.driver !== wish.driver) || sum(result => result.sent) !== frames)
        throw new Error(`${name}: ${JSON.stringify(results)} ${readFileSync(`${output}.err`, 'utf8')}`);
      return { ...run, answers: sum(result => result.hits) };
    },
  }));
  const theirs = SWEEP_PEERS.filter(peer => withPeers && isThere(peer)).map(peer => ({
    name: peer.name,
    async run(pair: VethPair): Promise<Measured> {
      const answers = join(folder, 'answers');
      writeFileSync(answers, '');
      const run = await runOnWire(pair, peer.command(prefix, PORT, answers, empty), frames, join(folder, 'peer'));
      return { ...run, answers: peer.answers(readFileSync(answers, 'utf8')) };
    },
  }));
  const all = [...ours, ...theirs];
  const done = new Map<string, Measured[]>(all.map(({ name }) => [name, []]));
  try {
    for (let turn = 0; turn < runs; turn++)
      for (let n = 0; n < all.length; n++) {
        const one = all[(n + turn) % all.length] as (typeof all)[number];
        // A wire of its own for each: nobody inherits another's sockets or counters.
        const pair = await makeVethPair(PREFIX, behaviour);
        try {
          done.get(one.name)?.push(await one.run(pair, turn));
        } finally {
          await pair.stop();
        }
      }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return done;
}

const missingPeers = (): Record<string, string> =>
  Object.fromEntries(SWEEP_PEERS.filter(peer => !isThere(peer)).map(({ name }) => [name, 'missing']));

const notHere = (case_: string): BenchLine => ({
  bench: 'sweep',
  case: case_,
  unit: 'not run: needs root for a network of its own',
  ours: Number.NaN,
  peers: {},
  ratio: null,
  runs: 0,
  machine,
});

/** Each sends a SYN to every one of 2^bits addresses, which the far end drops where it comes in. */
export async function* rawCases(runs: number, bits: number): AsyncGenerator<BenchLine> {
  if (!hasNamespace) return yield notHere('mmsg, xdp, two workers');
  const ways = shortly(bits) ? WAYS.filter(({ targets }) => targets) : WAYS;
  const done = await inTurn(ways, runs, bits, 'drop');
  const of = (name: string, figure: (run: Measured) => number) => (done.get(name) ?? []).map(figure);
  const peers = SWEEP_PEERS.filter(isThere).map(({ name }) => name);
  const asked = `2^${bits} addresses, dropped where they come in${shortly(bits) ? ' (a short look: start-up is most of the CPU)' : ''}`;
  for (const { name, targets } of ways) {
    const [cpu, rate] = [of(name, nsOf), of(name, run => run.perSecond)];
    const theirCpu = peers.map(peer => [peer, Math.round(median(of(peer, nsOf)))] as const);
    const theirRate = peers.map(peer => [peer, Math.round(median(of(peer, run => run.perSecond)))] as const);
    const [mine, wall] = [median(cpu), median(rate)];
    const best = Math.min(...theirCpu.map(([, ns]) => ns));
    const fastest = Math.max(...theirRate.map(([, perSecond]) => perSecond));
    yield {
      bench: 'sweep',
      case: name,
      unit: 'CPU ns a packet, start-up and inline softirq included',
      ours: Math.round(mine),
      peers: { ...Object.fromEntries(theirCpu), ...missingPeers() },
      ratio: peers.length === 0 ? null : Number((best / mine).toFixed(2)),
      runs,
      machine,
      note: `${asked}; ours ${spread(cpu)}${peers.length === 0 ? '' : `, ${(mine / best).toFixed(3)} of the best peer's${targets ? `; the target is ${targets[0]}` : ''}`}`,
    };
    yield {
      bench: 'sweep',
      case: `${name}, by the clock`,
      unit: 'packets a second at the far end',
      ours: Math.round(wall),
      peers: { ...Object.fromEntries(theirRate), ...missingPeers() },
      ratio: peers.length === 0 ? null : Number((wall / fastest).toFixed(2)),
      runs,
      machine,
      note: `${asked}; ours ${spread(rate)}${targets ? `; the target is ${targets[1]} times the best peer` : ''}`,
    };
  }
}

/** Every address answers with a SYN-ACK at once, at whatever rate each can send. Ground truth is what came back to the near interface. */
export async function* repliesCases(runs: number, bits: number): AsyncGenerator<BenchLine> {
  if (!hasNamespace) return yield notHere('replies');
  const ways = WAYS.filter(({ name, targets }) => targets && !(shortly(bits) && name === 'xdp'));
  const short = shortly(bits);
  const done = await inTurn(ways, runs, bits, 'xdp-syn-ack', !short);
  const kept = (run: Measured) => (100 * run.answers) / Math.min(run.frames, run.cameBack);
  const of = (name: string, figure: (run: Measured) => number) => (done.get(name) ?? []).map(figure);
  const peers = SWEEP_PEERS.filter(peer => !short && isThere(peer)).map(({ name }) => name);
  const absent = short
    ? Object.fromEntries(SWEEP_PEERS.map(({ name }) => [name, 'not run in a short look']))
    : missingPeers();
  const figures = (figure: (run: Measured) => number, digits: number) =>
    Object.fromEntries(peers.map(peer => [peer, Number(median(of(peer, figure)).toFixed(digits))]));
  const theirs = figures(kept, 3);
  const costs = figures(nsOf, 0);
  const best = Math.max(...Object.values(theirs));
  const cheapest = Math.min(...Object.values(costs));
  for (const { name } of ways) {
    const shares = of(name, kept);
    const mine = Math.min(...shares);
    const cost = median(of(name, nsOf));
    yield {
      bench: 'sweep',
      case: `replies, ${name}`,
      unit: '% of the answers that came back and were reported, each address once; the least of all runs',
      ours: Number(mine.toFixed(3)),
      peers: { ...theirs, ...absent },
      ratio: peers.length === 0 ? null : Number((mine / best).toFixed(2)),
      runs,
      machine,
      note: `2^${bits} addresses, every one answers at full rate; lost ${(done.get(name) ?? []).map(run => Math.min(run.frames, run.cameBack) - run.answers).join(', ')}; peers are medians`,
    };
    yield {
      bench: 'sweep',
      case: `replies, ${name}, cost`,
      unit: 'CPU ns a packet sent and answered',
      ours: Math.round(cost),
      peers: { ...costs, ...absent },
      ratio: peers.length === 0 ? null : Number((cheapest / cost).toFixed(2)),
      runs,
      machine,
    };
  }
}
