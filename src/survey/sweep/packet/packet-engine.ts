/**
 * The loop that sends frames: draw indices, ask the gate, ask the pacer, fill a batch, submit it, count what left. In:
 * everything it needs as arguments. Out: reports through the link, and how it ended. It waits for no answer: those come in
 * another thread.
 *
 * A batch (at most 256 frames) is the unit of what must be seen soon: stop, heartbeat and the gate's instant part are
 * asked before each, the gate's other part where each frame is filled. An index is counted when its frame has left, so a
 * batch that leaves in part is neither lost nor counted twice: the rest is filled again, and asked of gate and pacer again
 * (what it had been charged is forfeit: the law is about when frames leave).
 */
import type { FrameGate } from '../../../mandate/authority.ts';
import type { Clocks } from '../../../record/instant.ts';
import { GO, ISP_EMPTY, makePacer, NET_EMPTY, type Permit } from '../../round/pacer.ts';
import { groupOf } from '../../round/shards.ts';
import type { Place } from '../../round/space.ts';
import { makeWaiting } from '../../round/waiting.ts';
import type { Ending } from '../messages.ts';
import type { Group, Groups } from './groups.ts';
import { jitterFor, makePaceClock } from './pace-clock.ts';
import type { PacketDriver } from './packet-driver.ts';
import { makeRuns, type Run } from './runs.ts';
import type { SendLink } from './send-messages.ts';
import { makeSendReporter } from './send-reporter.ts';

const BATCH = 256;
/** Indices looked at for one batch, however many of them are excluded: it bounds how old the gate's instant is. */
const LOOKED = 4_096;
const WAITERS = 4_096;
const LONGEST_SLEEP = 50;
/** ms without a frame leaving, while some should, after which the sweep stops. */
const GIVE_UP = 10_000;
const SEND_AGAIN = 2;

export interface PacketParts {
  readonly groups: Groups;
  readonly gate: FrameGate;
  readonly driver: PacketDriver;
  readonly frames: { fill(slot: number, address: number, port: number, sequence: number, id: number): void };
  readonly cookie: (address: number, sourcePort: number, port: number) => number;
  readonly sourcePort: number;
  readonly link: SendLink;
  readonly clocks: Clocks;
  readonly reserve: number;
  /** Elements of the whole space, known to be up. */
  readonly canaries: readonly number[];
  /** A later pass: by element of the whole space. */
  readonly answered?: { has(element: number): boolean } | undefined;
  readonly audit?: { offer(count: number): void; mayGoOn(): boolean } | undefined;
  /** Seeds the IP-ID of each frame. */
  readonly seed: number;
}

