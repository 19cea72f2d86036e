/**
 * The control after an accepted pair. First the decoy: the same account with a random password, which must be refused.
 * Then, where the mandate names a second source address, a ladder of five decoys from there: it catches the honeypot that
 * takes the n-th pair of each source and so refuses a decoy from the first (AuthRandom, n ≤ 5). What does not fit today's
 * budget goes on at the next check. In: the session and what was accepted. Out: the verdict.
 */
import { parseIpv4 } from '../../record/address.ts';
import type { Verdict } from '../../record/observation.ts';
import { makeDecoy } from './decoy.ts';
import type { Session, SessionDeps } from './session.ts';
import { verdictOfDecoy, verdictOfRefusal } from './verdict.ts';

/** How far the control has come. */
export interface Progress {
  /** The decoy from our own source was refused. */
  readonly refused: boolean;
  /** Decoys from the second source that were refused. */
  readonly rungs: number;
}

export interface Accepted {
  readonly user: string;
  /** Whether an answer has the shape of the accepted one. */
  sameShape(shape: string): boolean;
  /** It was the first try this device had from us, as far as is remembered: no n-th with n ≥ 2. */
  readonly atOnce: boolean;
  /** The device looks like a decoy itself. */
  readonly deceptive: boolean;
  /** Where it was tried from. */
  readonly source: string | undefined;
  readonly progress: Progress;
  /** Called at each step: what it is told is not done again. */
  keep(progress: Progress): void;
}

export const LADDER = 5;

/** A second address we may come from: a host the mandate names that is not the first. */
export function secondSource(addresses: readonly string[], first: string | undefined): string | undefined {
  const hosts = addresses.map(text => text.replace(/\/32$/, '')).filter(text => parseIpv4(text) !== undefined);
  return first === undefined ? undefined : hosts.find(host => host !== first);
}

export async function controlOf(accepted: Accepted, session: Session, deps: SessionDeps): Promise<Verdict> {
  const { mandate } = deps.gate;
  if (!mandate.decoys.permitted) return 'WEAK_UNCONFIRMED';
  const decoy = async (from?: string): Promise<Verdict> => {
    const tried = await session.try({
      user: accepted.user,
      password: makeDecoy(deps.catalogue, deps.random),
      kind: 'decoy',
      ordinal: null,
      act: 'decoy',
      ...(from === undefined ? {} : { from }),
    });
    if (typeof tried === 'string' || tried.lockout) return 'WEAK_UNCONFIRMED';
    const { outcome, refusal } = tried.conversation;
    if (outcome === 'POLICY_STOP') return refusal === undefined ? 'INCONCLUSIVE' : verdictOfRefusal(refusal);
    return verdictOfDecoy(outcome, accepted.sameShape(tried.shape));
  };

  let { refused, rungs } = accepted.progress;
  if (!refused) {
    const first = await decoy();
    if (first !== 'WEAK') return first;
    refused = true;
    accepted.keep({ refused, rungs });
  }
  const elsewhere = secondSource(mandate.sources.addresses, accepted.source);
  // Without a second source one that takes the n-th pair cannot be told from a weak device, only suspected.
  if (elsewhere === undefined) return accepted.deceptive && !accepted.atOnce ? 'INCONCLUSIVE' : 'WEAK';
  // Who takes the first pair of each source takes the first decoy from elsewhere.
  while (rungs < (accepted.atOnce ? 1 : LADDER)) {
    const verdict = await decoy(elsewhere);
    if (verdict === 'ACCEPTS_ANYTHING') return 'SUSPECT_DECEPTION';
    if (verdict !== 'WEAK') return verdict === 'INCONCLUSIVE' ? 'WEAK_UNCONFIRMED' : verdict;
    accepted.keep({ refused, rungs: ++rungs });
  }
  return 'WEAK';
}
