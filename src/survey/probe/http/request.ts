/**
 * The only HTTP requests there are: GET with fixed header lines that say who asks and why (RFC 9511 in-band), at most with
 * an Authorization behind them, and the POST of one login form. What may really be sent the grammar judges.
 */
import { bytesOf } from '../machine.ts';

export interface HttpVoice {
  readonly scheme: 'http' | 'https';
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

const head = (method: string, path: string, { host, agent }: HttpVoice, last: boolean) =>
  `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: ${agent}\r\nAccept: */*\r\n` +
  `Connection: ${last ? 'close' : 'keep-alive'}\r\n`;

/** `last`: the connection is not needed after the answer. */
export const request = (voice: HttpVoice, path: string, last: boolean, authorized?: string): Uint8Array =>
  bytesOf(`${head('GET', path, voice, last)}${authorized === undefined ? '' : `Authorization: ${authorized}\r\n`}\r\n`);

/** `body` in ASCII, as `application/x-www-form-urlencoded`; `cookie` is left out when it is empty. */
export const post = (voice: HttpVoice, path: string, cookie: string, body: string): Uint8Array =>
  bytesOf(
    `${head('POST', path, voice, true)}${cookie === '' ? '' : `Cookie: ${cookie}\r\n`}` +
      `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
