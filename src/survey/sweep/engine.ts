/**
 * The sender's loop: draw an index, ask the gate, ask the pacer, connect; take what ended; report. In: everything it needs
 * as arguments. Out: reports through the link, and how it ended. One thread, no promise on the way of a packet.
 *
 * The order is the law's: the gate is asked right before each connect, also of an index that had waited, and a token is
 * taken only for what then leaves.
 */
import type { Gate, Refusal } from '../../mandate/authority.ts';
import { formatIpv4 } from '../../record/address.ts';
import type { Clocks } from '../../record/instant.ts';
import { ISP_EMPTY, makePacer, NET_EMPTY, TOTAL_EMPTY } from '../round/pacer.ts';
import type { Permutation } from '../round/permutation.ts';
import type { ShardPlan } from '../round/shards.ts';
import type { Place, Space } from '../round/space.ts';
import { makeWaiting } from '../round/waiting.ts';
import { ANSWERED, type Driver, FOREIGN, LOCAL, type Outcome, PENDING, REFUSED, SILENT } from './driver.ts';
import { makeFlight } from './flight.ts';
import type { Link } from './link.ts';
import type { Ending } from './messages.ts';
import { openShards } from './open-shards.ts';
import { makeReporter } from './reporter.ts';
import { makeRetries } from './retries.ts';

/** Attempts between two looks at sockets and messages. */
const BATCH = 256;
const WAITERS = 4096;
const LONGEST_SLEEP = 50;
/** When to look again at an address that has a connection of ours. */
const BUSY_WAIT = 5;
/**
 * The kernel repeats a SYN after one second, unseen by the pacer. An attempt ends before that, so that one token is one
 * packet; what a lost packet hides is for a later pass at another hour to find.
 */
export const LONGEST_ATTEMPT = 950;

/** Refusals that are about now, not about a target: nothing more may be sent, and the rest is left for a resume. */
const ENDS_ALL: ReadonlySet<Refusal> = new Set<Refusal>([
  'not-yet',
  'expired',
  'clock-jumped',
  'outside-hours',
  'not-published',
  'source-not-named',
  'stopped',
]);

export interface EngineParts {
  readonly space: Space;
  readonly permutation: Permutation;
  readonly plan: ShardPlan;
  readonly gate: Pick<Gate, 'mandate' | 'refuses'>;
  readonly driver: Driver;
  readonly link: Link;
  readonly clocks: Clocks;
  readonly concurrency: number;
  readonly reserve: number;
  /** How an address of the space is written; IPv4 by default. */
  readonly textOf?: (address: number) => string;
}

