/**
 * Runs one conversation: one connection, one machine, at most one credential. It owns the absolute deadline, the byte
 * cap and the legal gate, which is asked before the connection, before every send, and twice a second in between, so
 * that an exclusion stops a conversation that is under way. Bytes outside the grammar, and any byte after the machine
 * has decided, are never sent. In: target, machine, grammar, limits. Out: how it ended, and from where it was asked.
 */
import type { Gate, Refusal } from '../../mandate/authority.ts';
import { parseIpv4 } from '../../record/address.ts';
import type { Act } from '../../record/glossary.ts';
import type { Clocks, Instant } from '../../record/instant.ts';
import type { Outcome } from '../../record/observation.ts';
import type { Connection, Dial } from './dial.ts';
import type { Facts, Talk } from './driver.ts';
import { type Action, type Credential, finish } from './machine.ts';

/** The one pair of a conversation. Whoever makes it has reserved the try and written the audit entry. */
export interface Offer {
  readonly credential: Credential;
  /** The gate is asked for this act from here on. */
  readonly act: Act;
}

export interface ConversationPlan {
  readonly address: string;
  readonly port: number;
  readonly act: Act;
  readonly transport: 'tcp' | 'tls';
  readonly talk: Talk;
  /** Monotonic instant beyond which this conversation may not go, whatever the mandate's conversation deadline. */
  readonly notAfter?: number;
  readonly from?: string;
  /**
   * Asked at most once, when the peer asks for a login: which pair, or null for none. By the time it returns, the gate
   * was asked, the budget has reserved the try and the audit log holds it; it may not wait for anything.
   */
  readonly offer?: (facts: Facts) => Offer | null;
}

export interface RunnerDeps {
  readonly clocks: Clocks;
  readonly gate: Gate;
  readonly dial: Dial;
  readonly signal?: AbortSignal;
}

export interface Conversation {
  readonly outcome: Outcome;
  /** Set with POLICY_STOP: what the gate said, or that bytes lay outside the send grammar. */
  readonly refusal?: Refusal | 'send-grammar';
  readonly source: Connection['source'] | null;
  /** A pair was offered: the try counts, whatever became of it. */
  readonly offered: boolean;
  readonly at: Instant;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** ms from the last byte sent to the decision. */
  readonly replyMs: number;
}

/** How often a waiting conversation asks the gate again, ms: an exclusion must bite within a second. */
const GATE_EVERY = 500;

const POLITE: ReadonlySet<Outcome> = new Set<Outcome>(['ACCEPT', 'OPEN_SESSION']);

/**
 * Everything that can happen is an outcome; it rejects only with what `offer` threw (a Fault: the audit log cannot be
 * written), and then nothing was sent. Settles when the socket is closed, not before.
 */
