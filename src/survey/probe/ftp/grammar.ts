/**
 * What an FTP control connection may send: `USER x` and then `PASS y`, each once, of the one pair that was permitted
 * (RFC 959 section 5.3.1). No answer to telnet negotiation, no other command, no QUIT, and nothing after the password.
 */
import { bytesOf, type Credential, type Grammar } from '../machine.ts';

export const userLine = ({ user }: Credential): Uint8Array => bytesOf(`USER ${user}\r\n`);
export const passLine = ({ password }: Credential): Uint8Array => bytesOf(`PASS ${password}\r\n`);

/** A line end inside a word would make two commands of it, and IAC would start a telnet command. */
const PLAIN = /^[\x20-\x7e]*$/;

const same = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i]);

export function ftpGrammar(): Grammar {
  let lines: readonly Uint8Array[] = [];
  return {
    permit(credential) {
      const plain = PLAIN.test(credential.user) && PLAIN.test(credential.password);
      if (plain && credential.user !== '') lines = [userLine(credential), passLine(credential)];
    },
    allows(bytes) {
      const [next, ...rest] = lines;
      if (!next || !same(bytes, next)) return false;
      lines = rest;
      return true;
    },
  };
}
