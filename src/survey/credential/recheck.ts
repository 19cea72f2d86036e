/**
 * A re-check: the owner says it is mended, and asks. One look at the recorded target, and for a guessable password the one
 * pair that matched, once. In: target, kind, which pair. Out: `fixed`, `still-open`, or why it cannot be said.
 */
import type { FindingKind } from '../../record/glossary.ts';
import type { Outcome } from '../../record/observation.ts';
import type { RecheckResult } from '../../record/recheck.ts';
import { firmwareState } from '../firmware/state.ts';
import { type CheckDeps, checkService, type Target } from './check.ts';
import { type Look, look } from './knock.ts';
import { openSession, refusalOf } from './session.ts';

export interface RecheckTarget extends Target {
  readonly kind: FindingKind;
  /** Which entry matched. Null or of another version: the whole check is run instead. */
  readonly pair?: { readonly catalogueVersion: string; readonly ordinal: number } | null;
  /** Maker and model of the finding, where known: another device at the address is no repair. */
  readonly expects?: { readonly vendor: string | null; readonly model: string | null };
}

export interface RecheckOutcome {
  readonly result: RecheckResult;
  readonly clears: readonly FindingKind[];
}

const say = (result: RecheckResult, kind?: FindingKind): RecheckOutcome => ({
  result,
  clears: kind === undefined ? [] : [kind],
});

export async function recheckService(target: RecheckTarget, deps: CheckDeps): Promise<RecheckOutcome> {
  const { gate, clocks } = deps;
  const { kind, expects } = target;
  if (refusalOf(target, 'recheck', gate)) return say('not-allowed');
  const notAfter = clocks.monotonic() + gate.mandate.deadlines.checkMs;
  const seen = await look(target, { act: 'recheck', notAfter }, deps);
  const { outcome } = seen.conversation;
  if (outcome === 'POLICY_STOP') return say('not-allowed');
  const { device } = seen.identification;
  // Only a device that says it is another one; saying nothing may be part of the repair.
  if (device.model !== undefined && expects?.model != null && device.model !== expects.model)
    return say('address-changed');
  if (kind === 'firmware') {
    const state = firmwareState(device);
    return state === 'fixed' ? say('fixed', kind) : say(state === 'vulnerable' ? 'still-open' : 'no-answer');
  }
  if (kind === 'no-login')
    return outcome === 'LOGIN_PROMPT'
      ? say('fixed', kind)
      : say(outcome === 'OPEN_SESSION' ? 'still-open' : 'no-answer');
  if (kind !== 'guessable') return say('no-answer');
  if (outcome === 'OPEN_SESSION') return say('still-open');
  if (outcome !== 'LOGIN_PROMPT' || seen.identification.offLimits) return say('no-answer');
  return retry(target, seen, notAfter, deps);
}

const REFUSED: ReadonlySet<Outcome> = new Set<Outcome>(['REJECT', 'USER_REJECTED']);

async function retry(target: RecheckTarget, seen: Look, notAfter: number, deps: CheckDeps): Promise<RecheckOutcome> {
  const { catalogue } = deps;
  const pair = target.pair?.catalogueVersion === catalogue.version ? catalogue.pairs[target.pair.ordinal] : undefined;
  if (!pair) return wholeCheck(target, deps);
  const user = seen.asks === 'password' ? '' : pair.user;
  const session = openSession(target, seen, notAfter, deps);
  const { password, ordinal } = pair;
  const tried = await session.try({ user, password, kind: 'attempt', ordinal, act: 'recheck' });
  if (typeof tried === 'string') return say(tried === 'aborted' ? 'no-answer' : 'too-often');
  const { outcome } = tried.conversation;
  if (outcome === 'POLICY_STOP')
    return say(tried.conversation.refusal === undefined ? 'address-changed' : 'not-allowed');
  if (outcome === 'ACCEPT') return say('still-open');
  return REFUSED.has(outcome) && !tried.lockout ? say('fixed', 'guessable') : say('no-answer');
}

/** The catalogue changed since: only a completed check without a hit says fixed. */
async function wholeCheck(target: Target, deps: CheckDeps): Promise<RecheckOutcome> {
  const { verdict, clears } = await checkService(target, deps);
  if (verdict === 'WEAK' || verdict === 'WEAK_UNCONFIRMED' || verdict === 'NO_AUTH') return say('still-open');
  return clears.includes('guessable') ? say('fixed', 'guessable') : say('no-answer');
}
