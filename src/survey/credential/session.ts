/**
 * The tries of one check on one device, in a row: reserves, tries, remembers when the last byte left so that the gap holds
 * between sends, and reports lockout signs to the budget. In: the look that came first. Out: one try at a time.
 */
import type { Gate, Refusal, TryKind } from '../../mandate/authority.ts';
import { parseIpv4 } from '../../record/address.ts';
import type { Act } from '../../record/glossary.ts';
import type { Outcome } from '../../record/observation.ts';
import type { Catalogue } from './catalogue.ts';
import { type KnockDeps, type Look, type Target, type Tried, tryPair } from './knock.ts';
import { type ReserveDeps, type Reserved, reserveTry } from './reserve.ts';
import type { Secret } from './secret.ts';

/** Why this target may not be touched now. The mandate names one protocol for a port; another is not named. */
export const refusalOf = ({ address, port, protocol }: Target, act: Act, gate: Gate): Refusal | undefined =>
  gate.refuses(parseIpv4(address) ?? -1, port, act) ??
  (gate.protocolOf(port) === protocol ? undefined : 'port-not-named');

export interface SessionDeps extends KnockDeps, ReserveDeps {
  readonly catalogue: Catalogue;
}

export interface Session {
  try(credential: {
    readonly user: string;
    readonly password: Secret;
    readonly kind: TryKind;
    readonly ordinal: number | null;
    readonly act: Act;
    readonly from?: string;
  }): Promise<(Tried & { readonly lockout: boolean }) | Exclude<Reserved, 'granted'>>;
  /** Tries reserved in this session. */
  readonly tries: number;
  readonly bytes: { readonly in: number; readonly out: number };
}

/** After a try, a device that does not even take the connection has had enough. */
const TURNED_AWAY: ReadonlySet<Outcome> = new Set<Outcome>(['REFUSED', 'BUSY', 'CONNECT_TIMEOUT']);
/** Replies three times as slow as the first, and by this much, are a brake. ms */
const SLOWER_BY = 2_000;

/** Between two connections of which at most one brought a credential, ms. Single-slot devices need it to let go. */
export const breathMs = ({ mandate }: Gate): number => Math.min(mandate.limits.gapMs, mandate.deadlines.settleMs);

export function openSession(target: Target, seen: Look, notAfter: number, deps: SessionDeps): Session {
  const { clocks, budget, catalogue, gate } = deps;
  let tries = 0;
  // The look has just ended: a small device gets a breath before it is asked again.
  let notBefore = clocks.monotonic() + breathMs(gate);
  let firstReply: number | undefined;
  const bytes = { in: seen.conversation.bytesIn, out: seen.conversation.bytesOut };

  const isLockout = ({ outcome, replyMs }: Tried['conversation']): boolean => {
    if (outcome === 'LOCKOUT' || outcome === 'THROTTLED') return true;
    if (tries > 1 && TURNED_AWAY.has(outcome)) return true;
    if (outcome !== 'REJECT') return false;
    firstReply ??= replyMs;
    return replyMs > 3 * firstReply && replyMs > firstReply + SLOWER_BY;
  };

  return {
    get tries() {
      return tries;
    },
    bytes,
    async try({ user, password, kind, ordinal, act, from }) {
      const request = { account: user, kind, ordinal, catalogueVersion: catalogue.version, notBefore, notAfter };
      const reserved = await reserveTry(target, request, deps);
      if (reserved !== 'granted') return reserved;
      tries++;
      const credential = { user, password: password.reveal() };
      const way = { act, notAfter, ...(from === undefined ? {} : { from }) };
      const tried = await tryPair(target, credential, seen, way, deps);
      const { conversation } = tried;
      notBefore = clocks.monotonic() - conversation.replyMs + gate.mandate.limits.gapMs;
      bytes.in += conversation.bytesIn;
      bytes.out += conversation.bytesOut;
      const lockout = isLockout(conversation);
      if (lockout) budget.stopDevice(target.address);
      return { ...tried, lockout };
    },
  };
}
