/**
 * Challenges and answers of HTTP authentication: Basic (RFC 7617) and Digest (RFC 7616; MD5, MD5-sess, SHA-256 and
 * SHA-256-sess, with qop `auth` or none). In: the WWW-Authenticate values. Out: the challenge we would answer.
 */
import { createHash } from 'node:crypto';
import type { Credential } from '../machine.ts';

export type Challenge =
  | { readonly scheme: 'basic'; readonly realm: string }
  | {
      readonly scheme: 'digest';
      readonly realm: string;
      readonly nonce: string;
      readonly opaque: string | undefined;
      readonly algorithm: 'MD5' | 'SHA-256';
      readonly session: boolean;
      readonly named: boolean;
      readonly qop: boolean;
    };

const PARAMETER = /([a-z][a-z0-9-]{0,31})[ \t]{0,8}=[ \t]{0,8}(?:"((?:[^"\\]|\\.){0,512})"|([^\s,"]{1,512}))/gi;

function parametersOf(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name, quoted, bare] of text.slice(0, 4096).matchAll(PARAMETER))
    found.set((name as string).toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '');
  return found;
}

/** Header values come back into requests, so only plain ASCII without controls is taken. */
const plain = (text: string) => /^[\x20-\x7e]{0,512}$/.test(text);

/** Basic before Digest when a device offers both: it is one request less. Undefined when neither can be answered. */
export function challengeOf(values: readonly string[]): Challenge | undefined {
  let digest: Challenge | undefined;
  for (const value of values.slice(0, 8)) {
    const scheme = /^[ \t]{0,8}([a-z]{1,16})(?:[ \t,]|$)/i.exec(value)?.[1]?.toLowerCase();
    const found = parametersOf(value);
    const realm = found.get('realm') ?? '';
    if (scheme === 'basic') return { scheme, realm };
    const nonce = found.get('nonce');
    if (scheme !== 'digest' || digest || nonce === undefined) continue;
    const named = found.get('algorithm');
    const algorithm = /^(md5|sha-256)(-sess)?$/i.exec(named ?? 'MD5');
    const offered = found.get('qop');
    const qop = offered?.split(',').some(q => q.trim().toLowerCase() === 'auth') ?? false;
    if (!algorithm || (offered !== undefined && !qop)) continue;
    const opaque = found.get('opaque');
    if (!plain(realm) || !plain(nonce) || !plain(opaque ?? '')) continue;
    digest = {
      scheme,
      realm,
      nonce,
      opaque,
      algorithm: algorithm[1]?.toUpperCase() === 'MD5' ? 'MD5' : 'SHA-256',
      session: algorithm[2] !== undefined,
      named: named !== undefined,
      qop,
    };
  }
  return digest;
}

export const isStale = (value: string): boolean => /\bstale[ \t]{0,8}=[ \t]{0,8}"?true/i.test(value.slice(0, 4096));

const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** The Authorization value. `cnonce` is hex chosen by the caller. */
export function authorization(challenge: Challenge, credential: Credential, path: string, cnonce: string): string {
  const { user, password } = credential;
  if (challenge.scheme === 'basic') return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const { realm, nonce, opaque, algorithm, session, named, qop } = challenge;
  const hash = (text: string) =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const secret = hash(`${user}:${realm}:${password}`);
  const a1 = session ? hash(`${secret}:${nonce}:${cnonce}`) : secret;
  const a2 = hash(`GET:${path}`);
  const response = hash(qop ? `${a1}:${nonce}:00000001:${cnonce}:auth:${a2}` : `${a1}:${nonce}:${a2}`);
  const parts = [
    `username=${quoted(user)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri="${path}"`,
    ...(named ? [`algorithm=${algorithm}${session ? '-sess' : ''}`] : []),
    `response="${response}"`,
    ...(qop ? ['qop=auth', 'nc=00000001'] : []),
    ...(qop || session ? [`cnonce="${cnonce}"`] : []),
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
  ];
  return `Digest ${parts.join(', ')}`;
}
