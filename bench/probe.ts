/**
 * `npm run bench -- probe`: the credential check beside medusa, ncrack and hydra. Ours is the real command under a signed
 * mandate, with gate, budget and audit log; one check is a look without a credential and one wrong pair.
 */
import type { BenchLine } from './line.ts';
import { growthCase, inFlightCase, workersCase } from './probe-alone.ts';
import { compare } from './probe-compare.ts';
import { sshCase } from './probe-ssh.ts';

/** `scale` 1 is 20,000 hosts. In a short look start-up is most of every figure, and hydra takes no part. */
export async function* probeBench(runs: number, scale: number): AsyncGenerator<BenchLine> {
  const whole = scale === 1;
  const hosts = whole ? 20_000 : 2_000;
  const fewHosts = whole ? 200 : 0;
  // medusa sleeps three seconds after every telnet attempt, so that 20,000 take it 90 seconds.
  yield await compare({ protocol: 'telnet', hosts, fewHosts, seconds: whole ? 150 : 20 }, runs);
  yield await compare({ protocol: 'http', hosts, fewHosts, seconds: whole ? 60 : 20 }, runs);
  yield await sshCase(runs, whole ? { hosts: 500, fewHosts: 60, seconds: 60 } : { hosts: 40, fewHosts: 0, seconds: 5 });
  yield await inFlightCase(runs, whole ? 10_000 : 1_000);
  yield await workersCase(runs, hosts);
  yield await growthCase(runs, whole ? [1_000, 10_000, 100_000] : [500, 1_000, 2_000]);
}
