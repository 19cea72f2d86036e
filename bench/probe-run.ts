/**
 * One run of `notice probe` or of a peer over a list of hosts, each with the one wrong pair. In: protocol, hosts, time
 * limit. Out: what the far end counted, CPU and wall seconds.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAR_PORTS, startFarEnd } from './far-end-process.ts';
import { type Run, run } from './measured-run.ts';
import type { ProbePaper } from './probe-paper.ts';
import type { Peer } from './probe-peers.ts';

/** Conversations at once, for all. medusa's select() breaks down above 1,000. */
export const IN_FLIGHT = 1_000;

export interface Counted extends Run {
  readonly attempts: number;
  /** Different hosts that were tried. */
  readonly hosts: number;
}

/** So many addresses of 127.16.0.0 and on. */
export const hostList = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `127.${16 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`);

export interface Wish {
  readonly protocol: 'telnet' | 'http';
  readonly hosts: number;
  /** For a peer that would take hours over all of them; 0 leaves it out, by name. */
  readonly fewHosts: number;
  readonly seconds: number;
  readonly inFlight?: number;
}

async function counted(command: readonly string[], folder: string, seconds: number, stdin: string): Promise<Counted> {
  const far = await startFarEnd();
  try {
    const done = await run(command, { enter: far.enter, stdin, seconds, folder });
    const { attempts, hosts } = await far.count();
    return { ...done, attempts, hosts };
  } finally {
    await far.stop();
  }
}

export function targetsFile(dir: string, addresses: readonly string[], port: number): string {
  const file = join(dir, 'targets.ndjson');
  writeFileSync(file, addresses.map(address => `${JSON.stringify({ address, port })}\n`).join(''));
  return file;
}

export async function runOurs(
  paper: ProbePaper,
  wish: Omit<Wish, 'fewHosts'>,
  ...options: readonly string[]
): Promise<Counted> {
  const { protocol, hosts, seconds, inFlight = IN_FLIGHT } = wish;
  const stdin = targetsFile(paper.dir, hostList(hosts), FAR_PORTS[protocol]);
  const done = await counted(paper.command('--concurrency', String(inFlight), ...options), paper.dir, seconds, stdin);
  if (done.finished && done.code !== 0) throw new Error(`notice probe ended with exit code ${done.code}`);
  return done;
}

export async function runPeer(peer: Peer, dir: string, wish: Omit<Wish, 'fewHosts'>): Promise<Counted> {
  const { protocol, hosts, seconds, inFlight = IN_FLIGHT } = wish;
  const file = join(dir, 'hosts.txt');
  writeFileSync(file, `${hostList(hosts).join('\n')}\n`);
  return counted(peer.command(protocol, file, FAR_PORTS[protocol], inFlight), dir, seconds, '/dev/null');
}
