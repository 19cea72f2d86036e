/**
 * What a telnet conversation may send, and in which order: refusals and the two acceptances of RFC 854 negotiation; one
 * empty line where a screen asks for a key; the user's line; the password's line; then nothing, ever.
 */
import { bytesOf, type Grammar } from '../machine.ts';

const MOST_TRIPLES = 96;

const same = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** A multiple of three bytes, each triple IAC DONT x, IAC WONT x, or IAC DO with ECHO or SUPPRESS-GO-AHEAD. */
function triplesIn(bytes: Uint8Array): number | undefined {
  if (bytes.length === 0 || bytes.length % 3 !== 0) return undefined;
  for (let i = 0; i < bytes.length; i += 3) {
    const verb = bytes[i + 1];
    const option = bytes[i + 2];
    const agrees = verb === 253 && (option === 1 || option === 3);
    if (bytes[i] !== 255 || !(verb === 254 || verb === 252 || agrees)) return undefined;
  }
  return bytes.length / 3;
}

export const line = (text: string): Uint8Array => bytesOf(`${text}\r\n`);

export function telnetGrammar(): Grammar {
  const empty = line('');
  let user: Uint8Array | undefined;
  let password: Uint8Array | undefined;
  let stage: 'before' | 'user' | 'password' = 'before';
  let triples = 0;
  let keyed = false;
  return {
    permit(credential) {
      user ??= line(credential.user);
      password ??= line(credential.password);
    },
    allows(bytes) {
      if (stage === 'password') return false;
      const more = triplesIn(bytes);
      if (more !== undefined) {
        triples += more;
        return triples <= MOST_TRIPLES;
      }
      if (user && stage === 'before' && same(bytes, user)) {
        stage = 'user';
        return true;
      }
      // A password-only device is never asked for the user.
      if (password && same(bytes, password)) {
        stage = 'password';
        return true;
      }
      if (!keyed && stage === 'before' && same(bytes, empty)) {
        keyed = true;
        return true;
      }
      return false;
    },
  };
}
