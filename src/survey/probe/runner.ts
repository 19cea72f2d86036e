/**
 * Runs one conversation: one connection, one machine, at most one credential. It owns the absolute deadline, the byte
 * cap and the legal gate, which is asked before the connection, before every send, and twice a second in between, so
 * that an exclusion stops a conversation that is under way. Bytes outside the grammar, and any byte after the machine
 * has decided, are never sent. Where the log is written in groups, the connection and the pair wait for it. In: target, talk, limits. Out: how it ended, and from where it was asked.
 */
import type { Waiting } from '../../mandate/audit-group.ts';
import type { Refusal } from '../../mandate/authority.ts';
import { parseIpv4 } from '../../record/address.ts';
import type { Act } from '../../record/glossary.ts';
import type { Instant } from '../../record/instant.ts';
import type { Outcome } from '../../record/observation.ts';
import { type Alarm, arm, disarm, NEVER } from './alarms.ts';
import type { Conversation, ConversationPlan, Offer, RunnerDeps } from './conversation.ts';
import type { Connection, DialEvents, Source } from './dial.ts';
import { type Action, finish, type Leaving } from './machine.ts';
import { begins, ends } from './watch.ts';

export type { Conversation, ConversationPlan, Offer, RunnerDeps } from './conversation.ts';

const POLITE: ReadonlySet<Outcome> = new Set<Outcome>(['ACCEPT', 'OPEN_SESSION']);

/** When this machine has no descriptor or port left, the target waits for one: so long at first, then twice as long. ms */
const PATIENCE = 50;
const MOST_PATIENCE = 1_000;

/**
 * Everything that can happen is an outcome; it rejects only with what `offer` threw (a Fault: the audit log cannot be
 * written), and then nothing was sent. Settles when the socket is closed, not before.
 */
export function converse(plan: ConversationPlan, deps: RunnerDeps): Promise<Conversation> {
  return new Promise((resolve, reject) => new Running(plan, deps, resolve, reject).begin());
}

/** One object a conversation, not a dozen closures: ten thousand may be under way. */
class Running implements DialEvents, Alarm, Waiting {
  due = NEVER;
  placed = NEVER;
  seat = 0;
  readonly #plan: ConversationPlan;
  readonly #deps: RunnerDeps;
  readonly #resolve: (conversation: Conversation) => void;
  readonly #reject: (thrown: unknown) => void;
  readonly #target: number;
  readonly #at: Instant;
  #act: Act;
  #deadline: number;
  /** For a descriptor or a port; a conversation that had to wait still gets its whole time. */
  readonly #waitsUntil: number;
  #quietAt = NEVER;
  #sentAt: number;
  #patience = PATIENCE;
  #dialAgain = false;
  /** For the log and the budget to be written. */
  #waits = false;
  /** What is to be sent then. */
  #held: Uint8Array[] | undefined;
  #giveUp: (() => void) | undefined;
  #connection: Connection | undefined;
  #source: Source | null = null;
  #asked = false;
  #offered = false;
  #bytesIn = 0;
  #bytesOut = 0;
  #replyMs = 0;
  #outcome: Outcome | undefined;
  #refusal: Refusal | 'send-grammar' | undefined;
  #thrown: { readonly error: unknown } | undefined;

  constructor(
    plan: ConversationPlan,
    deps: RunnerDeps,
    resolve: (conversation: Conversation) => void,
    reject: (thrown: unknown) => void,
  ) {
    this.#plan = plan;
    this.#deps = deps;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#target = parseIpv4(plan.address) ?? -1;
    this.#at = deps.clocks.calendar();
    this.#act = plan.act;
    this.#sentAt = deps.clocks.monotonic();
    this.#deadline = this.#deadlineFrom(this.#sentAt);
    this.#waitsUntil = this.#deadline;
  }

  #deadlineFrom(now: number): number {
    const { conversationMs } = this.#deps.gate.mandate.deadlines;
    return Math.min(now + conversationMs, this.#plan.notAfter ?? NEVER);
  }

