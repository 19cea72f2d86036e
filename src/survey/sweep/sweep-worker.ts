/**
 * The thread that sends. It builds its own gate, space and permutation from the tables it is handed, chooses a driver,
 * and runs the engine. The edge where a thread's own clocks are read.
 */
import { performance } from 'node:perf_hooks';
import { workerData } from 'node:worker_threads';
import { gateFromTables } from '../../mandate/gate.ts';
import { errorOf } from '../../record/fault.ts';
import type { Clocks } from '../../record/instant.ts';
import { makePermutation } from '../round/permutation.ts';
import { makeSpace } from '../round/space.ts';
import type { Driver, SourceNamed } from './driver.ts';
import { dryDriver } from './dry.ts';
import { runEngine } from './engine.ts';
import { makeLink } from './link.ts';
import type { Ending, FromSender, WorkerInput } from './messages.ts';

const input = workerData as WorkerInput;
const { port, control, plan, concurrency, reserve } = input;
const post = (message: FromSender): void => port.postMessage(message);
const clocks: Clocks = {
  calendar: () => Date.now() + input.calendarOffsetMs,
  monotonic: () => performance.now(),
};

async function chooseDriver(sourceNamed: SourceNamed): Promise<{ driver: Driver; note: string }> {
  if (input.driver === 'dry') return { driver: dryDriver(), note: '' };
  try {
    const { connectDriver } = await import('./connect.ts');
    return { driver: connectDriver(concurrency, sourceNamed), note: '' };
  } catch (thrown) {
    if (input.driver === 'connect') throw thrown;
    const { netDriver } = await import('./net-connect.ts');
    return {
      driver: netDriver(concurrency, sourceNamed),
      note: `raw connects do not work here: ${errorOf(thrown).message}`,
    };
  }
}

async function run(): Promise<Ending> {
  const gate = gateFromTables(input.gateTables, clocks);
  const space = makeSpace(input.ranges, input.ports);
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
    const foreign = input.ranges
      .map(range => driver.sourceTo(range.from))
      .find(source => source !== undefined && !sourceNamed(source));
    if (foreign !== undefined) return { type: 'refused', refusal: 'source-not-named' };
    const permutation = makePermutation(input.key, space.size);
    const link = makeLink(port, control, clocks.monotonic);
    return await runEngine({ space, permutation, plan, gate, driver, link, clocks, concurrency, reserve });
  } finally {
    driver.close();
  }
}

post({ type: 'end', ending: await run() });
port.close();
