/**
 * Decides about one service of one device: does it take a guessable pair, or none at all? First a look without any
 * credential, then the few pairs that fit, one a connection, each reserved and logged before it is sent, until the first
 * is accepted; then the control. In: a target. Out: the verdict and what may be said of it; no banner, no pair.
 */
import type { FindingKind } from '../../record/glossary.ts';
import type { Instant } from '../../record/instant.ts';
import type { Device, FirmwareState, Outcome, Reported, RuleCode, Verdict } from '../../record/observation.ts';
import { firmwareState } from '../firmware/state.ts';
import { UNKNOWN } from '../identify/identify.ts';
import type { Pair } from './catalogue.ts';
import { controlOf } from './control.ts';
import { type Look, look, type Target } from './knock.ts';
import { orderPairs } from './order.ts';
import { wait } from './reserve.ts';
import { breathMs, openSession, refusalOf, type Session, type SessionDeps } from './session.ts';
import { conclude, verdictOfIdentify, verdictOfRefusal } from './verdict.ts';

export type { Target } from './knock.ts';
export type CheckDeps = SessionDeps;

export interface CheckResult {
  readonly verdict: Verdict;
  readonly reported: Reported;
  readonly device: Device;
  readonly firmwareState: FirmwareState | null;
  /** Weaknesses found. */
  readonly kinds: readonly FindingKind[];
  /** Rules the accepted pair breaks, or NO_AUTH; FIRMWARE goes with that kind and is not among them. */
  readonly ruleCodes: readonly RuleCode[];
  /** Of the accepted pair when the verdict is WEAK, in this catalogue version. */
  readonly ordinal: number | null;
  /** Where we asked from, once connected. */
  readonly source: { readonly address: string; readonly port: number } | null;
  /** Of the conversation that decided. */
  readonly at: Instant;
  /** It asked for a login. */
  readonly prompt: boolean;
  readonly clears: readonly FindingKind[];
  readonly tries: number;
  /** How the last conversation that mattered ended. */
  readonly outcome: Outcome;
  readonly bytes: { readonly in: number; readonly out: number };
}

/** What the middle of the check found; the frame around it is the same for every way out. */
interface Decision {
  readonly verdict: Verdict;
  readonly outcome: Outcome;
  readonly source: CheckResult['source'];
  readonly at: Instant;
  readonly refusals?: number;
  readonly complete?: boolean;
  readonly pair?: Pair;
}

/** So many tries without a clear answer, and nothing more is learned by going on. */
const MOST_UNCLEAR = 2;
const CLEARLY_REFUSED: ReadonlySet<Outcome> = new Set<Outcome>(['REJECT', 'USER_REJECTED']);

export async function checkService(target: Target, deps: CheckDeps): Promise<CheckResult> {
  const { clocks, gate } = deps;
  const notAfter = clocks.monotonic() + gate.mandate.deadlines.checkMs;
  const refusal = refusalOf(target, 'identify', gate);
  if (refusal) {
    const decision = { verdict: verdictOfRefusal(refusal), outcome: 'POLICY_STOP' as const, source: null };
    return frame({ ...decision, at: clocks.calendar() }, undefined, undefined);
  }
  const seen = await look(target, { act: 'identify', notAfter }, deps);
  const session = openSession(target, seen, notAfter, deps);
  const { conversation } = seen;
  const { outcome } = conversation;
  const here = { outcome, source: conversation.source, at: conversation.at };
  if (outcome === 'POLICY_STOP')
    return frame({ ...here, verdict: verdictOfRefusal(conversation.refusal) }, seen, session);
  // Invariant 6: nothing at all against medical, industrial or printing services.
  if (seen.identification.offLimits) return frame({ ...here, verdict: 'OUT_OF_MANDATE' }, seen, session);
  if (outcome === 'LOCKOUT' || outcome === 'THROTTLED') deps.budget.stopDevice(target.address);
  const early = verdictOfIdentify(outcome);
  if (early) return frame({ ...here, verdict: early }, seen, session);
  if (outcome === 'OPEN_SESSION') return frame(await confirmOpen(target, seen, notAfter, deps), seen, session);
  return frame(await tryPairs(target, seen, session, deps), seen, session);
}

