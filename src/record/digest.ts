/** Digests and content-derived ids: the same content always has the same id, so that re-delivery changes nothing. */
import { hash } from 'node:crypto';
import { canonical } from './canonical.ts';

export const sha256 = (data: string | Uint8Array): string => hash('sha256', data, 'hex');

/** Hex SHA-256 of the canonical form (RFC 8785) of a JSON value. */
export const digestOf = (value: unknown): string => sha256(canonical(value));

/** 32 hex digits (128 bits) naming a JSON value by its content, behind a word that says what it is: `case-4f0c…`. */
export const contentId = (word: string, value: unknown): string =>
  `${word}-${sha256(canonical([word, value])).slice(0, 32)}`;

const BLOCK = 64;
const SHORT = 512;

/**
 * HMAC-SHA-256 (RFC 2104) with its two padded keys made once: asked for every try, and an HMAC object costs four times as
 * much as the two digests in it.
 */
function hmacOf(key: Uint8Array): (text: string) => string {
  const short = key.length > BLOCK ? hash('sha256', key, 'buffer') : key;
  const inner = Buffer.alloc(BLOCK + SHORT, 0x36);
  const outer = Buffer.alloc(BLOCK + 32, 0x5c);
  for (const [n, byte] of short.entries()) {
    inner[n] = byte ^ 0x36;
    outer[n] = byte ^ 0x5c;
  }
  return text => {
    const fits = text.length * 3 <= SHORT;
    const message = fits
      ? inner.subarray(0, BLOCK + inner.write(text, BLOCK, 'utf8'))
      : Buffer.concat([inner.subarray(0, BLOCK), Buffer.from(text, 'utf8')]);
    outer.set(hash('sha256', message, 'buffer'), BLOCK);
    return hash('sha256', outer, 'hex');
  };
}
const HMACS = new WeakMap<Uint8Array, (text: string) => string>();

/** 32 hex digits of HMAC-SHA-256: recognises the same thing again without saying what it is. */
export function keyedHash(key: Uint8Array, ...parts: readonly string[]): string {
  let hmac = HMACS.get(key);
  if (!hmac) {
    hmac = hmacOf(key);
    HMACS.set(key, hmac);
  }
  return hmac(canonical(parts)).slice(0, 32);
}
