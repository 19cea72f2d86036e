/**
 * Sweeps a space: which (address, port) pairs complete a TCP handshake. In: gate tables, ranges, ports, key, a ledger file.
 * Out: hits as they come, counts, and a result in which sent + excluded = total when it is done.
 *
 * This thread keeps the books and never sends: it grants shards after `beforeShard` (the audit) has returned, hands hits
 * on before the ledger calls them done, and stops the sender when it cannot. Hits may come twice (after a crash or on a
 * resume, which tells again what the ledger knows), never less than once.
 */
import { extname } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import { digestOf, sha256 } from '../../record/digest.ts';
import { Fault } from '../../record/fault.ts';
import { openLedger } from '../round/ledger.ts';
import { shardCount } from '../round/shards.ts';
import { makeSpace } from '../round/space.ts';
import { excludedOf, sentOf } from '../round/tally.ts';
import { makeBooks } from './books.ts';
import { concurrencyHere } from './concurrency.ts';
import { listSpace } from './list/hit-list.ts';
import { CONTROL, type Ending, type FromSender, type ToSender, type WorkerInput } from './messages.ts';
import { chooseEngine, mayUseRawSockets } from './packet/choose.ts';
import type { SweepOptions, SweepResult } from './sweep-options.ts';

export type { FoundReply, RawCounts, SweepDriver, SweepOptions, SweepProgress, SweepResult } from './sweep-options.ts';

const HEARTBEAT = 1_000;
/** ms of sending that one reservation under never-twice covers. */
const RESERVED_FOR = 1_000;

/** Throws Fault for what cannot be swept (ledger of another round, no space, no resource), and what a callback threw. */
export async function runSweep(options: SweepOptions): Promise<SweepResult> {
  if (options.list) return runList(options);
  if (options.ranges.length === 0)
    throw new Fault(
      'mandate-refused',
      'the mandate names no IPv4 range to walk over',
      'name a list of addresses: notice sweep --targets FILE',
    );
  const choice = chooseEngine(options.driver, options.ranges, mayUseRawSockets());
  if (choice.engine === 'connect') return runConnects(options, choice.driver, choice.note);
  const { runPackets } = await import('./packet/run-packets.ts');
  return runPackets(options, choice.driver, choice.note);
}

/** Lists are connected to: frames would need a hardware address for each network of IPv6, and lists are short. */
function runList(options: SweepOptions): Promise<SweepResult> {
  const { driver } = options;
  if (driver === 'mmsg' || driver === 'xdp')
    throw new Fault('usage', `the driver ${driver} walks over ranges, not over a list`, 'use auto, connect or dry');
  return runConnects(options, driver, driver === 'auto' ? 'connects, because the targets are a list' : '');
}

type ConnectChoice = WorkerInput['driver'];

/** The engine that connects; see engine.ts. */
async function runConnects(options: SweepOptions, driver: ConnectChoice, why: string): Promise<SweepResult> {
  const { ranges, ports, key, shardSize, gateTables } = options;
  const list = options.list?.list;
  const space = list ? listSpace(list, ports) : makeSpace(ranges, ports);
  const plan = { total: space.size, shardSize };
  const spaceDigest = digestOf({ ...(list ? { list: sha256(list.bytes) } : { ranges }), ports, key: sha256(key) });
  const ledger = openLedger(driver === 'dry' ? undefined : options.ledgerFile, spaceDigest, plan, options.policy);
  try {
    const shards = options.shards ?? Array.from({ length: shardCount(plan) }, (_, shard) => shard);
    const books = makeBooks(options, ledger, plan, space, shards);
    await books.tellAgain();
    const perSecond = gateTables.mandate.limits.total.perSecond;
    const reserve =
      options.policy === 'never-twice'
        ? Math.min(65_536, Math.max(64, Math.ceil((perSecond * RESERVED_FOR) / 1000)))
        : 0;
    const started = books.left() && !options.signal?.aborted;
    const ending: Ending = started
      ? await send(options, driver, books.handle, { plan, reserve })
      : { type: books.left() ? 'asked' : 'done' };
    const { tally, total, packets, faults, driver: used, note } = books.sum();
    const sent = sentOf(tally);
    const excluded = excludedOf(tally);
    const done = sent + excluded === total;
    if (ending.type === 'fault') throw new Fault('resource', ending.what, ending.remedy);
    return {
      total,
      sent,
      excluded,
      answered: tally.answered,
      tally,
      done,
      ...(done
        ? {}
        : ending.type === 'refused'
          ? { stopped: ending.refusal }
          : ending.type === 'asked'
            ? { stopped: 'asked' }
            : {}),
      packets,
      faults,
      resumed: ledger.resumed,
      driver: used ?? (driver === 'dry' ? 'dry' : 'connect'),
      note,
      why,
      known: 0,
    };
  } finally {
    ledger.close();
  }
}

