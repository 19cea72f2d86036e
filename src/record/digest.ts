/** Digests and content-derived ids: the same content always has the same id, so that re-delivery changes nothing. */
import { createHash, createHmac } from 'node:crypto';
import { canonical } from './canonical.ts';

export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** Hex SHA-256 of the canonical form (RFC 8785) of a JSON value. */
export const digestOf = (value: unknown): string => sha256(canonical(value));

/** 32 hex digits (128 bits) naming a JSON value by its content, behind a word that says what it is: `case-4f0c…`. */
export const contentId = (word: string, value: unknown): string =>
  `${word}-${sha256(canonical([word, value])).slice(0, 32)}`;

/** 32 hex digits of HMAC-SHA-256: recognises the same thing again without saying what it is. */
export const keyedHash = (key: Uint8Array, ...parts: readonly string[]): string =>
  createHmac('sha256', key).update(canonical(parts)).digest('hex').slice(0, 32);
