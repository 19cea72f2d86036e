/**
 * What a telnet conversation may send, and in which order: refusals and the two acceptances of RFC 854 negotiation; one
 * empty line where a screen asks for a key; the user's line; the password's line; then nothing, ever.
 */
import { bytesOf, type Credential, type Grammar } from '../machine.ts';

const MOST_TRIPLES = 96;

const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

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

const EMPTY = line('');

export class TelnetGrammar implements Grammar {
  #user: Uint8Array | undefined;
  #password: Uint8Array | undefined;
  #stage: 'before' | 'user' | 'password' = 'before';
  #triples = 0;
  #keyed = false;

  permit(credential: Credential): void {
    this.#user ??= line(credential.user);
    this.#password ??= line(credential.password);
  }

  allows(bytes: Uint8Array): boolean {
    if (this.#stage === 'password') return false;
    const more = triplesIn(bytes);
    if (more !== undefined) {
      this.#triples += more;
      return this.#triples <= MOST_TRIPLES;
    }
    if (this.#user && this.#stage === 'before' && same(bytes, this.#user)) {
      this.#stage = 'user';
      return true;
    }
    // A password-only device is never asked for the user.
    if (this.#password && same(bytes, this.#password)) {
      this.#stage = 'password';
      return true;
    }
    if (!this.#keyed && this.#stage === 'before' && same(bytes, EMPTY)) {
      this.#keyed = true;
      return true;
    }
    return false;
  }
}
