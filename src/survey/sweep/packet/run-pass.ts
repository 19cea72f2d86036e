/**
 * One pass: starts the receiver, then the sender; hands messages to the books one at a time; watches health; and when the
 * sender has ended waits for the last replies before the books are closed. Out: how it ended and what it counted. A failure
 * on this side (a disk, a callback) stops the sender first and is thrown after.
 */
import { extname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MessageChannel, Worker } from 'node:worker_threads';
import { Fault } from '../../../record/fault.ts';
import type { Clocks } from '../../../record/instant.ts';
import type { Ledger } from '../../round/ledger.ts';
import type { Tally } from '../../round/tally.ts';
import type { Ending } from '../messages.ts';
import type { SweepOptions, SweepResult } from '../sweep-options.ts';
import { type Answered, makeAnswered } from './answered.ts';
import { type CanaryCount, makeCanaryBook } from './canaries.ts';
import { derivedKey, type Groups } from './groups.ts';
import { makeHealth } from './health.ts';
import { makePacketBooks, type PassSum } from './packet-books.ts';
import { type RawSeen, startReceiver } from './receiver.ts';
import type { Route } from './route.ts';
import { type SweepLaw, startSelfAudit } from './self-auditor.ts';
import { type FromPacketSender, PACE_WHOLE, SEND_CONTROL, type SendInput } from './send-messages.ts';

const HEARTBEAT = 1_000;
const HEALTH_EVERY = 5_000;
const WRITE_EVERY = 300;
/** ms a reply may lie between the network and our reading of it: the ring's blocks are handed over within 20. */
const READING = 150;
/** ms of sending that one reservation under never-twice covers. */
const RESERVED_FOR = 1_000;

export interface PassParts {
  readonly options: SweepOptions;
  readonly pass: number;
  readonly passKey: Uint8Array;
  readonly groups: Groups;
  readonly ledger: Ledger;
  readonly shards: readonly number[];
  readonly driver: 'mmsg' | 'xdp' | 'dry';
  readonly clocks: Clocks;
  /** Absent in a dry run, like `answered` and `law`. */
  readonly route: Route | undefined;
  readonly law: SweepLaw | undefined;
  readonly answered: Answered | undefined;
  readonly sourcePort: number;
  readonly canaries: readonly number[];
  readonly before: PassSum;
  readonly total: number;
  /** False: only what the ledger says. */
  readonly send: boolean;
}

export interface PassEnd {
  readonly ending: Ending;
  readonly tally: Tally;
  readonly total: number;
  readonly packets: number;
  readonly faults: number;
  readonly driver: SweepResult['driver'] | undefined;
  readonly note: string;
  readonly canaries: CanaryCount;
  readonly alarms: readonly string[];
  readonly raw: RawSeen & { readonly rst: number; readonly icmp: number; readonly prohibited: number };
}

