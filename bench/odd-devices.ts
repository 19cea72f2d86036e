/**
 * Every odd device against every installed program and ourselves, with a wrong and with a right pair: who claims a login
 * that is none, who misses one that is, who hangs. The matrix is printed on stderr; the lines are its sums.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { FIRST_26, ODD_DEVICES } from '../src/rehearsal/odd-devices/collection.ts';
import { idOf, type Personality } from '../src/rehearsal/odd-devices/device.ts';
import { type BenchLine, machine } from './line.ts';
import { isThere, ODD_PEERS } from './odd-devices-peers.ts';
import type { Cell, Matrix, Order } from './odd-devices-run.ts';
import { matrixText, sumsOf } from './odd-devices-table.ts';

const RUN = fileURLToPath(
  new URL(`./odd-devices-run${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);
const root = process.getuid?.() === 0;
const SMOKE = ['telnet/1', 'telnet/3', 'http/1', 'http/3'];

async function measure(order: Order): Promise<Matrix> {
  const own = root ? ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"'] : [];
  const [file = '', ...args] = [...own, process.execPath, RUN, JSON.stringify(order)];
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', chunk => {
    out += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the odd devices could not be measured (exit ${code})`);
  return JSON.parse(out) as Matrix;
}

/** `scale` below 1 is four devices and one other program. Without root no peer is run: it could reach beyond this machine. */
export async function* oddDevicesBench(_runs: number, scale: number): AsyncGenerator<BenchLine> {
  const smoke = scale < 1;
  const all = smoke ? ODD_DEVICES.filter(one => SMOKE.includes(idOf(one))) : ODD_DEVICES;
  const installed = root ? ODD_PEERS.filter(isThere).map(peer => peer.name) : [];
  const peers = smoke ? installed.slice(0, 1) : installed;
  const limitMs = smoke ? { telnet: 15_000, other: 15_000 } : { telnet: 45_000, other: 30_000 };
  const { cells, versions } = await measure({ ids: all.map(idOf), peers, atOnce: 12, limitMs });
  process.stderr.write(matrixText(all, cells, versions));
  const first = all.filter(one => FIRST_26.includes(one));
  const named = smoke ? peers : ODD_PEERS.map(peer => peer.name);
  if (first.length < all.length) yield* linesOf(`the first ${first.length}`, first, cells, named);
  yield* linesOf(`all ${all.length}`, all, cells, named);
}

function* linesOf(
  name: string,
  among: readonly Personality[],
  cells: readonly Cell[],
  peers: readonly string[],
): Generator<BenchLine> {
  const sums = sumsOf(among, cells);
  for (const what of ['false claims', 'missed', 'hangs'] as const)
    yield {
      bench: 'odd-devices',
      case: `${what}, ${name}`,
      unit: what === 'missed' ? 'honest guessable devices not found' : 'devices, less is better',
      ours: sums.get('ours')?.[what] ?? Number.NaN,
      peers: Object.fromEntries(peers.map(peer => [peer, sums.get(peer)?.[what] ?? ('missing' as const)])),
      ratio: null,
      runs: 1,
      machine,
    };
}