/** A session without a login is claimed only when a second connection agrees, and the mandate allows that one. */
async function confirmOpen(target: Target, seen: Look, notAfter: number, deps: CheckDeps): Promise<Decision> {
  const first = seen.conversation;
  const unsure = { verdict: 'INCONCLUSIVE' as const, outcome: first.outcome, source: first.source, at: first.at };
  if (!deps.gate.mandate.noLoginChecks.permitted) return unsure;
  await wait(breathMs(deps.gate), deps.signal);
  const { conversation, identity } = await look(target, { act: 'no-login', notAfter }, deps);
  const { outcome, source, at, refusal } = conversation;
  if (outcome === 'POLICY_STOP') return { verdict: verdictOfRefusal(refusal), outcome, source, at };
  if (outcome !== 'OPEN_SESSION' || identity !== seen.identity) return unsure;
  return { verdict: 'NO_AUTH', outcome, source, at };
}

async function tryPairs(target: Target, seen: Look, session: Session, deps: CheckDeps): Promise<Decision> {
  const { gate, budget, catalogue } = deps;
  const { limits, decoys } = gate.mandate;
  const passwordOnly = seen.asks === 'password';
  const vendor = seen.identification.device.vendor;
  const plan = orderPairs(catalogue, { protocol: target.protocol, vendor, passwordOnly, seed: deps.random(8) });
  const keep = decoys.permitted ? 1 : 0;
  const perAccount = new Map<string, number>();
  const closed = new Set<string>();
  let last = seen.conversation;
  let refusals = 0;
  let unclear = 0;
  let skipped = 0;
  const so = (verdict: Verdict) => ({ verdict, outcome: last.outcome, source: last.source, at: last.at, refusals });

  for (const pair of plan) {
    const account = passwordOnly ? '' : pair.user;
    const used = perAccount.get(account) ?? 0;
    // One try of the account's and the device's day is kept for the decoy: a hit without a control is worth nothing.
    const full = closed.has(account) || used + keep >= limits.triesPerAccountPerDay;
    if (full || budget.spent(target.address) + keep >= limits.triesPerDevicePerDay) {
      skipped++;
      continue;
    }
    const tried = await session.try({
      user: account,
      password: pair.password,
      kind: 'attempt',
      ordinal: pair.ordinal,
      act: 'attempt',
    });
    if (typeof tried === 'string') {
      skipped++;
      if (tried === 'account-day') closed.add(account);
      else if (tried === 'stopped') return so('LOCKED_COOLING');
      else if (tried !== 'device-day') return so('INCONCLUSIVE');
      continue;
    }
    perAccount.set(account, used + 1);
    last = tried.conversation;
    const { outcome, refusal, source, at } = last;
    if (outcome === 'POLICY_STOP') return so(verdictOfRefusal(refusal));
    if (tried.lockout) return so('LOCKED_COOLING');
    if (outcome === 'ACCEPT') {
      const { shape } = tried;
      const accepted = { user: account, shape, position: session.tries, source: source?.address };
      const verdict = await controlOf(accepted, session, deps);
      return { verdict, outcome, source, at, refusals, pair };
    }
    if (CLEARLY_REFUSED.has(outcome)) refusals++;
    else {
      // It no longer asks, or asks something else: not the service that was looked at.
      if (outcome === 'OPEN_SESSION' || outcome === 'OPEN_PAGE' || outcome === 'NOT_A_LOGIN') return so('INCONCLUSIVE');
      if (++unclear >= MOST_UNCLEAR) return so('INCONCLUSIVE');
    }
  }
  return { ...so(refusals > 0 ? 'CLEAR' : 'INCONCLUSIVE'), complete: unclear === 0 && skipped === 0 };
}

function frame(decision: Decision, seen: Look | undefined, session: Session | undefined): CheckResult {
  const { verdict, outcome, source, at, refusals = 0, complete = false, pair } = decision;
  const device = seen?.identification.device ?? UNKNOWN;
  const state = firmwareState(device);
  const prompt = seen?.conversation.outcome === 'LOGIN_PROMPT';
  const weak = verdict === 'WEAK' ? pair : undefined;
  return {
    verdict,
    ...conclude({ verdict, firmwareState: state, prompt, refusals, complete }),
    device,
    firmwareState: state,
    ruleCodes: weak ? weak.ruleCodes : verdict === 'NO_AUTH' ? ['NO_AUTH'] : [],
    ordinal: weak ? weak.ordinal : null,
    source,
    at,
    prompt,
    tries: session?.tries ?? 0,
    outcome,
    bytes: session?.bytes ?? { in: 0, out: 0 },
  };
}
