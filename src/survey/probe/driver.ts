/**
 * What a protocol brings to a conversation: a machine, the grammar that keeps it in bounds, and what it saw. One driver a
 * protocol; `drivers.ts` lists them. A driver knows nothing of sockets, mandates or catalogues.
 */
import type { Act, Protocol } from '../../record/glossary.ts';
import type { Credential, Grammar, Machine } from './machine.ts';
import type { Conversation, RunnerDeps } from './runner.ts';

/** What a peer said before any credential, by the field of knowledge it belongs to. For identification; never stored. */
export type Said = Readonly<
  Partial<Record<'telnet' | 'ssh' | 'ftp' | 'realm' | 'server' | 'title', string | undefined>>
>;

export interface Facts {
  readonly said: Said;
  /** What a login here consists of; null when none was asked for. */
  readonly asks: 'pair' | 'password' | null;
  /** What stays the same while the same service answers; compared, never stored. */
  readonly identity: string;
  /** Coarse form of the answer to the credential, without its words: two of one shape cannot mean different things. */
  readonly shape: string;
  /** What the next conversation with this service needs to know; only the same driver reads it. */
  readonly memory?: unknown;
}

export interface Talk {
  readonly machine: Machine;
  readonly grammar: Grammar;
  facts(): Facts;
}

export interface TalkOptions {
  /** `address:port`. */
  readonly host: string;
  /** Names the survey and where to read about it, for protocols that have a place for it. */
  readonly agent: string;
  /** Quiet after which the peer has finished speaking, ms (mandate.deadlines.settleMs). */
  readonly settleMs: number;
  /** Eight random bytes. */
  readonly random: Uint8Array;
  /** `Facts.memory` of an earlier conversation with the same service. */
  readonly memory?: unknown;
}

/** One pair to try, already reserved in the budget and written to the audit log. */
export interface AttemptOrder {
  readonly address: string;
  readonly port: number;
  readonly act: Act;
  readonly credential: Credential;
  /** Monotonic instant beyond which the conversation may not go, whatever the mandate's conversation deadline. */
  readonly notAfter?: number;
  readonly from?: string;
  /** Of the look at the same service. */
  readonly facts: Facts;
  readonly settleMs: number;
}

export interface Attempted {
  readonly conversation: Conversation;
  /** As `Facts.shape` and `Facts.identity`, of this conversation. */
  readonly shape: string;
  readonly identity: string;
}

export interface Driver {
  readonly protocol: Protocol;
  readonly transport: 'tcp' | 'tls';
  begin(options: TalkOptions): Talk;
  /** Where a conversation with a credential is no plain machine: instead of `converse`. Never rejects. */
  attempt?(order: AttemptOrder, deps: RunnerDeps): Promise<Attempted>;
}
