/**
 * Whose line it was. In: the logs and one (address, port, instant) with its clock error. Out: a verdict of the closed set; only
 * `unique` names a subscriber (its agent-local number), only `log_pending` is worth asking again. An address may lead to another
 * of ours, by a rule or because a log names one; each step is asked at the same instant and its doubt adds to the rest.
 */
import { type Address, formatAddress, formatPrefix, parseAddress, parseIpv4 } from '../../record/address.ts';
import type { Identification } from '../../record/assignment.ts';
import type { PoolKind } from '../../record/glossary.ts';
import type { Instant } from '../../record/instant.ts';
import type { Behind, Onward } from './chain.ts';
import type { Hold, Logs } from './hold.ts';
import { unique, type Window, whyNobody } from './holders.ts';
import { onwardOf } from './onward.ts';
import { isShared, type Pool } from './pool.ts';
import {
  expired,
  infrastructure,
  logGap,
  logPending,
  malformed,
  no,
  notMine,
  poolEdge,
  type Question,
  sharedNoPort,
  sharedPortImpossible,
  staleLog,
  unreadable,
} from './refusals.ts';
import { lacking, type Serving, serving } from './serving.ts';

export type { Question } from './refusals.ts';

/** Log instants are whole seconds. */
const GRANULARITY = 1_000;
/** Outside address, delegated prefix or inside address, and one NAT more. */
const MOST_STEPS = 4;

type Place =
  | { readonly family: 4; readonly address: number; readonly port: number; readonly realm: string }
  /** `length`: the prefix that a rule led to; 128 for an address. `pool`: whose log to ask where no pool is narrower. */
  | { readonly family: 6; readonly address: bigint; readonly length: number; readonly pool?: Pool };

/** What one step looked at; for whoever asks why, and for the digest of the audit. Holds name lines by number only. */
export interface Step {
  readonly place: string;
  readonly address: Address;
  readonly pool: string;
  readonly kind: PoolKind;
  readonly from: Instant;
  readonly to: Instant;
  readonly sources: readonly string[];
  readonly lacking: string | null;
  readonly holds: readonly Hold[];
}

const placeText = (place: Place): string =>
  place.family === 4
    ? `${place.realm === '' ? '' : `${place.realm}/`}${formatAddress({ family: 4, value: BigInt(place.address) })}`
    : place.length === 128
      ? formatAddress({ family: 6, value: place.address })
      : formatPrefix({ family: 6, base: place.address, length: place.length });

const poolAt = (logs: Logs, place: Place, at: Instant): Pool | undefined =>
  place.family === 4
    ? logs.pools.of(place.address, at, place.realm)
    : (logs.pools.of6(place.address, at) ?? place.pool);

const NOTHING: readonly Hold[] = [];

/**
 * Holds of the sources that speak for the pool; of an IPv6 address those of every prefix around it. A longer prefix does not win
 * against a shorter one of another line: its end may only have been written late.
 */
function holdsAt(logs: Logs, { sources }: Serving, place: Place, from: Instant, to: Instant): readonly Hold[] {
  const all =
    place.family === 4 ? logs.touching(place.address, place.port, from, to) : logs.touching6(place.address, from, to);
  return all.every(h => sources.has(h.source)) ? all : all.filter(h => sources.has(h.source));
}

/** `steps`, when given, is filled with what was looked at. */
export function identify(logs: Logs, question: Question, steps?: Step[]): Identification {
  const bad = malformed(question) ?? expired(question);
  if (bad) return bad;
  const place = startOf(question);
  if (!place) return no('malformed', 'the address is no IP address');
  return follow(logs, question, place, steps);
}

function startOf({ address, port }: Question): Place | undefined {
  const four = parseIpv4(address);
  if (four !== undefined) return { family: 4, address: four, port, realm: '' };
  const six = parseAddress(address);
  return six?.family === 6 ? { family: 6, address: six.value, length: 128 } : undefined;
}

