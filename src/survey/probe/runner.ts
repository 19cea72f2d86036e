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
import type { Action, Grammar, Machine } from './machine.ts';

export interface ConversationPlan {
  readonly address: string;
  readonly port: number;
  readonly act: Act;
  readonly machine: Machine;
  readonly grammar: Grammar;
  /** Monotonic instant beyond which this conversation may not go, whatever the mandate's conversation deadline. */
  readonly notAfter?: number;
  readonly from?: string;
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
  readonly at: Instant;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** ms from the last byte sent to the decision. */
  readonly replyMs: number;
}

/** How often a waiting conversation asks the gate again, ms: an exclusion must bite within a second. */
const GATE_EVERY = 500;

const POLITE: ReadonlySet<Outcome> = new Set<Outcome>(['ACCEPT', 'OPEN_SESSION']);

/** Never rejects: everything that can happen is an outcome. Resolves when the socket is closed, not before. */
export function converse(plan: ConversationPlan, deps: RunnerDeps): Promise<Conversation> {
  const { clocks, gate, signal } = deps;
  const { machine, grammar } = plan;
  const target = parseIpv4(plan.address) ?? -1;
  const at = clocks.calendar();
  const { connectMs, conversationMs } = gate.mandate.deadlines;
  const began = clocks.monotonic();
  const deadline = Math.min(began + conversationMs, plan.notAfter ?? Number.POSITIVE_INFINITY);

  return new Promise(resolve => {
    let decided: { outcome: Outcome; refusal?: Refusal | 'send-grammar'; replyMs: number } | undefined;
    let connection: Connection | undefined;
    let giveUp: (() => void) | undefined;
    let timer: NodeJS.Timeout | undefined;
    let quietAt = Number.POSITIVE_INFINITY;
    let wakeAt = Number.POSITIVE_INFINITY;
    let sentAt = began;
    let bytesIn = 0;
    let bytesOut = 0;

    const result = (): Conversation => ({
      ...(decided ?? { outcome: 'LOCAL_RESOURCE' as const, replyMs: 0 }),
      source: connection?.source ?? null,
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

    const perform = (actions: readonly Action[]) => {
      for (const action of actions) {
        if (decided) return;
        if (action.do === 'finish') decide(action.outcome);
        else if (action.do === 'quiet') {
          quietAt = clocks.monotonic() + action.ms;
          arm();
        } else {
          const refusal = gate.refuses(target, plan.port, plan.act);
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
      const refusal = gate.refuses(target, plan.port, plan.act);
      if (refusal) return decide('POLICY_STOP', refusal);
      arm();
    };

    const refusal = signal?.aborted ? 'stopped' : gate.refuses(target, plan.port, plan.act);
    if (refusal) {
      decide('POLICY_STOP', refusal);
      return resolve(result());
    }
    signal?.addEventListener('abort', aborted, { once: true });
    giveUp = deps.dial(
      { address: plan.address, port: plan.port, connectMs, ...(plan.from === undefined ? {} : { from: plan.from }) },
      {
        connected: made => {
          connection = made;
          const wrongSource = gate.refusesSource(made.source.address);
          if (wrongSource) return decide('POLICY_STOP', wrongSource);
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
          resolve(result());
        },
      },
    );
    arm();
  });
}
