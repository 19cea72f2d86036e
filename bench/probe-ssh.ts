/** SSH beside its peers on real dropbear servers. Each check is a whole key exchange; attempts are counted in dropbear's log. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasNamespace, startFarEnd } from './far-end-process.ts';
import { type BenchLine, machine, median } from './line.ts';
import { type Run, run } from './measured-run.ts';
import { perCheck } from './probe-compare.ts';
import { probePaper } from './probe-paper.ts';
import { hostsOf, nameOf, notRun, PEERS } from './probe-peers.ts';
import { targetsFile } from './probe-run.ts';
import { hasDropbear, SSH_PORT, startSshFarEnd } from './ssh-far-end.ts';

/** Conversations at once: fewer than there are servers. */
const IN_FLIGHT = 16;
const SETTLE_MS = 300;

type Counted = Run & { readonly attempts: number };

/** `fewHosts` at most 64: hydra has so many tasks, and waits without end when it has more hosts. */
export async function sshCase(
  runs: number,
  { hosts, fewHosts, seconds }: { hosts: number; fewHosts: number; seconds: number },
): Promise<BenchLine> {
  const blank = { bench: 'probe', case: 'ssh on dropbear', unit: 'checks per CPU-second, start-up included', machine };
  if (!hasNamespace || !hasDropbear()) {
    const why = hasDropbear() ? 'not run: needs root for a network of its own' : 'not run: dropbear is missing';
    const peers = Object.fromEntries(PEERS.map(peer => [peer.name, notRun(peer, 0) ?? why]));
    return { ...blank, ours: 0, peers, ratio: null, runs: 0, note: why };
  }
  const paper = probePaper({ [SSH_PORT]: 'ssh' }, SETTLE_MS);
  const far = await startFarEnd();
  const ssh = await startSshFarEnd(join(paper.dir, 'dropbear'), hosts, far.enter);
  const stdin = targetsFile(paper.dir, ssh.addresses, SSH_PORT);
  const hostsFile = (count: number): string => {
    const file = join(paper.dir, `hosts-${count}.txt`);
    writeFileSync(file, `${ssh.addresses.slice(0, count).join('\n')}\n`);
    return file;
  };
  const counted = async (command: readonly string[], from?: string): Promise<Counted> => {
    const before = ssh.attempts();
    const done = await run(command, {
      enter: far.enter,
      seconds,
      folder: paper.dir,
      ...(from === undefined ? {} : { stdin: from }),
    });
    return { ...done, attempts: ssh.attempts() - before };
  };
  const rate = ({ attempts, cpuSeconds }: Counted) => attempts / cpuSeconds;
  const ours: Counted[] = [];
  const theirs = PEERS.map(peer => ({
    peer,
    name: nameOf(peer, fewHosts),
    hosts: hostsOf(peer, hosts, fewHosts),
    runs: [] as Counted[],
    failed: notRun(peer, fewHosts),
  }));
  try {
    for (let turn = 0; turn < runs; turn++) {
      const done = await counted(paper.command('--concurrency', String(IN_FLIGHT)), stdin);
      if (done.code !== 0) throw new Error(`notice probe ended with exit code ${done.code}`);
      ours.push(done);
      for (const one of theirs) {
        if (one.failed !== undefined) continue;
        const did = await counted(one.peer.command('ssh', hostsFile(one.hosts), SSH_PORT, IN_FLIGHT));
        one.runs.push(did);
        if (!did.finished) one.failed = `did not finish: ${did.attempts} of ${one.hosts} attempts in ${seconds} s`;
      }
    }
  } finally {
    await ssh.stop();
    await far.stop();
    paper.remove();
  }
  const mine = median(ours.map(rate));
  const numbers = theirs.flatMap(({ name, runs: all, failed }) =>
    failed === undefined ? [{ name, rate: median(all.map(rate)), attempts: median(all.map(one => one.attempts)) }] : [],
  );
  const words = numbers.map(one => `${one.name} ${perCheck(one.rate)} (${one.attempts} attempts)`);
  return {
    ...blank,
    ours: Math.round(mine),
    peers: Object.fromEntries(
      theirs.map(({ name, failed }) => [name, failed ?? Math.round(numbers.find(one => one.name === name)?.rate ?? 0)]),
    ),
    ratio: numbers.length === 0 ? null : Number((mine / Math.max(...numbers.map(one => one.rate))).toFixed(2)),
    runs,
    note: `${hosts} hosts, ${IN_FLIGHT} in flight; CPU a check: ours ${perCheck(mine)} (${median(ours.map(one => one.attempts))} attempts), ${words.join(', ')}; here correctness is claimed, not speed`,
  };
}
