/**
 * The tries of one check on one device, in a row: waits, asks the gate, reserves, tries, remembers when the last byte left
 * so that the gap holds between sends, and reports signs of lockout and silence. In: the look that came first, with the try
 * that rode on it, if one did. Out: one try at a time.
 */
import type { Gate, Refusal, TryKind } from '../../mandate/authority.ts';
import { parseIpv4 } from '../../record/address.ts';
import type { Act } from '../../record/glossary.ts';
import type { Outcome } from '../../record/observation.ts';
import { driverOf } from '../probe/drivers.ts';
import type { Conversation } from '../probe/runner.ts';
import type { Catalogue } from './catalogue.ts';
import type { ClassWatch, WatchDeps } from './class-watch.ts';
import { type KnockDeps, type Look, type Shown, type Target, type Tried, tryPair } from './knock.ts';
import { inTurn, type ReserveDeps, type Reserved, reserveTry, wait } from './reserve.ts';
import type { Secret } from './secret.ts';

/** Why this target may not be touched now. The mandate names one protocol for a port; another is not named. */
export const refusalOf = ({ address, port, protocol }: Target, act: Act, gate: Gate): Refusal | undefined =>
  gate.refuses(parseIpv4(address) ?? -1, port, act) ??
  (gate.protocolOf(port) === protocol && driverOf(protocol) ? undefined : 'port-not-named');

export interface SessionDeps extends KnockDeps, ReserveDeps, WatchDeps {
  readonly catalogue: Catalogue;
}

export type Judged = Tried & { readonly lockout: boolean };

export interface Session {
  /** The try that rode on the look's connection. */
  readonly first: Judged | undefined;
  try(credential: {
    readonly user: string;
    readonly password: Secret;
    readonly kind: TryKind;
    readonly ordinal: number | null;
    readonly act: Act;
    readonly from?: string;
  }): Promise<Judged | Exclude<Reserved, 'granted'>>;
  /** Tries reserved in this session. */
  readonly tries: number;
  readonly bytes: { readonly in: number; readonly out: number };
}

/** After a try, a device that does not even take the connection has had enough. */
const TURNED_AWAY: ReadonlySet<Outcome> = new Set<Outcome>(['REFUSED', 'BUSY', 'CONNECT_TIMEOUT']);
/** The device heard the pair and answered something. */
const COMPLETED: ReadonlySet<Outcome> = new Set<Outcome>(['REJECT', 'USER_REJECTED', 'ACCEPT']);
/** Replies three times as slow as the first, and by this much, are a brake. ms */
const SLOWER_BY = 2_000;

/** Between two connections of which at most one brought a credential, ms. Single-slot devices need it to let go. */
export const breathMs = ({ mandate }: Gate): number => Math.min(mandate.limits.gapMs, mandate.deadlines.settleMs);

export function openSession(
  target: Target,
  seen: Look,
  notAfter: number,
  watch: ClassWatch,
  deps: SessionDeps,
): Session {
  const { clocks, budget, catalogue, gate, signal } = deps;
  let known: Shown = seen;
  let tries = 0;
  // A connection has just ended: a small device gets a breath before it is asked again.
  let notBefore = clocks.monotonic() + breathMs(gate);
  let firstReply: number | undefined;
  let completed = false;
  const bytes = { in: 0, out: 0 };
  const count = ({ bytesIn, bytesOut }: Conversation) => {
    bytes.in += bytesIn;
    bytes.out += bytesOut;
  };
  count(seen.conversation);

  const isLockout = ({ outcome, replyMs }: Conversation): boolean => {
    if (outcome === 'LOCKOUT' || outcome === 'THROTTLED') return true;
    if (tries > 1 && TURNED_AWAY.has(outcome)) return true;
    if (outcome !== 'REJECT') return false;
    firstReply ??= replyMs;
    return replyMs > 3 * firstReply && replyMs > firstReply + SLOWER_BY;
  };
  const judge = (tried: Tried): Judged => {
    const { conversation } = tried;
    tries++;
    if (completed) watch.askedAgain(conversation.outcome);
    completed ||= COMPLETED.has(conversation.outcome);
    const now = clocks.monotonic();
    notBefore = Math.max(now + breathMs(gate), now - conversation.replyMs + gate.mandate.limits.gapMs);
    const lockout = isLockout(conversation);
    if (lockout) {
      budget.stopDevice(target.address);
      watch.locked();
    }
    return { ...tried, lockout };
  };
  const first = seen.conversation.offered ? judge({ conversation: seen.conversation, shape: seen.shape }) : undefined;

  return {
    first,
    get tries() {
      return tries;
    },
    bytes,
    async try({ user, password, kind, ordinal, act, from }) {
      if (notBefore >= notAfter) return 'too-late';
      await wait(Math.max(0, Math.ceil(notBefore - clocks.monotonic())), signal);
      if (signal?.aborted) return 'aborted';
      return inTurn(target.address, notAfter, deps, async () => {
        // What the gate forbids by now is not even reserved.
        const refusal = refusalOf(target, act, gate);
        if (refusal) return { conversation: unheld(refusal, clocks.calendar()), shape: '', lockout: false };
        const request = { account: user, kind, ordinal, catalogueVersion: catalogue.version };
        const reserved = await reserveTry(target, request, { notBefore, notAfter }, deps);
        if (reserved !== 'granted') return reserved;
        const credential = { user, password: password.reveal() };
        const way = { act, notAfter, ...(from === undefined ? {} : { from }) };
        const tried = await tryPair(target, credential, known, way, deps);
        if (tried.memory !== undefined) known = { ...known, facts: { ...known.facts, memory: tried.memory } };
        count(tried.conversation);
        return judge(tried);
      });
    },
  };
}

/** The conversation that the gate, or this machine, did not let begin. */
export const unheld = (refusal: Refusal | 'local', at: number): Conversation => ({
  ...(refusal === 'local' ? { outcome: 'LOCAL_RESOURCE' } : { outcome: 'POLICY_STOP', refusal }),
  source: null,
  offered: false,
  at,
  bytesIn: 0,
  bytesOut: 0,
  replyMs: 0,
});
