/**
 * The Authorization value that answers a challenge with a pair (RFC 7617 §2; RFC 7616 §3.4). Pairs are sent in UTF-8; realm
 * and nonce are hashed as the bytes the device sent, whatever they mean. In and out: one character a byte.
 */
import { hash } from 'node:crypto';
import { bytesOf, type Credential, textOf } from '../machine.ts';
import type { Challenge } from './auth.ts';

/** Text as UTF-8, one character a byte. */
export const wire = (text: string): string => textOf(Buffer.from(text, 'utf8'));
export const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** Undefined when the pair cannot be said: a user name in Basic has no colon, and nothing anywhere has a control. */
export function authorization(
  challenge: Challenge,
  credential: Credential,
  path: string,
  cnonce: string,
): string | undefined {
  const user = wire(credential.user);
  const password = wire(credential.password);
  if (challenge.scheme === 'basic')
    return user.includes(':') ? undefined : `Basic ${Buffer.from(`${user}:${password}`, 'latin1').toString('base64')}`;
  if (/[\x00-\x1f\x7f]/.test(user)) return undefined;
  const { realm, nonce, algorithm, session, qop, echo } = challenge;
  const digest = (text: string) => hash(algorithm === 'MD5' ? 'md5' : 'sha256', bytesOf(text), 'hex');
  const secret = digest(`${user}:${realm}:${password}`);
  const a1 = session ? digest(`${secret}:${nonce}:${cnonce}`) : secret;
  const a2 = digest(`GET:${path}`);
  const response = digest(qop ? `${a1}:${nonce}:00000001:${cnonce}:auth:${a2}` : `${a1}:${nonce}:${a2}`);
  return (
    `Digest username=${quoted(user)}, realm="${echo.realm}", nonce="${echo.nonce}", uri="${path}"` +
    `${echo.algorithm === undefined ? '' : `, algorithm=${echo.algorithm}`}, response="${response}"` +
    `${qop ? ', qop=auth, nc=00000001' : ''}${qop || session ? `, cnonce="${cnonce}"` : ''}` +
    `${echo.opaque === undefined ? '' : `, opaque="${echo.opaque}"`}`
  );
}
