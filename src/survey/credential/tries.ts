/**
 * The tries on one service, one after the other, until the first pair is accepted or the plan is at its end; then the
 * control. In: the look, the session, the opening. Out: a decision.
 */
import type { Instant } from '../../record/instant.ts';
import type { Outcome, Verdict } from '../../record/observation.ts';
import { driverOf } from '../probe/drivers.ts';
import type { Conversation } from '../probe/runner.ts';
import type { Pair } from './catalogue.ts';
import { controlOf } from './control.ts';
import { type OpenHit, openHit } from './hit.ts';
import type { Look, Target } from './knock.ts';
import type { Given, Opening } from './opening.ts';
import { type Judged, refusalOf, type Session, type SessionDeps } from './session.ts';
import { verdictOfRefusal } from './verdict.ts';

export interface Decision {
  readonly verdict: Verdict;
  /** How the last conversation that mattered ended. */
  readonly outcome: Outcome;
  readonly source: Conversation['source'];
  readonly at: Instant;
  readonly refusals?: number;
  readonly complete?: boolean;
  readonly pair?: Pair;
}

export interface Trying {
  readonly target: Target;
  readonly seen: Look;
  readonly session: Session;
  readonly opening: Opening;
  readonly deps: SessionDeps;
}

/** So many tries without a clear answer, and nothing more is learned by going on. */
const MOST_UNCLEAR = 2;
const CLEARLY_REFUSED: ReadonlySet<Outcome> = new Set<Outcome>(['REJECT', 'USER_REJECTED']);
/** It no longer asks, or asks something else: not the service that was looked at. */
const OTHERWISE: ReadonlySet<Outcome> = new Set<Outcome>(['OPEN_SESSION', 'OPEN_PAGE', 'NOT_A_LOGIN']);
/** These verdicts end a control; the others leave it for the next check. */
const CONTROLLED: ReadonlySet<Verdict> = new Set<Verdict>(['WEAK', 'ACCEPTS_ANYTHING', 'SUSPECT_DECEPTION']);

export async function tryPairs(trying: Trying): Promise<Decision> {
  const { target, seen, session, opening } = trying;
  const { plan } = opening;
  let last = seen.conversation;
  let refusals = 0;
  let unclear = 0;
  let capped = false;
  const so = (verdict: Verdict) => ({ verdict, outcome: last.outcome, source: last.source, at: last.at, refusals });
  if (opening.hit) return goOn(trying, opening.hit);
  if (opening.broken) return so('INCONCLUSIVE');

  let tried: Awaited<ReturnType<Session['try']>> | undefined = session.first;
  let given: Given | undefined = opening.given ?? plan.next();
  for (; given; given = plan.next(), tried = undefined) {
    const { pair, account } = given;
    tried ??= await session.try({
      user: account,
      password: pair.password,
      kind: 'attempt',
      ordinal: pair.ordinal,
      act: 'attempt',
    });
    if (tried === 'account-day') {
      plan.closeAccount(account);
      continue;
    }
    if (tried === 'device-day' || tried === 'net-day' || tried === 'isp-day') {
      capped = true;
      break;
    }
    if (typeof tried === 'string') return so(tried === 'stopped' ? 'LOCKED_COOLING' : 'INCONCLUSIVE');
    last = tried.conversation;
    const { outcome, refusal } = last;
    if (outcome === 'POLICY_STOP') return so(verdictOfRefusal(refusal));
    if (tried.lockout) return so('LOCKED_COOLING');
    if (outcome === 'ACCEPT') return { ...so(await control(trying, given, tried)), pair };
    // Where the look cannot see whether a login is needed, the first try does.
    if (outcome === 'OPEN_SESSION' && session.tries === 1 && driverOf(target.protocol)?.attempt)
      return so(await confirmOpen(trying, given));
    // Our own want says nothing about the device, and the next try would fare no better.
    if (OTHERWISE.has(outcome) || outcome === 'LOCAL_RESOURCE') return so('INCONCLUSIVE');
    if (CLEARLY_REFUSED.has(outcome)) refusals++;
    else if (++unclear >= MOST_UNCLEAR) return so('INCONCLUSIVE');
  }
  const complete = unclear === 0 && !capped && plan.complete();
  // A pair that was neither taken nor refused may be the right one.
  return { ...so(refusals > 0 && unclear === 0 ? 'CLEAR' : 'INCONCLUSIVE'), complete };
}

async function control({ target, seen, session, deps }: Trying, { pair, account }: Given, tried: Judged) {
  const { tries, earlier } = deps.budget.remembers(target.address);
  const { source } = tried.conversation;
  const hit = openHit(target, seen, pair, tried.shape, deps);
  return judged(hit, { user: account, atOnce: tries === 1 && !earlier, seen, source }, session, deps);
}

/** A hit of an earlier check. How many tries went before it is no longer known, so nothing is taken to be the first. */
async function goOn({ seen, session, deps }: Trying, hit: OpenHit): Promise<Decision> {
  const { outcome, source, at } = seen.conversation;
  const user = seen.asks === 'password' ? '' : hit.pair.user;
  const verdict = await judged(hit, { user, atOnce: false, seen, source }, session, deps);
  return { verdict, outcome, source, at, pair: hit.pair };
}

async function judged(
  hit: OpenHit,
  of: { readonly user: string; readonly atOnce: boolean; readonly seen: Look; readonly source: Conversation['source'] },
  session: Session,
  deps: SessionDeps,
): Promise<Verdict> {
  const { user, atOnce, seen, source } = of;
  const { deceptive } = seen.identification;
  const verdict = await controlOf({ ...hit, user, atOnce, deceptive, source: source?.address }, session, deps);
  if (CONTROLLED.has(verdict)) hit.drop();
  return verdict;
}

/** A session that opened without the pair being asked for is claimed only when a second connection agrees. */
async function confirmOpen({ target, session, deps }: Trying, { pair, account }: Given): Promise<Verdict> {
  if (!deps.gate.mandate.noLoginChecks.permitted || refusalOf(target, 'no-login', deps.gate)) return 'INCONCLUSIVE';
  const { password, ordinal } = pair;
  const again = await session.try({ user: account, password, kind: 'attempt', ordinal, act: 'no-login' });
  return typeof again !== 'string' && again.conversation.outcome === 'OPEN_SESSION' ? 'NO_AUTH' : 'INCONCLUSIVE';
}
