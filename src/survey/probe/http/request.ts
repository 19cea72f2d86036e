/**
 * The only HTTP requests there are, and the grammar that lets nothing else through: GET of `/` or of one random path,
 * four fixed header lines that say who asks and why (RFC 9511 in-band), and at most once an Authorization, which is last.
 */
import { bytesOf, type Grammar, textOf } from '../machine.ts';

export interface HttpVoice {
  /** `address:port`. */
  readonly host: string;
  /** Names the survey and where to read about it. */
  readonly agent: string;
}

/** `publishedAs` is the URL of the mandate's public notice; anything a header cannot hold is left out. */
export const agentOf = (publishedAs: string): string =>
  `notice-survey (+${publishedAs.replace(/[^\x21-\x7e]/g, '').slice(0, 200)})`;

export const ROOT = '/';
/** A path no device has: what it says there, it says to anything. */
export const nowhere = (random: Uint8Array): string => `/${Buffer.from(random).toString('hex').slice(0, 16)}`;

export function request(voice: HttpVoice, path: string, last: boolean, authorized?: string): Uint8Array {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${voice.host}`,
    `User-Agent: ${voice.agent}`,
    'Accept: */*',
    `Connection: ${last ? 'close' : 'keep-alive'}`,
    ...(authorized === undefined ? [] : [`Authorization: ${authorized}`]),
  ];
  return bytesOf(`${lines.join('\r\n')}\r\n\r\n`);
}

const MOST_REQUESTS = 3;
const AUTHORIZATION = /^Authorization: (?:Basic [A-Za-z0-9+/]{0,512}={0,2}|Digest [\x20-\x7e]{1,4096})$/;

/** An Authorization only in a conversation whose try is reserved and in the audit log. */
export function httpGrammar(voice: HttpVoice): Grammar {
  let mayAuthorize = false;
  let requests = 0;
  let closed = false;
  return {
    permit() {
      mayAuthorize = true;
    },
    allows(bytes) {
      const lines = textOf(bytes).split('\r\n');
      if (closed || ++requests > MOST_REQUESTS) return false;
      const authorized = lines.length === 8;
      if (lines.length !== (authorized ? 8 : 7) || lines.at(-1) !== '' || lines.at(-2) !== '') return false;
      if (!/^GET \/(?:[0-9a-f]{16})? HTTP\/1\.1$/.test(lines[0] as string)) return false;
      if (lines[1] !== `Host: ${voice.host}` || lines[2] !== `User-Agent: ${voice.agent}`) return false;
      if (lines[3] !== 'Accept: */*' || !/^Connection: (?:close|keep-alive)$/.test(lines[4] as string)) return false;
      if (!authorized) return true;
      closed = true;
      return mayAuthorize && AUTHORIZATION.test(lines[5] as string);
    },
  };
}
