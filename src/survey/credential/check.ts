/**
 * Decides about one service of one device: does it take a guessable pair, or none at all? First a look, on whose connection
 * the first pair may ride; then the few others that fit, one a connection, each reserved and logged before it is sent,
 * until the first is accepted; then the control. In: a target. Out: the verdict and what may be said of it; no banner, no
 * pair.
 */
import type { FindingKind } from '../../record/glossary.ts';
import type { Instant } from '../../record/instant.ts';
import type { Device, FirmwareState, Outcome, Reported, RuleCode, Verdict } from '../../record/observation.ts';
import { firmwareState } from '../firmware/state.ts';
import { UNKNOWN } from '../identify/identify.ts';
import { type Look, look, type Target } from './knock.ts';
import { type Opening, offerFor, openingOf } from './opening.ts';
import { inTurn, turnFor, wait } from './reserve.ts';
import { breathMs, openSession, refusalOf, type Session, type SessionDeps, unheld } from './session.ts';
import { type Decision, tryPairs } from './tries.ts';
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

export async function checkService(target: Target, deps: CheckDeps): Promise<CheckResult> {
  const { clocks, gate, budget } = deps;
  const notAfter = clocks.monotonic() + gate.mandate.deadlines.checkMs;
  const refusal = refusalOf(target, 'identify', gate);
  if (refusal) {
    const decision = { verdict: verdictOfRefusal(refusal), outcome: 'POLICY_STOP' as const, source: null };
    return frame({ ...decision, at: clocks.calendar() }, undefined, undefined);
  }
  let opening: Opening | undefined;
  const turn = turnFor(target.address, notAfter, deps);
  const never = turn && (await turn);
  if (never) {
    const { outcome, source, at } = unheld(never === 'aborted' ? 'stopped' : 'local', clocks.calendar());
    return frame({ verdict: 'INCONCLUSIVE', outcome, source, at }, undefined, undefined);
  }
  let seen: Look;
  try {
    seen = await look(target, { act: 'identify', notAfter }, deps, shown => {
      if (shown.identification.offLimits) return null;
      opening = openingOf(target, shown, deps);
      return offerFor(target, opening, deps);
    });
  } finally {
    budget.pace.leave(target.address);
  }
  const { conversation, identification } = seen;
  const { outcome, refusal: why } = conversation;
  const here = { outcome, source: conversation.source, at: conversation.at };
  if (!conversation.offered) {
    const done = (verdict: Verdict) => frame({ ...here, verdict }, seen, undefined);
    if (outcome === 'POLICY_STOP') return done(verdictOfRefusal(why));
    // Invariant 6: nothing at all against medical, industrial or printing services.
    if (identification.offLimits) return done('OUT_OF_MANDATE');
    if (outcome === 'LOCKOUT' || outcome === 'THROTTLED') budget.stopDevice(target.address);
    const early = verdictOfIdentify(outcome);
    if (early) return done(early);
    if (outcome === 'OPEN_SESSION') return frame(await confirmOpen(target, seen, notAfter, deps), seen, undefined);
  }
  // A driver whose look ends with the login asks for no pair.
  opening ??= openingOf(target, seen, deps);
  const session = openSession(target, seen, notAfter, opening.watch, deps);
  return frame(await tryPairs({ target, seen, session, opening, deps }), seen, session);
}

/** A session without a login is claimed only when a second connection agrees, and the mandate allows that one. */
async function confirmOpen(
  target: Target,
  { conversation: first, identity }: Look,
  notAfter: number,
  deps: CheckDeps,
): Promise<Decision> {
  const unsure = { verdict: 'INCONCLUSIVE' as const, outcome: first.outcome, source: first.source, at: first.at };
  if (!deps.gate.mandate.noLoginChecks.permitted) return unsure;
  await wait(breathMs(deps.gate), deps.signal);
  const again = await inTurn(target.address, notAfter, deps, () => look(target, { act: 'no-login', notAfter }, deps));
  if (typeof again === 'string') return unsure;
  const { outcome, refusal, source, at } = again.conversation;
  if (outcome === 'POLICY_STOP') return { verdict: verdictOfRefusal(refusal), outcome, source, at };
  return outcome === 'OPEN_SESSION' && again.identity === identity
    ? { verdict: 'NO_AUTH', outcome, source, at }
    : unsure;
}

const FIRMWARE = /^[\w.-]{1,32}$/;

/** Member by member: nothing else of what a device said of itself can pass, whatever identification learns to tell. */
export function deviceOf({ vendor, model, firmware, confidence, rule }: Device): Device {
  return {
    ...(vendor === undefined ? {} : { vendor }),
    ...(model === undefined ? {} : { model }),
    ...(firmware === undefined || !FIRMWARE.test(firmware) ? {} : { firmware }),
    confidence,
    ...(rule === undefined ? {} : { rule }),
  };
}

function frame(decision: Decision, seen: Look | undefined, session: Session | undefined): CheckResult {
  const { verdict, outcome, source, at, refusals = 0, complete = false, pair } = decision;
  const device = deviceOf(seen?.identification.device ?? UNKNOWN);
  const state = firmwareState(device);
  const prompt = seen !== undefined && (seen.conversation.offered || seen.conversation.outcome === 'LOGIN_PROMPT');
  const weak = verdict === 'WEAK' ? pair : undefined;
  const { bytesIn = 0, bytesOut = 0 } = seen?.conversation ?? {};
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
    bytes: session?.bytes ?? { in: bytesIn, out: bytesOut },
  };
}
