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
interface Hmac {
  ofText(text: string): string;
  ofBytes(bytes: Uint8Array): Buffer;
}

function hmacOf(key: Uint8Array): Hmac {
  const short = key.length > BLOCK ? hash('sha256', key, 'buffer') : key;
  const inner = Buffer.alloc(BLOCK + SHORT, 0x36);
  const outer = Buffer.alloc(BLOCK + 32, 0x5c);
  for (const [n, byte] of short.entries()) {
    inner[n] = byte ^ 0x36;
    outer[n] = byte ^ 0x5c;
  }
  const within = (message: Uint8Array) => outer.set(hash('sha256', message, 'buffer'), BLOCK);
  return {
    ofText(text) {
      if (text.length * 3 <= SHORT) within(inner.subarray(0, BLOCK + inner.write(text, BLOCK, 'utf8')));
      else within(Buffer.concat([inner.subarray(0, BLOCK), Buffer.from(text, 'utf8')]));
      return hash('sha256', outer, 'hex');
    },
    ofBytes(bytes) {
      if (bytes.length > SHORT) within(Buffer.concat([inner.subarray(0, BLOCK), bytes]));
      else {
        inner.set(bytes, BLOCK);
        within(inner.subarray(0, BLOCK + bytes.length));
      }
      return hash('sha256', outer, 'buffer');
    },
  };
}
const HMACS = new WeakMap<Uint8Array, Hmac>();

function keyed(key: Uint8Array): Hmac {
  let hmac = HMACS.get(key);
  if (!hmac) {
    hmac = hmacOf(key);
    HMACS.set(key, hmac);
  }
  return hmac;
}

/** 32 hex digits of HMAC-SHA-256: recognises the same thing again without saying what it is. */
export const keyedHash = (key: Uint8Array, ...parts: readonly string[]): string =>
  keyed(key).ofText(canonical(parts)).slice(0, 32);

/** HMAC-SHA-256. The key may not change: what is made of it is kept. */
export const keyedDigest = (key: Uint8Array, bytes: Uint8Array): Buffer => keyed(key).ofBytes(bytes);
