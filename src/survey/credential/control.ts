/**
 * The control after an accepted pair. First the decoy: the same account with a random password, which must be refused.
 * Then, where the mandate names a second source address and allows enough decoys, a ladder of them from there: it
 * catches the honeypot that takes the n-th pair of each source and so refuses a decoy from the first (AuthRandom, n ≤ 5).
 * In: the session and what was accepted. Out: the verdict.
 */
import { parseIpv4 } from '../../record/address.ts';
import type { Verdict } from '../../record/observation.ts';
import { makeDecoy } from './decoy.ts';
import type { Session, SessionDeps } from './session.ts';
import { verdictOfDecoy, verdictOfRefusal } from './verdict.ts';

export interface Accepted {
  readonly user: string;
  readonly shape: string;
  /** How many tries it took, the accepted one included. */
  readonly position: number;
  /** Where it was tried from. */
  readonly source: string | undefined;
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
    if (typeof tried === 'string') return 'WEAK_UNCONFIRMED';
    const { outcome, refusal } = tried.conversation;
    if (outcome === 'POLICY_STOP') return refusal === undefined ? 'INCONCLUSIVE' : verdictOfRefusal(refusal);
    if (tried.lockout) return 'LOCKED_COOLING';
    return verdictOfDecoy({ outcome, shape: tried.shape }, accepted);
  };

  const first = await decoy();
  if (first !== 'WEAK') return first;
  // A first try cannot be an n-th one with n ≥ 2.
  const elsewhere = secondSource(mandate.sources.addresses, accepted.source);
  if (accepted.position === 1 || elsewhere === undefined || mandate.decoys.perDevicePerDay <= LADDER) return 'WEAK';
  for (let rung = 0; rung < LADDER; rung++) {
    const verdict = await decoy(elsewhere);
    if (verdict === 'ACCEPTS_ANYTHING') return 'SUSPECT_DECEPTION';
    if (verdict !== 'WEAK') return verdict === 'INCONCLUSIVE' ? 'WEAK_UNCONFIRMED' : verdict;
  }
  return 'WEAK';
}
