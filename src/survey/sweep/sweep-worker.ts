/**
 * The thread that sends. It builds its own gate, space and permutation from the tables it is handed, chooses a driver,
 * and runs the engine. The edge where a thread's own clocks are read.
 */
import { performance } from 'node:perf_hooks';
import { workerData } from 'node:worker_threads';
import { gateFromTables } from '../../mandate/gate.ts';
import { formatIpv4 } from '../../record/address.ts';
import { errorOf } from '../../record/fault.ts';
import type { Clocks } from '../../record/instant.ts';
import { makePermutation } from '../round/permutation.ts';
import { makeSpace } from '../round/space.ts';
import type { Driver, SourceNamed } from './driver.ts';
import { dryDriver } from './dry.ts';
import { runEngine } from './engine.ts';
import { makeLink } from './link.ts';
import { listSpace, textAt } from './list/hit-list.ts';
import { listGate } from './list/list-gate.ts';
import type { Ending, FromSender, WorkerInput } from './messages.ts';

const input = workerData as WorkerInput;
const { port, control, plan, concurrency, reserve, list } = input;
const textOf = list ? (n: number) => textAt(list.list, n) : formatIpv4;
const post = (message: FromSender): void => port.postMessage(message);
const clocks: Clocks = {
  calendar: () => Date.now() + input.calendarOffsetMs,
  monotonic: () => performance.now(),
};

const NETS_ASKED = 1_000;

async function chooseDriver(sourceNamed: SourceNamed): Promise<{ driver: Driver; note: string }> {
  if (input.driver === 'dry') return { driver: dryDriver(), note: '' };
  try {
    const [{ connectDriver }, system] = await Promise.all([import('./connect.ts'), import('./system.ts')]);
    const way = list ? system.byList(list.list.bytes) : system.byIpv4;
    return { driver: connectDriver(concurrency, sourceNamed, true, way), note: '' };
  } catch (thrown) {
    if (input.driver === 'connect') throw thrown;
    const { netDriver } = await import('./net-connect.ts');
    return {
      driver: netDriver(concurrency, sourceNamed, textOf),
      note: `raw connects do not work here: ${errorOf(thrown).message}`,
    };
  }
}

/** For whom the routing table is asked: the first of each range, or of each of the first networks of a list. */
function asked(): number[] {
  if (!list) return input.ranges.map(range => range.from);
  const first = new Map<number, number>();
  for (let n = 0; n < list.list.count && first.size < NETS_ASKED; n++) {
    const net = list.list.net[n] as number;
    if (!first.has(net)) first.set(net, n);
  }
  return [...first.values()];
}

async function run(): Promise<Ending> {
  const gate = list ? listGate(list, clocks) : gateFromTables(input.gateTables, clocks);
  const space = list ? listSpace(list.list, input.ports) : makeSpace(input.ranges, input.ports);
  const sourceNamed: SourceNamed = address => gate.refusesSource(address) === undefined;
  let chosen: Awaited<ReturnType<typeof chooseDriver>>;
  try {
    chosen = await chooseDriver(sourceNamed);
  } catch (thrown) {
    return {
      type: 'fault',
      what: `raw connects do not work here (${errorOf(thrown).message})`,
      remedy: 'use the driver auto',
    };
  }
  const { driver, note } = chosen;
  post({ type: 'started', driver: driver.name, note });
  try {
    // Asked of the routing table before anything is sent; asked again of each connection that comes about.
    const foreign = asked()
      .map(address => driver.sourceTo(address))
      .find(source => source !== undefined && !sourceNamed(source));
    if (foreign !== undefined) return { type: 'refused', refusal: 'source-not-named' };
    const permutation = makePermutation(input.key, space.size);
    const link = makeLink(port, control, clocks.monotonic);
    return await runEngine({ space, permutation, plan, gate, driver, link, clocks, concurrency, reserve, textOf });
  } finally {
    driver.close();
  }
}

post({ type: 'end', ending: await run() });
port.close();