  begin(): void {
    if (!this.checkGate()) return;
    begins(this, this.#deps.signal);
    if (this.#plan.group) this.#wait();
    else this.#dial();
  }

  #wait(): void {
    this.#waits = true;
    this.#plan.group?.wait(this);
  }

  written(): void {
    this.#waits = false;
    // It may have ended meanwhile, and the gate may have closed.
    if (!this.checkGate()) return;
    if (!this.#giveUp) this.#dial();
    const held = this.#held;
    if (!held) return;
    this.#held = undefined;
    this.#sentAt = this.#deps.clocks.monotonic();
    for (const bytes of held) this.#connection?.send(bytes);
  }

  unwritten(error: unknown): void {
    this.#waits = false;
    this.#held = undefined;
    if (this.#outcome !== undefined) return;
    this.#thrown = { error };
    this.#decide('NO_VERDICT');
  }

  #dial(): void {
    const { address, port, transport, from } = this.#plan;
    const { connectMs } = this.#deps.gate.mandate.deadlines;
    this.#giveUp = this.#deps.dial(
      { address, port, transport, connectMs, ...(from === undefined ? {} : { from }) },
      this,
    );
    arm(this, this.#deadline - this.#deps.clocks.monotonic());
  }

  /** Asked by the watch twice a second as well. False when that was the end. */
  checkGate(): boolean {
    if (this.#outcome !== undefined) return false;
    const { gate, signal } = this.#deps;
    const refusal = signal?.aborted ? 'stopped' : gate.refuses(this.#target, this.#plan.port, this.#act);
    if (refusal) this.#decide('POLICY_STOP', refusal);
    return refusal === undefined;
  }

  #decide(outcome: Outcome, refusal?: Refusal | 'send-grammar'): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#refusal = refusal;
    this.#replyMs = this.#deps.clocks.monotonic() - this.#sentAt;
    disarm(this);
    if (this.#connection) this.#connection.leave(POLITE.has(outcome));
    else if (this.#dialAgain || !this.#giveUp) this.#settle();
    else this.#giveUp();
  }

  #settle(): void {
    ends(this);
    if (this.#thrown) {
      this.#reject(this.#thrown.error);
      return;
    }
    const conversation: Conversation = {
      outcome: this.#outcome ?? 'NO_VERDICT',
      source: this.#source,
      offered: this.#offered,
      at: this.#at,
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      replyMs: this.#replyMs,
    };
    this.#resolve(this.#refusal === undefined ? conversation : { ...conversation, refusal: this.#refusal });
  }

  #perform(actions: readonly Action[]): void {
    for (const action of actions) {
      if (this.#outcome !== undefined) return;
      switch (action.do) {
        case 'finish':
          this.#decide(action.outcome);
          return;
        case 'quiet':
          this.#quietAt = this.#deps.clocks.monotonic() + action.ms;
          arm(this, action.ms);
          break;
        case 'login':
          this.#perform(this.#login());
          break;
        case 'send':
          this.#send(action.bytes);
      }
    }
  }

  #send(bytes: Uint8Array): void {
    if (!this.checkGate()) return;
    if (!this.#plan.talk.grammar.allows(bytes)) {
      this.#decide('POLICY_STOP', 'send-grammar');
      return;
    }
    this.#bytesOut += bytes.length;
    this.#sentAt = this.#deps.clocks.monotonic();
    if (this.#waits) {
      this.#held ??= [];
      this.#held.push(bytes);
    } else this.#connection?.send(bytes);
  }

  /** A machine that asks a second time is not asked on. */
  #login(): readonly Action[] {
    if (this.#asked) return finish('NO_VERDICT');
    this.#asked = true;
    const { talk, offer } = this.#plan;
    let offered: Offer | null = null;
    try {
      offered = offer?.(talk.facts()) ?? null;
    } catch (error) {
      this.#thrown = { error };
      return finish('NO_VERDICT');
    }
    if (offered) {
      this.#offered = true;
      this.#act = offered.act;
      talk.grammar.permit(offered.credential);
      if (this.#plan.group) this.#wait();
    }
    return talk.machine.onCredential(offered?.credential ?? null);
  }

  ring(): void {
    const now = this.#deps.clocks.monotonic();
    if (this.#dialAgain && now < this.#waitsUntil) {
      this.#dialAgain = false;
      this.#deadline = this.#deadlineFrom(now);
      if (this.checkGate()) this.#dial();
      return;
    }
    if (now >= this.#deadline) {
      if (this.#connection) this.#perform(this.#plan.talk.machine.onDeadline());
      this.#decide(this.#dialAgain ? 'LOCAL_RESOURCE' : 'DEADLINE');
      return;
    }
    if (now >= this.#quietAt) {
      this.#quietAt = NEVER;
      if (this.#connection) this.#perform(this.#plan.talk.machine.onQuiet());
    }
    if (this.#outcome === undefined) arm(this, Math.min(this.#quietAt, this.#deadline) - now);
  }

  reached(source: Source): void {
    this.#source = source;
    const refusal = this.#deps.gate.refusesSource(source.address);
    if (refusal) this.#decide('POLICY_STOP', refusal);
    // TLS speaks before the machine does.
    else if (this.#plan.transport === 'tls') this.checkGate();
  }

  connected(connection: Connection): void {
    if (this.#outcome !== undefined) return;
    this.#connection = connection;
    this.#perform(this.#plan.talk.machine.start());
  }

  data(chunk: Uint8Array): void {
    if (this.#outcome !== undefined) return;
    const { machine } = this.#plan.talk;
    this.#bytesIn += chunk.length;
    if (this.#bytesIn > machine.maxBytes) {
      this.#decide('BYTE_CAP');
      return;
    }
    this.#perform(machine.onData(chunk));
  }

  ended(how: Leaving): void {
    if (this.#outcome !== undefined) return;
    this.#perform(this.#plan.talk.machine.onClose(how));
    this.#decide('NO_VERDICT');
  }

  failed(outcome: Outcome): void {
    if (this.#outcome !== undefined) return;
    const now = this.#deps.clocks.monotonic();
    if (outcome !== 'LOCAL_RESOURCE' || now + this.#patience >= this.#waitsUntil) {
      this.#decide(outcome);
      return;
    }
    this.#dialAgain = true;
    disarm(this);
    arm(this, this.#patience);
    this.#patience = Math.min(2 * this.#patience, MOST_PATIENCE);
  }

  closed(): void {
    if (this.#dialAgain && this.#outcome === undefined) return;
    this.#decide('NO_VERDICT');
    this.#settle();
  }
}
