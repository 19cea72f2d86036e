/**
 * Runs one sender in the near namespace of a pair until the far end has heard what it should and nothing more comes. In: a
 * command line, how many frames it will send. Out: CPU-seconds of its whole process tree (start-up and the softirq it
 * runs inline included), frames the far end counted, and how fast they came there by the clock.
 */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { NEAR, type VethPair } from '../test/real/veth-pair.ts';

export interface WireRun {
  readonly cpuSeconds: number;
  readonly frames: number;
  /** Frames a second at the far end between the first tenth and the last; without meaning where the near end answers too. */
  readonly perSecond: number;
  /** Answers that came back as far as the near interface (xdp only). */
  readonly cameBack: number;
}

/** Ends by itself, or by its process id; prints that, then `user system`. */
const SCRIPT = `out=$1; shift; TIMEFORMAT='%3U %3S'
time { "$@" </dev/null >"$out" 2>"$out.err" & echo $!; wait $!; }`;

const LOOK_MS = 20;
/** Nothing more came for so long: it has sent everything. */
const QUIET_MS = 1_000;
/** And then it may take so long to end. */
const GRACE_MS = 15_000;
const LONGEST_MS = 240_000;

export async function runOnWire(
  pair: VethPair,
  command: readonly string[],
  frames: number,
  output: string,
): Promise<WireRun> {
  const [counted, back] = [await pair.counted(), await pair.cameBack()];
  const before = pair.arrived();
  const [file, args] = pair.inNear('bash', '-c', SCRIPT, 'bash', output, ...command);
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let pid = 0;
  let said = '';
  let over = false;
  child.stdout.on('data', text => {
    pid = Number(String(text).trim());
  });
  child.stderr.on('data', text => {
    said += text;
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => {
      over = true;
      resolve();
    });
  });
  const seen: [at: number, frames: number][] = [];
  const began = performance.now();
  let last = 0;
  let quietSince = began;
  let poked = 0;
  let pokes = 0;
  while (!over) {
    const now = performance.now();
    const count = pair.arrived() - before;
    if (count !== last) quietSince = now;
    if (count !== last && count <= frames) seen.push([now, count]);
    last = count;
    const quiet = now - quietSince > QUIET_MS && count >= frames;
    // Masscan ends at the next frame that reaches it, and waits for one for ever.
    if ((quiet || count >= frames) && now - poked > 500) {
      poked = now;
      pokes++;
      const [poke, words] = pair.inFar('bash', '-c', `echo > /dev/udp/${NEAR.address}/9`);
      spawn(poke, words, { stdio: 'ignore' });
    }
    if ((quiet && now - quietSince > GRACE_MS) || now - began > LONGEST_MS) process.kill(pid, 'SIGKILL');
    await sleep(LOOK_MS);
  }
  await ended;
  const [user, system] = (said.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  if (user === undefined || system === undefined || Number.isNaN(user))
    throw new Error(`${command[0]} could not be measured: ${said}`);
  const at = (part: number) => seen.find(([, count]) => count >= frames * part) ?? [Number.NaN, Number.NaN];
  const [first, lastOne] = [at(0.1), at(0.9)];
  return {
    cpuSeconds: user + system,
    frames: (await pair.counted()) - counted,
    perSecond: ((lastOne[1] - first[1]) * 1000) / (lastOne[0] - first[0]),
    cameBack: (await pair.cameBack()) - back - pokes,
  };
}