export function converse(plan: ConversationPlan, deps: RunnerDeps): Promise<Conversation> {
  const { clocks, gate, signal } = deps;
  const { machine, grammar, facts } = plan.talk;
  let { act } = plan;
  const target = parseIpv4(plan.address) ?? -1;
  const at = clocks.calendar();
  const { connectMs, conversationMs } = gate.mandate.deadlines;
  const began = clocks.monotonic();
  const deadline = Math.min(began + conversationMs, plan.notAfter ?? Number.POSITIVE_INFINITY);

  return new Promise((resolve, reject) => {
    let decided: { outcome: Outcome; refusal?: Refusal | 'send-grammar'; replyMs: number } | undefined;
    let connection: Connection | undefined;
    let source: Connection['source'] | null = null;
    let giveUp: (() => void) | undefined;
    let timer: NodeJS.Timeout | undefined;
    let quietAt = Number.POSITIVE_INFINITY;
    let wakeAt = Number.POSITIVE_INFINITY;
    let sentAt = began;
    let bytesIn = 0;
    let bytesOut = 0;
    let asked = false;
    let offered = false;
    let thrown: { readonly error: unknown } | undefined;

    const result = (): Conversation => ({
      ...(decided ?? { outcome: 'LOCAL_RESOURCE' as const, replyMs: 0 }),
      source,
      offered,
      at,
      bytesIn,
      bytesOut,
    });

    const decide = (outcome: Outcome, refusal?: Refusal | 'send-grammar') => {
      if (decided) return;
      decided = { outcome, replyMs: clocks.monotonic() - sentAt, ...(refusal === undefined ? {} : { refusal }) };
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      if (connection) connection.leave(POLITE.has(outcome));
      else giveUp?.();
    };
    const aborted = () => decide('POLICY_STOP', 'stopped');

    /** A machine that asks a second time is not asked on. */
    const login = (): readonly Action[] => {
      if (asked) return finish('NO_VERDICT');
      asked = true;
      let offer: Offer | null = null;
      try {
        offer = plan.offer?.(facts()) ?? null;
      } catch (error) {
        thrown = { error };
        return finish('NO_VERDICT');
      }
      if (offer) {
        offered = true;
        act = offer.act;
        grammar.permit(offer.credential);
      }
      return machine.onCredential(offer?.credential ?? null);
    };

    const perform = (actions: readonly Action[]) => {
      for (const action of actions) {
        if (decided) return;
        if (action.do === 'finish') decide(action.outcome);
        else if (action.do === 'quiet') {
          quietAt = clocks.monotonic() + action.ms;
          arm();
        } else if (action.do === 'login') {
          perform(login());
        } else {
          const refusal = gate.refuses(target, plan.port, act);
          if (refusal) return decide('POLICY_STOP', refusal);
          if (!grammar.allows(action.bytes)) return decide('POLICY_STOP', 'send-grammar');
          bytesOut += action.bytes.length;
          sentAt = clocks.monotonic();
          connection?.send(action.bytes);
        }
      }
    };

    /** One timer a conversation: it wakes for the quiet, the deadline or the gate, whichever is first. */
    const arm = () => {
      if (decided) return;
      const now = clocks.monotonic();
      const next = Math.min(quietAt, deadline, now + GATE_EVERY);
      if (timer && wakeAt <= next) return;
      clearTimeout(timer);
      wakeAt = next;
      timer = setTimeout(wake, Math.max(0, next - now));
    };
    const wake = () => {
      timer = undefined;
      if (decided) return;
      const now = clocks.monotonic();
      if (now >= deadline) {
        if (connection) perform(machine.onDeadline());
        return decide('DEADLINE');
      }
      if (now >= quietAt) {
        quietAt = Number.POSITIVE_INFINITY;
        if (connection) perform(machine.onQuiet());
      }
      if (decided) return;
      const refusal = gate.refuses(target, plan.port, act);
      if (refusal) return decide('POLICY_STOP', refusal);
      arm();
    };

    const refusal = signal?.aborted ? 'stopped' : gate.refuses(target, plan.port, act);
    if (refusal) {
      decide('POLICY_STOP', refusal);
      return resolve(result());
    }
    signal?.addEventListener('abort', aborted, { once: true });
    giveUp = deps.dial(
      {
        address: plan.address,
        port: plan.port,
        transport: plan.transport,
        connectMs,
        ...(plan.from === undefined ? {} : { from: plan.from }),
      },
      {
        reached: from => {
          source = from;
          // TLS speaks before the machine does.
          const refusal =
            gate.refusesSource(from.address) ??
            (plan.transport === 'tls' ? gate.refuses(target, plan.port, act) : undefined);
          if (refusal) decide('POLICY_STOP', refusal);
        },
        connected: made => {
          if (decided) return;
          connection = made;
          perform(machine.start());
          arm();
        },
        data: chunk => {
          if (decided) return;
          bytesIn += chunk.length;
          if (bytesIn > machine.maxBytes) return decide('BYTE_CAP');
          perform(machine.onData(chunk));
        },
        ended: how => {
          if (decided) return;
          perform(machine.onClose(how));
          decide('NO_VERDICT');
        },
        failed: outcome => decide(outcome),
        closed: () => {
          decide('NO_VERDICT');
          if (thrown) reject(thrown.error);
          else resolve(result());
        },
      },
    );
    arm();
  });
}