type Handle = (message: FromSender, reply: (message: ToSender) => void) => Promise<Ending | undefined>;

/** Runs the sender's thread until it has ended. A failure on this side stops it first, and is thrown after. */
async function send(
  options: SweepOptions,
  driver: ConnectChoice,
  handle: Handle,
  { plan, reserve }: Pick<WorkerInput, 'plan' | 'reserve'>,
): Promise<Ending> {
  const { gateTables, ranges, ports, key, calendarOffsetMs, signal } = options;
  const control = new Int32Array(new SharedArrayBuffer(4 * Object.keys(CONTROL).length));
  const { port1, port2 } = new MessageChannel();
  const raise = (name: keyof typeof CONTROL): void => {
    Atomics.add(control, CONTROL[name], 1);
    if (name === 'beat') return;
    Atomics.add(control, CONTROL.wake, 1);
    Atomics.notify(control, CONTROL.wake);
  };
  const concurrency = concurrencyHere(options.concurrency);
  const workerData: WorkerInput = {
    gateTables,
    ranges,
    ports,
    list: options.list,
    key,
    plan,
    driver,
    concurrency,
    calendarOffsetMs,
    reserve,
    control,
    port: port2,
  };
  // The same file under its compiled and its source name.
  const worker = new Worker(new URL(`./sweep-worker${extname(import.meta.url)}`, import.meta.url), {
    workerData,
    transferList: [port2],
  });
  const beat = setInterval(() => raise('beat'), HEARTBEAT);
  const stop = (): void => raise('stop');
  signal?.addEventListener('abort', stop, { once: true });

  let ending: Ending | undefined;
  let failure: { readonly thrown: unknown } | undefined;
  const fail = (thrown: unknown): void => {
    failure ??= { thrown };
    stop();
  };
  // One message after another, though the books may wait for a disk or for who takes the hits.
  let turn: Promise<void> = Promise.resolve();
  port1.on('message', (message: FromSender) => {
    turn = turn.then(async () => {
      if (failure === undefined)
        try {
          ending =
            (await handle(message, reply => {
              port1.postMessage(reply);
              raise('wake');
            })) ?? ending;
        } catch (thrown) {
          fail(thrown);
        }
      if (message.type === 'report') raise('read');
    });
  });
  try {
    // The port's end is closed by the thread's end, after its last message has been handed over here.
    await Promise.all([
      new Promise<void>(resolve => port1.once('close', resolve)),
      new Promise<void>((resolve, reject) => {
        worker.once('error', reject);
        worker.once('exit', () => resolve());
      }),
    ]);
    await turn;
  } finally {
    clearInterval(beat);
    signal?.removeEventListener('abort', stop);
    port1.close();
  }
  if (failure !== undefined) throw failure.thrown;
  if (ending === undefined)
    throw new Fault('resource', 'the sending thread ended without a word', 'resume; what was sent is in the ledger');
  return ending;
}
