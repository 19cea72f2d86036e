/**
 * The messages of user authentication that a client hears (RFC 4252, RFC 4256), and no others. In: a decrypted payload.
 * Out: what it says, or undefined for what is not spoken here or is malformed. Bounded whatever the numbers in it claim.
 */
import { textOf } from '../machine.ts';
import { MESSAGE, readDisconnect, uint32 } from './kexinit.ts';

export interface Prompt {
  readonly text: string;
  readonly echo: boolean;
}

export type Heard =
  | { readonly is: 'disconnect'; readonly reason: number; readonly words: string }
  | { readonly is: 'service' }
  | { readonly is: 'failure'; readonly methods: readonly string[]; readonly partial: boolean }
  | { readonly is: 'success' }
  /** Number 60: a wish for another password after `password`, a question after `keyboard-interactive`. */
  | { readonly is: 'method'; readonly payload: Uint8Array };

const MOST_PROMPTS = 8;

interface Cursor {
  at: number;
}

/** The string at the cursor (RFC 4251 section 5), which moves behind it. */
function string(payload: Uint8Array, cursor: Cursor): Uint8Array | undefined {
  const from = cursor.at + 4;
  if (from > payload.length) return undefined;
  const length = uint32(payload, cursor.at);
  if (length > payload.length - from) return undefined;
  cursor.at = from + length;
  return payload.subarray(from, from + length);
}

export function hear(payload: Uint8Array): Heard | undefined {
  switch (payload[0]) {
    case MESSAGE.disconnect:
      return { is: 'disconnect', ...readDisconnect(payload) };
    case MESSAGE.serviceAccept:
      return { is: 'service' };
    case MESSAGE.success:
      return { is: 'success' };
    case MESSAGE.failure: {
      const cursor = { at: 1 };
      const methods = string(payload, cursor);
      const partial = payload[cursor.at];
      if (!methods || partial === undefined) return undefined;
      return { is: 'failure', methods: textOf(methods).split(','), partial: partial !== 0 };
    }
    case MESSAGE.method:
      return { is: 'method', payload: Uint8Array.from(payload) };
    default:
      return undefined;
  }
}

/** The questions of an INFO_REQUEST (RFC 4256 section 3.2); undefined when malformed or more than anybody asks. */
export function promptsOf(payload: Uint8Array): readonly Prompt[] | undefined {
  const cursor = { at: 1 };
  for (let skipped = 0; skipped < 3; skipped++) if (!string(payload, cursor)) return undefined;
  if (cursor.at + 4 > payload.length) return undefined;
  const count = uint32(payload, cursor.at);
  cursor.at += 4;
  if (count > MOST_PROMPTS) return undefined;
  const prompts: Prompt[] = [];
  for (let n = 0; n < count; n++) {
    const text = string(payload, cursor);
    const echo = payload[cursor.at++];
    if (!text || echo === undefined) return undefined;
    prompts.push({ text: textOf(text), echo: echo !== 0 });
  }
  return prompts;
}
