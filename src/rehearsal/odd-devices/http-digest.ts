/**
 * Digest at the far end (RFC 7616), written apart from the code under test. In: what the device demands. Out: its challenge,
 * and whether an Authorization answers it for the one pair it takes.
 */
import { createHash } from 'node:crypto';
import type { Key } from './device.ts';

export interface DigestManner {
  readonly algorithm?: 'MD5' | 'MD5-sess' | 'SHA-256';
  /** As in the challenge; null for the old form without (RFC 2069). */
  readonly qop?: string | null;
  readonly opaque?: string;
  /** The first nonce a source is given is called stale when it comes back. */
  readonly staleFirst?: boolean;
}

const REALM = 'Device';
export const NONCE = 'c0ffee00c0ffee00';
const FRESH = 'feedface0badf00d';

export interface Digest {
  challenge(stale: boolean): string;
  isStale(authorization: string): boolean;
  isRight(authorization: string, key: Key | null): boolean;
}

const fieldOf = (authorization: string, name: string): string =>
  new RegExp(`\\b${name}=(?:"([^"]*)"|([^\\s,]*))`).exec(authorization)?.slice(1).find(Boolean) ?? '';

export const userOf = (authorization: string): string => fieldOf(authorization, 'username');

export function digestOf({ algorithm = 'MD5', qop = 'auth', opaque, staleFirst = false }: DigestManner): Digest {
  const hash = (text: string) =>
    createHash(algorithm === 'SHA-256' ? 'sha256' : 'md5')
      .update(text)
      .digest('hex');
  const fresh = staleFirst ? FRESH : NONCE;
  return {
    challenge: stale =>
      [
        `Digest realm="${REALM}"`,
        `nonce="${stale ? FRESH : NONCE}"`,
        ...(qop === null ? [] : [`qop="${qop}"`]),
        `algorithm=${algorithm}`,
        ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
        ...(stale ? ['stale=true'] : []),
      ].join(', '),
    isStale: authorization => staleFirst && fieldOf(authorization, 'nonce') !== FRESH,
    isRight(authorization, key) {
      const field = (name: string) => fieldOf(authorization, name);
      if (!key || field('username') !== key.user || field('nonce') !== fresh) return false;
      if (opaque !== undefined && field('opaque') !== opaque) return false;
      const secret = hash(`${key.user}:${REALM}:${key.password}`);
      const a1 = algorithm === 'MD5-sess' ? hash(`${secret}:${fresh}:${field('cnonce')}`) : secret;
      const a2 = hash(`GET:${field('uri')}`);
      const middle = qop === null ? fresh : [fresh, field('nc'), field('cnonce'), 'auth'].join(':');
      return field('response') === hash(`${a1}:${middle}:${a2}`);
    },
  };
}