function follow(logs: Logs, question: Question, start: Place, steps: Step[] | undefined): Identification {
  const { at } = question;
  let place = start;
  let error = question.clockErrorMs;
  let last: Pool | undefined;
  for (let step = 0; step < MOST_STEPS; step++) {
    const pool = poolAt(logs, place, at);
    if (!pool) return step === 0 ? (notMine(pool) as Identification) : inNoPool(place);
    // A rule and the log behind it may be of one pool, whose doubt counts once.
    if (pool !== last) error += pool.logClockErrorMs + GRANULARITY;
    last = pool;
    const window: Window = { at, from: at - error, to: at + error, logs: error - question.clockErrorMs };
    const { from, to } = window;
    const refused =
      expired(question, pool) ??
      infrastructure(pool) ??
      poolEdge(logs.pools, moment => poolAt(logs, place, moment), from, to) ??
      (place.family === 4 ? refuseShared(pool, place.port, step) : undefined);
    if (refused) return refused;
    const onward = place.family === 4 ? onwardOf(pool, place.address, place.port, at, from, to) : undefined;
    if (onward) {
      steps?.push(stepOf(place, pool, window));
      if (onward.to === 'none') return no(onward.verdict, onward.why);
      place = placeOf(onward, pool);
      continue;
    }
    const found = heldAt(logs, pool, place, window, steps);
    if ('verdict' in found) return found;
    const behind = logs.behindOf(found.subscriber);
    if (!behind)
      return {
        verdict: 'unique',
        subscriber: String(found.subscriber),
        why: 'one line held the address, and no other could have',
      };
    place = behindPlace(behind);
  }
  return no('conflict_sources', 'our rules and logs lead from one address to the next without an end');
}

/** A port means nothing behind the first box: an inside pool that is shared again cannot be told apart. */
function refuseShared(pool: Pool, port: number, step: number): Identification | undefined {
  if (step > 0 && isShared(pool)) return no('shared_no_port', 'the inside address is itself shared');
  return sharedNoPort(pool, port) ?? sharedPortImpossible(pool, port);
}

function heldAt(
  logs: Logs,
  pool: Pool,
  place: Place,
  window: Window,
  steps: Step[] | undefined,
): Hold | Identification {
  const { from, to } = window;
  const silent = unreadable(pool);
  if (silent) return silent;
  const speaking = serving(logs, pool);
  const gone = lacking(logs, speaking, from, to);
  const holds = gone && !steps ? NOTHING : holdsAt(logs, speaking, place, from, to);
  steps?.push({
    ...stepOf(place, pool, window),
    sources: [...speaking.sources],
    lacking: gone?.cover ?? null,
    holds,
  });
  if (speaking.boxes.length === 0) return no('log_pending', 'no log of this pool has been imported yet');
  if (speaking.unheard.length > 0) return no('log_pending', `nothing of ${speaking.unheard[0]} has been imported yet`);
  if (gone) return (logGap(gone) ?? staleLog(gone) ?? logPending(gone)) as Identification;
  if (place.family === 6 && holds.some(h => (h.length ?? 128) > place.length))
    return no('conflict_sources', 'the rule gives one prefix to a line, and the log gives parts of it away');
  return (
    unique(holds, window) ??
    whyNobody(holds, window, () =>
      place.family === 4 ? logs.everHeld(place.address, place.port) : logs.everHeld6(place.address),
    )
  );
}

const stepOf = (place: Place, pool: Pool, { from, to }: Window): Step => ({
  place: placeText(place),
  address: { family: place.family, value: BigInt(place.address) },
  pool: formatPrefix(pool.prefix),
  kind: pool.pool,
  from,
  to,
  sources: [],
  lacking: null,
  holds: NOTHING,
});

const inNoPool = (place: Place): Identification =>
  no('log_gap', `the way leads to ${placeText(place)}, which is in none of our pools`);

function placeOf(onward: Exclude<Onward, { to: 'none' }>, pool: Pool): Place {
  return onward.to === 'prefix'
    ? { family: 6, address: onward.prefix, length: onward.length, pool }
    : { family: 4, address: onward.address, port: 0, realm: pool.inside };
}

const behindPlace = (behind: Behind): Place =>
  behind.family === 4
    ? { family: 4, address: behind.address, port: 0, realm: behind.realm }
    : { family: 6, address: behind.address, length: 128 };
