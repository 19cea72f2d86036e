/**
 * Two network namespaces joined by one wire: near, where a sweep runs, and far, where a whole prefix is answered for, counted or
 * dropped. Neighbours are static, IPv6 is off, nothing has a name outside, and all of it is gone with this process. What
 * arrived is read at the far end. Needs root.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inside, type Namespace, namespace } from './namespace.ts';

const run = promisify(execFile);

export const NEAR = { device: 'va', address: '192.168.77.1', mac: '02:00:00:00:77:01' } as const;
export const FAR = { device: 'vb', address: '192.168.77.2', mac: '02:00:00:00:77:02' } as const;

/** What the far end does with what arrives for the prefix. */
export type FarBehaviour =
  /** nftables counts and drops it where it comes in, before any protocol: what a sender costs alone. */
  | 'drop'
  /** AnyIP: the kernel takes every address of the prefix for its own, and answers with a reset where nobody listens. */
  | 'any-ip'
  /** An XDP program answers every SYN where it comes in, and keeps up with anything. */
  | 'xdp-syn-ack'
  | 'xdp-rst';

export interface VethPair {
  readonly behaviour: FarBehaviour;
  inNear(command: string, ...args: readonly string[]): readonly [string, readonly string[]];
  inFar(command: string, ...args: readonly string[]): readonly [string, readonly string[]];
  /** Frames that have arrived at the far interface so far; cheap enough to be asked every few ms. */
  arrived(): number;
  /** TCP packets that nftables counted (drop), or SYNs that the program answered (xdp). */
  counted(): Promise<number>;
  /** Frames that came back as far as the near interface (xdp only). */
  cameBack(): Promise<number>;
  /** A process in it that must not outlive it. */
  owns(child: ChildProcess): void;
  stop(): Promise<void>;
}

const NFT = `table netdev far {
  chain in {
    type filter hook ingress device ${FAR.device} priority 0; policy accept;
    ip protocol tcp counter drop
  }
}`;

interface Program {
  read(): Promise<{ readonly answered: number; readonly passed: number }>;
  readonly child: ChildProcess;
}

const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const XDP = fileURLToPath(new URL(`./xdp-process${extension}`, import.meta.url));

async function program(where: Namespace, what: string, device: string): Promise<Program> {
  const [command, args] = inside(where)(process.execPath, XDP, what, device);
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', text => {
    said += text;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`the XDP program on ${device} is gone: ${said}`);
    return value;
  };
  if ((await line()) !== 'ready') throw new Error(`the XDP program on ${device} did not start: ${said}`);
  return {
    child,
    async read() {
      child.stdin.write('\n');
      return JSON.parse(await line()) as { answered: number; passed: number };
    },
  };
}

/** The far end answers for `prefix`; the near end's route to it leads over the wire. */
export async function makeVethPair(prefix: string, behaviour: FarBehaviour): Promise<VethPair> {
  const near = await namespace();
  const far = await namespace();
  const programs: Program[] = [];
  const owned: ChildProcess[] = [near.holder, far.holder];
  const sh = async (where: Namespace, script: string): Promise<string> => {
    const [command, args] = inside(where)('sh', '-ec', script);
    return (await run(command, args)).stdout;
  };
  const stop = async () => {
    for (const child of [...programs.map(one => one.child), ...owned]) child.kill('SIGKILL');
    await sleep(50);
  };
  try {
    const here = (end: typeof NEAR | typeof FAR, other: typeof NEAR | typeof FAR) =>
      `echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6
       ip link set lo up
       ip link set ${end.device} address ${end.mac}
       ip addr add ${end.address}/30 dev ${end.device}
       ip link set ${end.device} up
       ip neigh replace ${other.address} lladdr ${other.mac} dev ${end.device} nud permanent`;
    await sh(near, `ip link add ${NEAR.device} type veth peer name ${FAR.device} netns ${far.pid}`);
    await sh(near, here(NEAR, FAR));
    await sh(far, here(FAR, NEAR));
    await sh(near, `ip route add ${prefix} via ${FAR.address}`);
    if (behaviour === 'drop') await sh(far, `nft -f - <<'END'\n${NFT}\nEND`);
    if (behaviour === 'any-ip') await sh(far, `ip route add local ${prefix} dev lo`);
    if (behaviour === 'xdp-syn-ack' || behaviour === 'xdp-rst') {
      // What a veth sends back from XDP reaches its peer only if the peer has a program too.
      programs.push(await program(far, behaviour.slice(4), FAR.device));
      programs.push(await program(near, 'count', NEAR.device));
    }
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return {
    behaviour,
    inNear: inside(near),
    inFar: inside(far),
    arrived() {
      const line = readFileSync(`/proc/${far.pid}/net/dev`, 'latin1')
        .split('\n')
        .find(text => text.trimStart().startsWith(`${FAR.device}:`));
      return Number(line?.split(':')[1]?.trim().split(/\s+/)[1] ?? Number.NaN);
    },
    async counted() {
      const [farProgram] = programs;
      if (farProgram) return (await farProgram.read()).answered;
      return Number(/counter packets (\d+)/.exec(await sh(far, 'nft list table netdev far'))?.[1] ?? Number.NaN);
    },
    async cameBack() {
      return (await programs[1]?.read())?.passed ?? Number.NaN;
    },
    owns: child => void owned.push(child),
    stop,
  };
}