export async function runEngine(parts: EngineParts): Promise<Ending> {
  const { space, permutation, gate, driver, link, clocks } = parts;
  const { limits, deadlines } = gate.mandate;
  const { monotonic } = clocks;
  const textOf = parts.textOf ?? formatIpv4;
  const timeout = Math.min(deadlines.connectMs, LONGEST_ATTEMPT);
  const pacer = makePacer(limits, space.isps.length, space.nets, monotonic());
  /** A few tokens at a time cost less waking than each as it comes. */
  const nap = Math.min(1, pacer.slack / 2);
  const waiting = makeWaiting(space.nets, space.isps.length, WAITERS, pacer.netDue, pacer.ispDue);
  const flight = makeFlight(parts.concurrency);
  const shards = openShards(parts.plan, link, parts.reserve);
  const retries = makeRetries();
  const reporter = makeReporter(link, shards, () => retries.count, monotonic());
  const place: Place = { address: 0, port: 0, isp: 0, net: 0 };
  /** Drawn, and waiting for the bucket of the whole; nothing else can leave before it. */
  let hand = -1;
  let ending: Ending | undefined;

  function again(index: number, at: number): void {
    space.locate(permutation.at(index), place);
    waiting.push(place.net, index, at);
  }

  function settle(index: number, outcome: Outcome): void {
    if (outcome === LOCAL) {
      const remedy = retries.failed(index, monotonic());
      if (remedy.type === 'again') again(index, remedy.at);
      else if (remedy.type === 'unsent') reporter.ended(index, 'unsent');
      else
        ending = {
          type: 'fault',
          what: `this machine could not open a single connection for ten seconds (${driver.lastFault()})`,
          remedy: 'see notice doctor, and resume',
        };
      return;
    }
    if (outcome === FOREIGN) {
      ending = { type: 'refused', refusal: 'source-not-named' };
      return;
    }
    if (outcome === ANSWERED) {
      space.locate(permutation.at(index), place);
      const isp = space.isps[place.isp] as string;
      reporter.found(index, { address: textOf(place.address), port: place.port, at: clocks.calendar(), isp });
    }
    reporter.ended(
      index,
      outcome === ANSWERED
        ? 'answered'
        : outcome === REFUSED
          ? 'refused'
          : outcome === SILENT
            ? 'silent'
            : 'unreachable',
    );
  }

  /** False when nothing more can leave now. */
  function attempt(index: number, now: number): boolean {
    space.locate(permutation.at(index), place);
    const { address, port } = place;
    if (flight.busy(address)) {
      waiting.push(place.net, index, now + BUSY_WAIT);
      return true;
    }
    const refusal = gate.refuses(address, port, 'sweep');
    if (refusal !== undefined) {
      if (ENDS_ALL.has(refusal)) {
        ending = { type: 'refused', refusal };
        return false;
      }
      reporter.ended(index, 'excluded');
      return true;
    }
    if (driver.sends) {
      const permit = pacer.take(place.isp, place.net, now);
      if (permit === TOTAL_EMPTY) {
        hand = index;
        return false;
      }
      if (permit === NET_EMPTY) return waiting.push(place.net, index, pacer.netDue(place.net));
      if (permit === ISP_EMPTY) return waiting.line(place.isp, place.net, index, pacer.ispDue(place.isp));
    }
    const outcome = driver.open(flight.free, address, port);
    if (outcome !== LOCAL) {
      reporter.departed();
      retries.departed(index, now);
    }
    if (outcome === PENDING) flight.depart(index, address, now);
    else settle(index, outcome);
    return ending === undefined;
  }

  function nextIndex(now: number): number {
    if (hand >= 0) {
      const index = hand;
      hand = -1;
      return index;
    }
    const waited = waiting.pop(now);
    return waited >= 0 || waiting.full ? waited : shards.draw();
  }

  /** True when a whole batch left, and more may at once. */
  function depart(): boolean {
    for (let n = 0; n < BATCH; n++) {
      if (flight.full || link.stopping) return false;
      const now = monotonic();
      const index = nextIndex(now);
      if (index < 0 || !attempt(index, now)) return false;
    }
    return true;
  }

  function land(slot: number, outcome: Outcome): void {
    const index = flight.indexOf(slot);
    flight.land(slot);
    settle(index, outcome);
  }

  function expire(now: number): void {
    for (let slot = flight.oldest; slot >= 0 && now >= flight.departedAt(slot) + timeout; slot = flight.oldest) {
      driver.cancel(slot);
      land(slot, SILENT);
    }
  }

  // Instants are compared here as their owners compare them, or a rounding would make the loop spin.
  /** How long nothing can happen, ms, unless a socket or the main thread says otherwise. */
  function quiet(now: number, mayLeave: boolean): number {
    let until = Math.min(now + LONGEST_SLEEP, reporter.due());
    if (flight.count > 0) until = Math.min(until, flight.departedAt(flight.oldest) + timeout);
    if (flight.count > 0 && shards.starved) until = Math.min(until, now + 1);
    if (mayLeave && !flight.full) until = Math.min(until, hand >= 0 ? pacer.totalDue() + nap : waiting.nextDue());
    return Math.max(0, until - now);
  }

  for (;;) {
    shards.poll();
    if (ending === undefined && link.stopping) ending = { type: 'asked' };
    if (ending === undefined && shards.finished) ending = { type: 'done' };
    const mayLeave = ending === undefined && !link.paused(monotonic());
    const more = mayLeave && depart();
    // What is in flight is waited for: its answer is known within the time-out, and then nothing need be repeated.
    if (ending !== undefined && flight.count === 0) break;
    const ms = more ? 0 : quiet(monotonic(), mayLeave);
    if (flight.count === 0) {
      if (ms > 0) link.idle(ms);
    } else {
      // A socket's wait counts whole milliseconds; a pace above a thousand a second needs finer sleep.
      if (ms > 0 && ms < 1) link.idle(ms);
      const asleep = driver.wait(Math.floor(ms), land);
      if (asleep) await asleep;
    }
    const now = monotonic();
    expire(now);
    reporter.look(now, !more);
  }
  reporter.rest(monotonic());
  return ending;
}
