/**
 * A sweep by the packet engine: passes one after another, each with an order and a ledger of its own. In: the options of
 * runSweep and a driver. Out: its result. This thread keeps the books; sender, receiver and self-audit are threads of
 * their own (run-pass.ts).
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { gateFromTables } from '../../../mandate/gate.ts';
import { digestOf, sha256 } from '../../../record/digest.ts';
import { Fault } from '../../../record/fault.ts';
import type { Clocks } from '../../../record/instant.ts';
import { openLedger } from '../../round/ledger.ts';
import { shardBounds, shardCount } from '../../round/shards.ts';
import { addTally, excludedOf, noTally, sentOf, type Tally } from '../../round/tally.ts';
import type { Ending } from '../messages.ts';
import type { RawCounts, SweepOptions, SweepResult } from '../sweep-options.ts';
import { type Answered, makeAnswered } from './answered.ts';
import { canaryElements } from './canaries.ts';
import { derivedKey, makeGroups } from './groups.ts';
import type { Route } from './route.ts';
import { type PassEnd, runPass } from './run-pass.ts';

/** Source ports lie above the kernel's own (ip_local_port_range), so that nobody else's answers come to us. */
const FIRST_PORT = 61_000;
const PORTS = 4_000;

/** A pass's ledger and key; the first pass has the round's own. */
const ledgerOf = (file: string, pass: number): string => (pass === 1 ? file : `${file}-pass${pass}`);
const keyOf = (key: Uint8Array, pass: number): Uint8Array => (pass === 1 ? key : derivedKey(key, `pass ${pass}`));

const NO_RAW = {
  rst: 0,
  icmp: 0,
  prohibited: 0,
  kernelDrops: 0,
  badCookie: 0,
  outOfScope: 0,
  duplicates: 0,
  judged: 0,
};

/** Throws Fault as runSweep does. */
export async function runPackets(
  options: SweepOptions,
  driver: 'mmsg' | 'xdp' | 'dry',
  why: string,
): Promise<SweepResult> {
  const { ranges, ports, key, shardSize, gateTables, calendarOffsetMs } = options;
  const dry = driver === 'dry';
  const clocks: Clocks = { calendar: () => Date.now() + calendarOffsetMs, monotonic: () => performance.now() };
  const gate = gateFromTables(gateTables, clocks);
  const { limits } = gate.mandate;
  const passes = Math.max(1, options.passes ?? 1);
  const { whole, plan } = makeGroups(ranges, ports, key, limits, shardSize);
  const shards = options.shards ?? Array.from({ length: shardCount(plan) }, (_, shard) => shard);
  const pairs = shards.reduce((sum, shard) => {
    const { from, to } = shardBounds(plan, shard);
    return sum + to - from;
  }, 0);
  const sourcePort = options.sourcePort ?? FIRST_PORT + (derivedKey(key, 'source port').readUInt16LE(0) % PORTS);
  const canaries = canaryElements(whole, options.canaries ?? []);
  const route: Route | undefined = dry
    ? undefined
    : (await import('./route.ts')).routeFor({
        target: ranges[0]?.from as number,
        ranges,
        interface: options.interface,
        source: options.source,
      });
  const law = dry ? undefined : options.law;
  if (route && law === undefined)
    throw new Fault('mandate-refused', 'a raw sweep needs its paper for the self-audit', 'hand it over, or connect');
  const answered: Answered | undefined = dry ? undefined : makeAnswered(whole.size);

  let tally: Tally = noTally();
  let total = 0;
  let packets = 0;
  let faults = 0;
  let resumed = false;
  let used: SweepResult['driver'] = driver;
  let note = '';
  let ending: Ending = { type: 'done' };
  const raw = { ...NO_RAW };
  const canaryCount = { sent: 0, answered: 0 };
  const alarms = new Set<string>();

  if (route !== undefined && gate.refusesSource(route.sourceText) !== undefined)
    ending = { type: 'refused', refusal: 'source-not-named' };
  // Each pass is opened even when nothing may be sent, because its ledger may know what is done already.
  for (let pass = 1; pass <= passes; pass++) {
    const passKey = keyOf(key, pass);
    const groups = makeGroups(ranges, ports, passKey, limits, shardSize);
    const digest = digestOf({ ranges, ports, key: sha256(passKey), groups: groups.plan.firsts ?? [0], packets: true });
    const file = dry ? undefined : ledgerOf(options.ledgerFile, pass);
    const ledger = openLedger(file, digest, groups.plan, options.policy);
    try {
      resumed ||= ledger.resumed;
      const before = { sent: sentOf(tally), excluded: excludedOf(tally), known: tally.known, answered: tally.answered };
      const waited =
        pass === 1 ||
        ledger.resumed ||
        ending.type !== 'done' ||
        dry ||
        (await gap(options.passGapMs ?? 0, options.signal));
      if (!waited) ending = { type: 'asked' };
      const end: PassEnd = await runPass({
        options,
        pass,
        passKey,
        groups,
        ledger,
        shards,
        driver,
        clocks,
        route,
        law,
        sourcePort,
        canaries,
        answered,
        before,
        total: passes * pairs,
        send: ending.type === 'done',
      });
      // A pass that may not send ends as one that was asked to; why it may not is what counts.
      if (ending.type === 'done') ending = end.ending;
      tally = addTally(tally, end.tally);
      total += end.total;
      packets += end.packets;
      faults += end.faults;
      used = end.driver ?? used;
      note = end.note || note;
      for (const name of Object.keys(raw) as (keyof typeof NO_RAW)[]) raw[name] += end.raw[name];
      canaryCount.sent += end.canaries.sent;
      canaryCount.answered += end.canaries.answered;
      for (const alarm of end.alarms) alarms.add(alarm);
    } finally {
      ledger.close();
    }
  }
  if (ending.type === 'fault') throw new Fault('resource', ending.what, ending.remedy);
  const [sent, excluded] = [sentOf(tally), excludedOf(tally)];
  const done = sent + excluded + tally.known === total;
  const seen: RawCounts | undefined =
    route === undefined
      ? undefined
      : {
          ...raw,
          canaries: canaryCount,
          alarms: [...alarms],
          interface: route.interface,
          source: route.sourceText,
          sourcePort,
        };
  return {
    total,
    sent,
    excluded,
    known: tally.known,
    answered: tally.answered,
    tally,
    done,
    ...(done || ending.type === 'done' ? {} : { stopped: ending.type === 'refused' ? ending.refusal : 'asked' }),
    packets,
    faults,
    resumed,
    driver: used,
    note,
    why,
    ...(seen ? { raw: seen } : {}),
  };
}

/** False when it was asked to stop meanwhile. */
async function gap(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  if (ms === 0) return true;
  try {
    await sleep(ms, undefined, signal ? { signal } : {});
    return true;
  } catch {
    return false;
  }
}
