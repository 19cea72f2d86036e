/** What a conversation needs and what comes of it: the shapes of `converse` (runner.ts). No banner, no body, no credential. */
import type { WriteGroup } from '../../mandate/audit-group.ts';
import type { Gate, Refusal } from '../../mandate/authority.ts';
import type { Act } from '../../record/glossary.ts';
import type { Clocks, Instant } from '../../record/instant.ts';
import type { Outcome } from '../../record/observation.ts';
import type { Dial, Source } from './dial.ts';
import type { Facts, Talk } from './driver.ts';
import type { Credential } from './machine.ts';

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
   * was asked, the budget has reserved the try and the audit log holds it, or owes both to `group`; it may not wait
   * for anything.
   */
  readonly offer?: (facts: Facts) => Offer | null;
  /** Where log and budget are written in groups: nothing is dialled, and no pair sent, before what stands for it is. */
  readonly group?: WriteGroup | undefined;
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
  readonly source: Source | null;
  /** A pair was offered: the try counts, whatever became of it. */
  readonly offered: boolean;
  readonly at: Instant;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** ms from the last byte sent to the decision. */
  readonly replyMs: number;
}
