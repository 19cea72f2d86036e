/**
 * `notice probe` beside its peers over the same hosts, turn by turn. In: protocol, hosts, runs. Out: one line of the
 * benchmark. Rates are attempts that the far end counted per CPU-second of the whole process tree, start-up included.
 */

import { FAR_PORTS } from './far-end-process.ts';
import { type BenchLine, machine, median } from './line.ts';
import { probePaper } from './probe-paper.ts';
import { hostsOf, nameOf, notRun, PEERS, type Peer } from './probe-peers.ts';
import { type Counted, IN_FLIGHT, runOurs, runPeer, type Wish } from './probe-run.ts';

/** Quiet after which a device has finished speaking, ms: loopback answers at once. */
export const SETTLE_MS = 80;

export const rateOf = ({ attempts, cpuSeconds }: Counted): number => attempts / cpuSeconds;
export const perCheck = (rate: number): string => `${(1_000 / rate).toFixed(3)} ms`;

interface PeerResult {
  readonly name: string;
  readonly value: number | string;
}

async function comparePeer(peer: Peer, dir: string, wish: Wish, runs: Counted[]): Promise<string | undefined> {
  const hosts = hostsOf(peer, wish.hosts, wish.fewHosts);
  const done = await runPeer(peer, dir, { ...wish, hosts });
  runs.push(done);
  if (!done.finished) return `did not finish: ${done.hosts} of ${hosts} attempts in ${wish.seconds} s`;
  if (done.hosts < hosts) return `ended after ${done.hosts} of ${hosts} hosts (exit ${done.code})`;
  return undefined;
}

/** Ours and every peer in turn, `runs` times; a peer that failed once is not asked again. */
export async function compare(wish: Wish, runs: number): Promise<BenchLine> {
  const paper = probePaper({ [FAR_PORTS[wish.protocol]]: wish.protocol }, SETTLE_MS);
  const ours: Counted[] = [];
  const theirs = PEERS.map(peer => ({ peer, runs: [] as Counted[], failed: notRun(peer, wish.fewHosts) }));
  try {
    for (let turn = 0; turn < runs; turn++) {
      const done = await runOurs(paper, wish);
      if (done.hosts !== wish.hosts) throw new Error(`notice probe tried ${done.hosts} of ${wish.hosts} hosts`);
      ours.push(done);
      for (const one of theirs) one.failed ??= await comparePeer(one.peer, paper.dir, wish, one.runs);
    }
  } finally {
    paper.remove();
  }
  const results = theirs.map(({ peer, runs: all, failed }): PeerResult => {
    return { name: nameOf(peer, wish.fewHosts), value: failed ?? Math.round(median(all.map(rateOf))) };
  });
  const rate = median(ours.map(rateOf));
  const rates = results.flatMap(({ value }) => (typeof value === 'number' ? [value] : []));
  const each = results.flatMap(({ name, value }) => (typeof value === 'number' ? [`${name} ${perCheck(value)}`] : []));
  const wall = median(ours.map(one => one.hosts / one.wallSeconds));
  return {
    bench: 'probe',
    case: wish.protocol === 'http' ? 'http with its baseline request' : wish.protocol,
    unit: 'checks per CPU-second, start-up included',
    ours: Math.round(rate),
    peers: Object.fromEntries(results.map(({ name, value }) => [name, value])),
    ratio: rates.length === 0 ? null : Number((rate / Math.max(...rates)).toFixed(2)),
    runs,
    machine,
    note: `${wish.hosts} hosts, ${IN_FLIGHT} in flight; CPU a check: ours ${perCheck(rate)}${each.map(text => `, ${text}`).join('')}; ours ${Math.round(wall)} checks a second by the clock`,
  };
}
