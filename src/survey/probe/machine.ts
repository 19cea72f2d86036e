/**
 * What a protocol driver is: a state machine without socket, clock or chance. Bytes and silence go in, actions come out,
 * so that any conversation can be replayed, split at any byte and fuzzed without a port. The runner does the rest.
 */
import type { Outcome } from '../../record/observation.ts';

export type Action =
  | { readonly do: 'send'; readonly bytes: Uint8Array }
  /** Call `onQuiet` when nothing has arrived for this long, ms; a later one replaces it. */
  | { readonly do: 'quiet'; readonly ms: number }
  /** The peer asks for a login. The runner answers with `onCredential`, at once and at most once a conversation. */
  | { readonly do: 'login' }
  | { readonly do: 'finish'; readonly outcome: Outcome };

/** How the peer left: an orderly FIN, or a reset. */
export type Leaving = 'end' | 'reset';

export interface Machine {
  /** Most bytes the peer may send in one conversation; one more ends it with BYTE_CAP. */
  readonly maxBytes: number;
  /** Called once, when the connection stands. */
  start(): readonly Action[];
  onData(chunk: Uint8Array): readonly Action[];
  onQuiet(): readonly Action[];
  /** The answer to `login`: the one pair that was reserved and logged for this device, or null when there is none. */
  onCredential(credential: Credential | null): readonly Action[];
  onClose(how: Leaving): readonly Action[];
  /** The absolute deadline of the conversation has come. */
  onDeadline(): readonly Action[];
}

/**
 * What may be sent, judged apart from the machine that wants to send it. Stateful: a line is allowed once, in its place,
 * and nothing after the password. A machine with a fault can therefore not run a command on a device.
 */
export interface Grammar {
  /** From here on this one pair may go out, each part once and in its place. Called at most once. */
  permit(credential: Credential): void;
  allows(bytes: Uint8Array): boolean;
}

/** A pair as it goes on the wire. Held only while a conversation lasts. */
export interface Credential {
  readonly user: string;
  readonly password: string;
}

export const finish = (outcome: Outcome): readonly Action[] => [{ do: 'finish', outcome }];
export const quiet = (ms: number): readonly Action[] => [{ do: 'quiet', ms }];
export const send = (bytes: Uint8Array): Action => ({ do: 'send', bytes });
export const NOTHING: readonly Action[] = [];

/** One byte a character, both ways: protocols here are bytes, whatever the encoding of the words in them. */
export const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');
export const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
