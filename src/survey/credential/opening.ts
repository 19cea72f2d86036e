/**
 * What a check decides the moment a service asks for a login: whether anything may be tried on it, and the first pair, which
 * then rides on the connection of the look. In: what the service showed. Out: an offer that is reserved and logged, or null.
 * All of it at once, because the peer waits.
 */
import type { Offer } from '../probe/runner.ts';
import { type ClassWatch, classWatch } from './class-watch.ts';
import { hitOf, type OpenHit } from './hit.ts';
import type { Shown, Target } from './knock.ts';
import { type Plan, planOf } from './plan.ts';
import { reserveNow } from './reserve.ts';
import { refusalOf, type SessionDeps } from './session.ts';

export type Given = NonNullable<ReturnType<Plan['next']>>;

export interface Opening {
  readonly watch: ClassWatch;
  readonly plan: Plan;
  /** A control to be finished; then no pair is tried. */
  readonly hit: OpenHit | undefined;
  /** The class gets no tries. */
  readonly broken: boolean;
  /** The pair that was offered on the look's connection, or was next when the budget said not yet. */
  given: Given | undefined;
}

export function openingOf(target: Target, seen: Shown, deps: SessionDeps): Opening {
  const { budget, catalogue, clocks } = deps;
  const { device } = seen.identification;
  const watch = classWatch(device, target.protocol, deps);
  watch.seen();
  const { perDevicePerRound, perDevicePerDay } = budget.limits;
  const most = budget.classes.tries(watch.name, Math.min(perDevicePerRound, perDevicePerDay), clocks.calendar());
  const of = {
    protocol: target.protocol,
    vendor: device.vendor,
    passwordOnly: seen.asks === 'password',
    seed: deps.random(8),
  };
  const round = Number.isFinite(perDevicePerRound) ? budget.remembers(target.address).pairs : 0;
  return {
    watch,
    hit: hitOf(target, seen, deps),
    broken: budget.classes.broken(watch.name),
    plan: planOf(target.address, of, most - round, { gate: deps.gate, budget, catalogue }),
    given: undefined,
  };
}

export function offerFor(target: Target, opening: Opening, deps: SessionDeps): Offer | null {
  if (opening.hit || opening.broken) return null;
  if (refusalOf(target, 'attempt', deps.gate)) return null;
  const given = opening.plan.next();
  opening.given = given;
  if (!given) return null;
  const { pair, account } = given;
  const of = {
    account,
    kind: 'attempt',
    ordinal: pair.ordinal,
    catalogueVersion: deps.catalogue.version,
  } as const;
  if (!reserveNow(target, of, deps).granted) return null;
  return { credential: { user: account, password: pair.password.reveal() }, act: 'attempt' };
}
