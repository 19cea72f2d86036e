/**
 * What an SSH conversation may send. A look: our identification, once. An attempt: the identification, one KEXINIT, one key
 * exchange, NEWKEYS, then so many sealed packets as asking `none` takes, the credential once permitted, and the goodbye. What
 * is sealed cannot be read here, so it is counted and measured; that only login.ts's own words are sealed is its business.
 */
import { bytesOf, type Grammar } from '../machine.ts';
import { MESSAGE, packetLength } from './kexinit.ts';

export const IDENT = 'notice_survey';
export const IDENT_LINE: Uint8Array = bytesOf(`SSH-2.0-${IDENT}\r\n`);

const same = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i]);

export function lookGrammar(): Grammar {
  let said = false;
  return {
    permit() {},
    allows(bytes) {
      if (said || !same(bytes, IDENT_LINE)) return false;
      said = true;
      return true;
    },
  };
}

/** Section 7 of RFC 4253, RFC 4419, RFC 5656: which message may follow which from our side. */
const AFTER: Readonly<Record<number, readonly number[]>> = {
  0: [MESSAGE.kexInit],
  [MESSAGE.kexInit]: [30, 34],
  30: [MESSAGE.newKeys],
  34: [32],
  32: [MESSAGE.newKeys],
};
/** The service, `none`, and the goodbye of a session that was open. */
const SEALED_BEFORE = 3;
/** The method, the one answer, two empty ones. */
const SEALED_FOR_PAIR = 4;
/** Beside user and password: names of service and method, lengths, padding, MAC. */
const MOST_SEALED = 256;

export function attemptGrammar(user: string): Grammar {
  let identified = false;
  let last = 0;
  let sealed = 0;
  let mostSealed = SEALED_BEFORE;
  let mostBytes = MOST_SEALED + Buffer.byteLength(user);

  const plain = (bytes: Uint8Array): Uint8Array | undefined => {
    let rest = bytes;
    while (rest.length > 0 && last !== MESSAGE.newKeys) {
      const length = rest.length < 6 ? undefined : packetLength(rest, 0);
      if (length === undefined || rest.length < 4 + length) return undefined;
      const type = rest[5] as number;
      if (!AFTER[last]?.includes(type)) return undefined;
      last = type;
      rest = rest.subarray(4 + length);
    }
    return rest;
  };

  return {
    permit({ password }) {
      mostSealed += SEALED_FOR_PAIR;
      mostBytes += Buffer.byteLength(password);
    },
    allows(bytes) {
      let rest: Uint8Array | undefined = bytes;
      if (!identified) {
        if (!same(bytes.subarray(0, IDENT_LINE.length), IDENT_LINE)) return false;
        identified = true;
        rest = bytes.subarray(IDENT_LINE.length);
      }
      rest = bytes.length === 0 ? undefined : plain(rest);
      if (!rest) return false;
      if (rest.length === 0) return true;
      return ++sealed <= mostSealed && rest.length <= mostBytes;
    },
  };
}
