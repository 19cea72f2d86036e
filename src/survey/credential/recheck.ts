/**
 * A re-check: the owner says it is mended, and asks. One look at the recorded target, and for a guessable password the one
 * pair that matched, once, on the same connection where that can be. In: target, kind, which pair. Out: `fixed`,
 * `still-open`, or why it cannot be said. Fixed is only what a completed conversation clearly refused.
 */
import type { FindingKind } from '../../record/glossary.ts';
import type { Outcome } from '../../record/observation.ts';
import type { RecheckResult } from '../../record/recheck.ts';
import { firmwareState } from '../firmware/state.ts';
import type { Offer } from '../probe/runner.ts';
import type { Pair } from './catalogue.ts';
import { type CheckDeps, checkService, deviceOf, type Target } from './check.ts';
import { classWatch } from './class-watch.ts';
import { type Look, look, type Shown } from './knock.ts';
import { inTurn, reserveNow } from './reserve.ts';
import { type Judged, openSession, refusalOf } from './session.ts';

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
  const { gate, clocks, catalogue } = deps;
  const { kind } = target;
  if (refusalOf(target, 'recheck', gate)) return say('not-allowed');
  const notAfter = clocks.monotonic() + gate.mandate.deadlines.checkMs;
  const matched = target.pair?.catalogueVersion === catalogue.version ? target.pair.ordinal : -1;
  const pair = kind === 'guessable' ? catalogue.pairs[matched] : undefined;
  const seen = await inTurn(target.address, notAfter, deps, () =>
    look(target, { act: 'recheck', notAfter }, deps, shown => (pair ? offerOf(target, shown, pair, deps) : null)),
  );
  if (seen === 'too-late') return say('too-often');
  if (seen === 'aborted') return say('no-answer');
  const { outcome, offered } = seen.conversation;
  if (outcome === 'POLICY_STOP') return say('not-allowed');
  if (isOther(target, seen)) return say('address-changed');
  if (kind === 'firmware') {
    const state = firmwareState(deviceOf(seen.identification.device));
    return state === 'fixed' ? say('fixed', kind) : say(state === 'vulnerable' ? 'still-open' : 'no-answer');
  }
  if (kind === 'no-login')
    return outcome === 'LOGIN_PROMPT'
      ? say('fixed', kind)
      : say(outcome === 'OPEN_SESSION' ? 'still-open' : 'no-answer');
  if (kind !== 'guessable') return say('no-answer');
  if (outcome === 'OPEN_SESSION') return say('still-open');
  if (!offered && (outcome !== 'LOGIN_PROMPT' || seen.identification.offLimits)) return say('no-answer');
  return pair ? retry(target, seen, pair, notAfter, deps) : wholeCheck(target, deps);
}

/** Only a device that says it is another one; saying nothing may be part of the repair. */
function isOther({ expects }: RecheckTarget, { identification: { device } }: Shown): boolean {
  return device.model !== undefined && expects?.model != null && device.model !== expects.model;
}

const accountOf = (seen: Shown, pair: Pair): string => (seen.asks === 'password' ? '' : pair.user);

/** The pair on the look's own connection, when gate and budget say yes at once. */
function offerOf(target: RecheckTarget, seen: Shown, pair: Pair, deps: CheckDeps): Offer | null {
  if (seen.identification.offLimits || isOther(target, seen)) return null;
  if (refusalOf(target, 'recheck', deps.gate)) return null;
  const user = accountOf(seen, pair);
  const { ordinal, password } = pair;
  const of = { account: user, kind: 'attempt', ordinal, catalogueVersion: deps.catalogue.version } as const;
  if (!reserveNow(target, of, deps).granted) return null;
  return { credential: { user, password: password.reveal() }, act: 'recheck' };
}

const REFUSED: ReadonlySet<Outcome> = new Set<Outcome>(['REJECT', 'USER_REJECTED']);

async function retry(
  target: RecheckTarget,
  seen: Look,
  pair: Pair,
  notAfter: number,
  deps: CheckDeps,
): Promise<RecheckOutcome> {
  const watch = classWatch(seen.identification.device, target.protocol, deps);
  const session = openSession(target, seen, notAfter, watch, deps);
  const { password, ordinal } = pair;
  const tried: Judged | string =
    session.first ??
    (await session.try({ user: accountOf(seen, pair), password, kind: 'attempt', ordinal, act: 'recheck' }));
  if (typeof tried === 'string') return say(tried === 'aborted' ? 'no-answer' : 'too-often');
  const { outcome, refusal } = tried.conversation;
  if (outcome === 'POLICY_STOP') return say(refusal === undefined ? 'address-changed' : 'not-allowed');
  if (outcome === 'ACCEPT' || outcome === 'OPEN_SESSION') return say('still-open');
  return REFUSED.has(outcome) && !tried.lockout ? say('fixed', 'guessable') : say('no-answer');
}

/** The catalogue changed since: only a completed check without a hit says fixed. */
async function wholeCheck(target: Target, deps: CheckDeps): Promise<RecheckOutcome> {
  const { verdict, clears } = await checkService(target, deps);
  if (verdict === 'WEAK' || verdict === 'WEAK_UNCONFIRMED' || verdict === 'NO_AUTH') return say('still-open');
  return clears.includes('guessable') ? say('fixed', 'guessable') : say('no-answer');
}
