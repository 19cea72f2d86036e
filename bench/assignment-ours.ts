/**
 * One measurement of our own index in a process of its own: `node assignment-ours.js '{"do": …}'`. In: what to do on which data. Out: one
 * JSON line. CPU-seconds are of the whole process, its threads and the collector included.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { commit, type Importer } from '../src/isp/assignment/commit.ts';
import { Hearing, NOTHING_HEARD } from '../src/isp/assignment/hearing.ts';
import { importAssignments } from '../src/isp/assignment/import.ts';
import { type AssignmentIndex, openAssignments } from '../src/isp/assignment/index.ts';
import { Interning } from '../src/isp/assignment/interning.ts';
import { makeOwnKey, rawPublic, secretOf } from '../src/isp/assignment/keys.ts';
import { makePools } from '../src/isp/assignment/pools.ts';
import { Taking } from '../src/isp/assignment/taking.ts';
import { draw, portTo, type Questions, questionsAbout, writeLog } from './assignment-data.ts';

export type Order =
  /** Writes the log as text. */
  | { readonly do: 'write'; readonly rows: number; readonly file: string; readonly instants: 'epoch' | 'iso' }
  | { readonly do: 'import'; readonly file: string; readonly dir: string; readonly rows: number }
  /** Builds the index without the text. */
  | { readonly do: 'build'; readonly rows: number; readonly dir: string }
  | {
      readonly do: 'ask';
      readonly rows: number;
      readonly dir: string;
      readonly questions: number;
      readonly runs: number;
    };

export interface Told {
  readonly cpuSeconds?: number;
  readonly openCpuSeconds?: number;
  readonly openWallSeconds?: number;
  /** CPU-seconds of all questions, each run. */
  readonly asked?: readonly number[];
  readonly found?: number;
  readonly bytes?: number;
  readonly peakMb: number;
}

const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

export const bytesIn = (dir: string): number =>
  readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);

/** Every hold that covers each question, as a verdict asks for it: objects and all. */
export function askAll(index: AssignmentIndex, { address, port, at }: Questions): number {
  let found = 0;
  for (let i = 0; i < at.length; i++) {
    const instant = at[i]! * 1_000;
    found += index.touching(address[i]!, port[i]!, instant, instant).length;
  }
  return found;
}

const pools = makePools([], 'pools');

function build(rows: number, dir: string): void {
  const secret = secretOf(dir);
  const interning = new Interning(secret);
  const importer: Importer = { dir, secret, interning, sealedTo: rawPublic(makeOwnKey(dir)), learnt: new Set() };
  const taking = new Taking('csv', interning, new Hearing(NOTHING_HEARD), undefined);
  const box = taking.box('');
  const d = draw(rows);
  for (let row = 0; row < rows; row++) {
    const port = d.port[row]!;
    const local = interning.internText(`S${d.subscriber[row]}`);
    taking.four(d.address[row]!, port * 65_536 + portTo(port), d.from[row]! * 1e3, d.to[row]! * 1e3, local, box);
  }
  const { closed, open } = taking.drain();
  const read = { closed, open, exporters: taking.exporters, heard: taking.hearing.save(), files: [], used: rows };
  commit(importer, {
    source: 'csv',
    format: 'csv',
    options: {},
    rejected: 0,
    state: undefined,
    replace: false,
    ...read,
  });
}

function ask({ rows, dir, questions, runs }: Extract<Order, { do: 'ask' }>): Omit<Told, 'peakMb'> {
  const q = questionsAbout(draw(rows), questions);
  globalThis.gc?.();
  const before = cpu();
  const wall = performance.now();
  const index = openAssignments(dir, pools);
  const openCpuSeconds = cpu() - before;
  const openWallSeconds = (performance.now() - wall) / 1e3;
  let found = 0;
  const asked = Array.from({ length: runs }, () => {
    const start = cpu();
    found = askAll(index, q);
    return cpu() - start;
  });
  return { openCpuSeconds, openWallSeconds, asked, found, bytes: bytesIn(dir) };
}

async function run(order: Order): Promise<Omit<Told, 'peakMb'>> {
  if (order.do === 'ask') return ask(order);
  const start = cpu();
  if (order.do === 'write') writeLog(order.file, draw(order.rows), order.instants);
  else if (order.do === 'build') build(order.rows, order.dir);
  else {
    const { used } = await importAssignments({ format: 'csv', files: [order.file], dir: order.dir });
    if (used !== order.rows) throw new Error(`${used} of ${order.rows} lines were used`);
  }
  return { cpuSeconds: cpu() - start };
}

if (process.argv[1] === import.meta.filename && process.argv[2] !== undefined) {
  const told = await run(JSON.parse(process.argv[2]) as Order);
  process.stdout.write(`${JSON.stringify({ ...told, peakMb: Math.round(process.resourceUsage().maxRSS / 1024) })}\n`);
}