export function runPacketEngine(parts: PacketParts): Ending {
  const { groups, gate, driver, frames, cookie, sourcePort, link, clocks, canaries, answered, audit } = parts;
  const { whole, list, plan } = groups;
  const { monotonic } = clocks;
  const { limits } = gate.mandate;
  const { sends } = driver;
  const start = monotonic();
  const jitter = jitterFor(limits);
  const clock = makePaceClock(start, jitter);
  // Without packets there is no pace to keep, and no memory for it.
  const nets = sends ? whole.nets : 1;
  const pacer = makePacer(limits, whole.isps.length, nets, start, jitter);
  const nap = Math.min(1, pacer.slack / 2);
  const waiting = makeWaiting(nets, whole.isps.length, WAITERS, pacer.netDue, pacer.ispDue);
  const runs = makeRuns(plan, list.length, link, parts.reserve);
  const reporter = makeSendReporter(link, runs, canaries.length, start);
  const place: Place = { address: 0, port: 0, isp: 0, net: 0 };
  const most = Math.min(BATCH, driver.slots.count);

  /** What is in each slot: the run it counts for, or a canary (no run, and its number as the index). */
  const slotRun = new Array<Run | undefined>(most).fill(undefined);
  const slotIndex = new Float64Array(most);
  let filled = 0;
  /** Filled once, and not left. */
  let held: (readonly [run: Run | undefined, index: number])[] = [];
  /** Per group: drawn, and next to leave when its bucket has a token; until when that is not so (pace time). */
  const hand = new Float64Array(list.length).fill(-1);
  const until = new Float64Array(list.length).fill(Number.NEGATIVE_INFINITY);
  /** Per group: how far it is in its share, in seconds of its own rate. */
  const share = new Float64Array(list.length);
  /** Frames of a group at a time: its part of a batch. */
  const rates = list.reduce((sum, group) => sum + group.rate, 0);
  const quanta = list.map(group => Math.max(1, Math.ceil((most * group.rate) / rates)));
  const canaryQueue: number[] = [];
  let canaryDue = 0;
  let id = parts.seed >>> 0 || 1;
  let lastLeft = start;
  let ending: Ending | undefined;

  /** xorshift32: the ID only must not be constant, nor count. */
  function nextId(): number {
    id ^= id << 13;
    id ^= id >>> 17;
    id ^= id << 5;
    return id & 0xffff;
  }

  function fill(run: Run | undefined, index: number, address: number, port: number): void {
    frames.fill(filled, address, port, cookie(address, sourcePort, port), nextId());
    slotRun[filled] = run;
    slotIndex[filled] = index;
    filled++;
  }

  function locate(index: number): void {
    const group = list[groupOf(plan, index)] as Group;
    group.space.locate(group.permutation.walk(index - group.first), place);
  }

  /** Tries one index that was drawn before: GO when it is filled, or needs no frame; else which bucket is empty. */
  function attempt(run: Run, index: number, pace: number): Permit {
    locate(index);
    const { address, port } = place;
    if (answered?.has(whole.elementOf(address, port))) run.known++;
    else if (gate.refusesFrame(address, port, 'sweep') !== undefined) run.excluded++;
    else {
      const permit = sends ? pacer.take(place.isp, place.net, pace) : GO;
      if (permit === GO) fill(run, index, address, port);
      return permit;
    }
    run.deferred.delete(index);
    return GO;
  }

  /** What had waited, or was held, goes or waits again; false when there is no place to. */
  function offer(run: Run, index: number, pace: number): boolean {
    const permit = attempt(run, index, pace);
    const { isp, net } = place;
    if (permit === GO) return true;
    if (permit === ISP_EMPTY) return waiting.line(isp, net, index, pacer.ispDue(isp));
    return waiting.push(net, index, permit === NET_EMPTY ? pacer.netDue(net) : pacer.totalDue());
  }

  /**
   * Where an index goes that was just drawn and has no token; `place` is its place. True when it waits apart, so that its
   * group may go on drawing; false when it is in the group's hand, which is next.
   */
  function park(run: Run, index: number, permit: Permit): boolean {
    const { group } = run;
    const { isp, net } = place;
    run.deferred.add(index);
    until[group] = Number.NEGATIVE_INFINITY;
    if (permit === NET_EMPTY && waiting.push(net, index, pacer.netDue(net))) return true;
    if (permit === ISP_EMPTY) {
      // In a group of one ISP all would wait for the same bucket, so the group waits, and no queue is filled.
      if (!(list[group] as Group).pinned && waiting.line(isp, net, index, pacer.ispDue(isp))) return true;
      until[group] = pacer.ispDue(isp);
    }
    hand[group] = index;
    return false;
  }

  /** The way of nearly every packet: fresh indices of one run, until a bucket is empty or there are `frameMost` frames. */
  function fillFresh(group: Group, run: Run, frameMost: number, pace: number): void {
    const { space, permutation, first } = group;
    const end = Math.min(run.to, run.reserved, run.next + LOOKED);
    let index = run.next;
    for (; index < end && filled < frameMost; index++) {
      space.locate(permutation.walk(index - first), place);
      const { address, port } = place;
      if (answered?.has(whole.elementOf(address, port))) {
        run.known++;
        continue;
      }
      if (gate.refusesFrame(address, port, 'sweep') !== undefined) {
        run.excluded++;
        continue;
      }
      if (sends) {
        const permit = pacer.take(place.isp, place.net, pace);
        if (permit !== GO) {
          if (park(run, index, permit)) continue;
          index++;
          break;
        }
      }
      fill(run, index, address, port);
    }
    run.next = index;
  }

  function fillCanary(pace: number): void {
    const number = canaryQueue[0];
    if (number === undefined || canaryDue > pace) return;
    whole.locate(canaries[number] as number, place);
    const { address, port } = place;
    if (gate.refusesFrame(address, port, 'sweep') === undefined) {
      const permit = sends ? pacer.take(place.isp, place.net, pace) : GO;
      canaryDue = permit === NET_EMPTY ? pacer.netDue(place.net) : permit === ISP_EMPTY ? pacer.ispDue(place.isp) : 0;
      if (permit !== GO) return;
      fill(undefined, number, address, port);
    }
    canaryQueue.shift();
  }

  /** Evenly over the shard, from wherever this sender took it up. */
  function dueCanaries(run: Run): void {
    while (
      run.canaries < canaries.length &&
      (run.next === run.to || run.next >= run.from + ((run.canaries + 0.5) * (run.to - run.from)) / canaries.length)
    )
      canaryQueue.push(run.canaries++);
  }

  /** The group that is furthest behind its share, of those that can draw; -1 for none. */
  function pickGroup(pace: number): number {
    let best = -1;
    for (let g = 0; g < list.length; g++) {
      if ((until[g] as number) > pace) continue;
      if (best >= 0 && (share[g] as number) >= (share[best] as number)) continue;
      if ((hand[g] as number) >= 0 || runs.current(g) !== undefined) best = g;
    }
    return best;
  }

  function fillBatch(pace: number): void {
    filled = 0;
    const again = held;
    held = [];
    for (const [run, index] of again)
      if (run === undefined) canaryQueue.push(index);
      else if (!offer(run, index, pace)) held.push([run, index]);
    if (filled < most) fillCanary(pace);
    while (filled < most) {
      const index = waiting.pop(pace);
      if (index < 0) break;
      offer(runs.of(index), index, pace);
      if (sends && pace < pacer.totalDue()) return;
    }
    for (let looks = 4 * list.length; filled < most && !waiting.full && looks > 0; looks--) {
      const g = pickGroup(pace);
      if (g < 0) return;
      const group = list[g] as Group;
      const before = filled;
      const taken = hand[g] as number;
      const run = taken >= 0 ? runs.of(taken) : (runs.current(g) as Run);
      const old = taken >= 0 ? taken : run.again.pop();
      hand[g] = -1;
      if (old === undefined) fillFresh(group, run, Math.min(most, before + (quanta[g] as number)), pace);
      else {
        const permit = attempt(run, old, pace);
        if (permit !== GO) park(run, old, permit);
        looks++;
      }
      dueCanaries(run);
      share[g] = (share[g] as number) + (filled - before) / group.rate;
      if (sends && pace < pacer.totalDue()) return;
    }
  }

  /** Submits what was filled; counts what left, keeps the rest. */
  function submit(): void {
    if (filled === 0) return;
    audit?.offer(filled);
    const left = driver.send(filled);
    const now = monotonic();
    clock.left(now);
    for (let n = 0; n < left; n++) {
      const run = slotRun[n];
      if (run === undefined) {
        reporter.canary(slotIndex[n] as number);
        continue;
      }
      run.sent++;
      if (run.deferred.size > 0) run.deferred.delete(slotIndex[n] as number);
    }
    for (let n = left; n < filled; n++) {
      const run = slotRun[n];
      const index = slotIndex[n] as number;
      run?.deferred.add(index);
      held.push([run, index]);
    }
    if (left > 0) lastLeft = now;
    if (left === filled) return;
    reporter.fault(filled - left);
    if (now - lastLeft > GIVE_UP)
      ending = {
        type: 'fault',
        what: `not one frame left this machine for ten seconds (${driver.lastFault()})`,
        remedy: driver.down ? 'bring the interface up, and resume' : 'see notice doctor, and resume',
      };
  }

  /** The pace instant at which the next frame could leave; Infinity when only a message can change that. */
  function nextDue(): number {
    let due = waiting.nextDue();
    if (canaryQueue.length > 0) due = Math.min(due, canaryDue);
    if (!waiting.full)
      for (let g = 0; g < list.length; g++)
        if ((hand[g] as number) >= 0 || runs.current(g) !== undefined) due = Math.min(due, until[g] as number);
    return Math.max(due, pacer.totalDue());
  }

  /** How long nothing can happen, ms, unless the main thread says otherwise. */
  function quiet(now: number, mayLeave: boolean): number {
    let ms = Math.min(LONGEST_SLEEP, reporter.due() - now);
    if (mayLeave) {
      const due = nextDue();
      if (held.length > 0) ms = Math.min(ms, SEND_AGAIN);
      else if (due < Number.POSITIVE_INFINITY) ms = Math.min(ms, sends ? clock.until(due + nap, now) : 0);
    }
    return Math.max(0, ms);
  }

  for (;;) {
    runs.poll();
    if (ending === undefined && link.stopping) ending = { type: 'asked' };
    if (ending === undefined && runs.finished && canaryQueue.length === 0 && held.length === 0)
      ending = { type: 'done' };
    let now = monotonic();
    if (ending === undefined && !link.paused(now)) {
      const refusal = gate.now();
      if (refusal !== undefined) ending = { type: 'refused', refusal };
    }
    if (ending !== undefined) break;
    const mayLeave = !link.paused(now) && (audit?.mayGoOn() ?? true);
    if (mayLeave) {
      clock.factor = link.pace;
      const due = nextDue();
      fillBatch(clock.at(now, due < Number.POSITIVE_INFINITY ? due : pacer.totalDue()));
      submit();
      now = monotonic();
    } else clock.rest(now);
    if (held.length === 0) lastLeft = now;
    reporter.look(now);
    const ms = quiet(now, mayLeave);
    if (ms > 0) link.idle(ms);
  }
  reporter.rest(monotonic());
  return ending;
}