export async function runPass(parts: PassParts): Promise<PassEnd> {
  const { options, groups, ledger, clocks, answered, route } = parts;
  const { monotonic } = clocks;
  const { limits, deadlines } = options.gateTables.mandate;
  const dry = route === undefined;
  const wait = dry ? 0 : deadlines.connectMs + READING;
  const canaryBook = makeCanaryBook(parts.canaries.length, wait);
  let drops = (): number => 0;
  // As it stands before this pass: what answers a canary meanwhile must not make its own pair count as known as well.
  const knownBefore = parts.pass > 1 && answered ? answered.memory.slice(0) : undefined;
  const isKnown = knownBefore && makeAnswered(groups.whole.size, knownBefore);
  const books = makePacketBooks({
    options: { ...options, onProgress: p => options.onProgress?.({ ...p, drops: drops() }) },
    pass: parts.pass,
    ledger,
    groups,
    shards: parts.shards,
    canaries: canaryBook,
    canaryElements: parts.canaries,
    heardBefore: isKnown ? parts.canaries.filter(element => isKnown.has(element)) : [],
    wait,
    monotonic,
    before: parts.before,
    total: parts.total,
  });
  const alarms = new Set<string>();
  const nothing: RawSeen = { kernelDrops: 0, badCookie: 0, outOfScope: 0, duplicates: 0, judged: 0 };
  const end = (ending: Ending, seen: RawSeen): PassEnd => {
    const { tally, total, driver, note } = books.sum();
    const { sent, faults, rst, icmp, prohibited } = books.counts();
    return {
      ending,
      tally,
      total,
      packets: sent,
      faults,
      driver: driver as SweepResult['driver'] | undefined,
      note,
      canaries: canaryBook.count(),
      alarms: [...alarms],
      raw: { ...seen, rst, icmp, prohibited },
    };
  };
  await books.tellAgain(element => void answered?.mark(element));
  if (!books.left()) return end({ type: 'done' }, nothing);
  if (!parts.send || options.signal?.aborted) return end({ type: 'asked' }, nothing);

  const control = new Int32Array(new SharedArrayBuffer(4 * Object.keys(SEND_CONTROL).length));
  control[SEND_CONTROL.pace] = PACE_WHOLE;
  const raise = (name: keyof typeof SEND_CONTROL): void => {
    Atomics.add(control, SEND_CONTROL[name], 1);
    if (name === 'beat') return;
    Atomics.add(control, SEND_CONTROL.wake, 1);
    Atomics.notify(control, SEND_CONTROL.wake);
  };
  const stop = (): void => raise('stop');
  let failure: { readonly thrown: unknown } | undefined;
  let ending: Ending | undefined;
  let unwell: string | undefined;
  const fail = (thrown: unknown): void => {
    failure ??= { thrown };
    stop();
  };
  // One thing after another, though the books may wait for a disk or for who takes the hits.
  let turn: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    turn = turn.then(async () => {
      if (failure !== undefined) return;
      try {
        await work();
      } catch (thrown) {
        fail(thrown);
      }
    });
    return turn;
  };

  const cookieKey = derivedKey(options.key, 'cookie').subarray(0, 8);
  const receiver =
    route && answered
      ? await startReceiver({
          options,
          route,
          answered,
          cookieKey,
          sourcePort: parts.sourcePort,
          canaries: parts.canaries,
          onReplies: batch => void inTurn(() => books.replies(batch)),
          onFailure: fail,
        })
      : undefined;
  drops = () => receiver?.seen().kernelDrops ?? 0;
  const audit = route && parts.law ? startSelfAudit(parts.law, route, parts.sourcePort, fail) : undefined;
  const { port1, port2 } = new MessageChannel();
  const perSecond = limits.total.perSecond;
  const workerData: SendInput = {
    gateTables: options.gateTables,
    ranges: options.ranges,
    ports: options.ports,
    key: parts.passKey,
    cookieKey,
    shardSize: options.shardSize,
    driver: parts.driver,
    route,
    sourcePort: parts.sourcePort,
    bypass: options.bypass ?? false,
    calendarOffsetMs: options.calendarOffsetMs,
    reserve:
      options.policy === 'never-twice' && !dry
        ? Math.min(65_536, Math.max(64, Math.ceil((perSecond * RESERVED_FOR) / 1000)))
        : 0,
    canaries: parts.canaries,
    answered: knownBefore,
    audit: audit?.ring,
    control,
    port: port2,
  };
  // The same file under its compiled and its source name.
  const worker = new Worker(new URL(`./send-worker${extname(import.meta.url)}`, import.meta.url), {
    workerData,
    transferList: [port2],
  });
  port1.on('message', (message: FromPacketSender) => {
    void inTurn(async () => {
      ending =
        (await books.handle(message, reply => {
          port1.postMessage(reply);
          raise('wake');
        })) ?? ending;
    }).then(() => {
      if (message.type === 'report') raise('read');
    });
  });
  const health = makeHealth();
  function lookAtHealth(): void {
    const { sent, faults, replies, prohibited } = books.counts();
    const canaries = canaryBook.settled(monotonic());
    const {
      factor,
      alarms: heard,
      stop: why,
    } = health.look({
      kernelDrops: receiver?.seen().kernelDrops ?? 0,
      sent,
      faults,
      canariesSent: canaries.sent,
      canariesAnswered: canaries.answered,
      replies,
      prohibited,
    });
    for (const alarm of heard) alarms.add(alarm);
    Atomics.store(control, SEND_CONTROL.pace, Math.round(factor * PACE_WHOLE));
    if (why === undefined) return;
    unwell ??= why;
    stop();
  }
  const timers = [
    setInterval(() => raise('beat'), HEARTBEAT),
    setInterval(lookAtHealth, HEALTH_EVERY),
    setInterval(() => void inTurn(() => books.write(false)), WRITE_EVERY),
  ];
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    await Promise.all([
      new Promise<void>(resolve => port1.once('close', resolve)),
      new Promise<void>((resolve, reject) => {
        worker.once('error', reject);
        worker.once('exit', () => resolve());
      }),
    ]);
    await turn;
    // The last replies are under way.
    if (!dry && failure === undefined) await sleep(wait);
  } finally {
    for (const timer of timers) clearInterval(timer);
    options.signal?.removeEventListener('abort', stop);
    port1.close();
    await receiver?.end();
    await audit?.end();
    await inTurn(() => books.write(true));
  }
  if (failure !== undefined) throw failure.thrown;
  if (ending === undefined)
    throw new Fault('resource', 'the sending thread ended without a word', 'resume; what was sent is in the ledger');
  if (unwell !== undefined)
    ending = {
      type: 'fault',
      what: `stopped, because slowing down did not help: ${unwell}`,
      remedy: 'see to it, and resume',
    };
  return end(ending, { ...nothing, ...receiver?.seen(), judged: audit?.judged() ?? 0 });
}
