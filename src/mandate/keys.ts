/**
 * Keys of the paper: Ed25519 (RFC 8032) signs, X25519 (RFC 7748) is sealed to. Keys travel as raw bytes in base64url; a
 * key id is the first 16 hex digits of SHA-256 over the raw public key. A signature covers the canonical form of a body,
 * whose `format` member keeps a consent from ever passing for a mandate.
 */
import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { canonical } from '../record/canonical.ts';
import { sha256 } from '../record/digest.ts';
import { Fault, fileFault } from '../record/fault.ts';
import type { Signature, TrustedKey } from '../record/mandate.ts';
import { readJson, shaped } from './json-file.ts';

export type Curve = 'Ed25519' | 'X25519';

/** A private key with its public half; for signing or, on X25519, for opening what was sealed. */
export interface SigningKey {
  /** Key id. */
  readonly key: string;
  /** Raw public key, base64url. */
  readonly publicKey: string;
  /** Raw 32-byte private key (the seed), base64url. */
  readonly privateKey: string;
}

export const keyIdOf = (publicKey: string): string => sha256(Buffer.from(publicKey, 'base64url')).slice(0, 16);

function made(pair: { privateKey: KeyObject }): SigningKey {
  const { x, d } = pair.privateKey.export({ format: 'jwk' }) as { x: string; d: string };
  return { key: keyIdOf(x), publicKey: x, privateKey: d };
}

export const makeSigningKey = (): SigningKey => made(generateKeyPairSync('ed25519'));
export const makeSealingKey = (): SigningKey => made(generateKeyPairSync('x25519'));

export const publicKeyObject = (raw: string, curve: Curve): KeyObject =>
  createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: curve, x: raw } });

const privateOn = (key: SigningKey, curve: Curve): KeyObject =>
  createPrivateKey({ format: 'jwk', key: { kty: 'OKP', crv: curve, x: key.publicKey, d: key.privateKey } });

/** On which curve the private half gives the public half; undefined when on neither, that is when the key is damaged. */
export function curveOf(key: SigningKey): Curve | undefined {
  return (['Ed25519', 'X25519'] as const).find(curve => {
    const { x } = createPublicKey(privateOn(key, curve)).export({ format: 'jwk' });
    return x === key.publicKey;
  });
}

/** Throws TypeError for a damaged key. */
export function privateKeyObject(key: SigningKey): KeyObject {
  const curve = curveOf(key);
  if (!curve) throw new TypeError('the two halves of the key do not belong together');
  return privateOn(key, curve);
}

/** Signs the RFC 8785 form of `body`; `by` says in which part: `operator`, `authority`, or an ISP's id. */
export function signBody(body: unknown, by: string, key: SigningKey): Signature {
  const bytes = Buffer.from(canonical(body), 'utf8');
  return { by, key: key.key, signature: sign(null, bytes, privateKeyObject(key)).toString('base64url') };
}

/** Whether one of the trusted keys made this signature over this body. */
export function verifyBody(body: unknown, signature: Signature, trusted: readonly TrustedKey[]): boolean {
  const bytes = Buffer.from(canonical(body), 'utf8');
  const raw = Buffer.from(signature.signature, 'base64url');
  return trusted.some(
    t =>
      t.key === signature.key &&
      t.key === keyIdOf(t.publicKey) &&
      raw.length === 64 &&
      verify(null, bytes, publicKeyObject(t.publicKey, 'Ed25519'), raw),
  );
}

const raw32 = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be 32 bytes in base64url');
const keyId = z.string().regex(/^[0-9a-f]{16}$/, 'must be 16 hex digits');
const keyFile = z.strictObject({
  format: z.literal('notice-key/1'),
  curve: z.enum(['Ed25519', 'X25519']),
  key: keyId,
  publicKey: raw32,
  privateKey: raw32,
});
const publicFile = z.strictObject({
  format: z.literal('notice-public-key/1'),
  curve: z.enum(['Ed25519', 'X25519']),
  key: keyId,
  publicKey: raw32,
});

/** Writes a new private key, readable by this user only. An existing file is never overwritten. */
export function writeKey(file: string, key: SigningKey): void {
  const text = `${JSON.stringify({ format: 'notice-key/1', curve: curveOf(key), ...key }, null, 2)}\n`;
  try {
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
    chmodSync(file, 0o600);
  } catch (thrown) {
    if ((thrown as { code?: string }).code === 'EEXIST')
      throw new Fault('input', 'is a key already', 'name another file; a key is never overwritten', { where: file });
    throw fileFault(thrown, file);
  }
}

export function readKey(file: string): SigningKey {
  const json = readJson(file, 'input');
  const { key, publicKey, privateKey, curve } = shaped(keyFile, json, 'a key', 'make a new key');
  const read = { key, publicKey, privateKey };
  if (curveOf(read) !== curve || keyIdOf(publicKey) !== key)
    throw new Fault('input', 'the key is damaged', 'restore it, or make a new one and pin that', { where: file });
  return read;
}

/** The part of a key to hand to others: what a trust file pins, or a consent names as its sealing key. */
export function publicTextOf(key: SigningKey): string {
  const { key: id, publicKey } = key;
  return `${JSON.stringify({ format: 'notice-public-key/1', curve: curveOf(key), key: id, publicKey }, null, 2)}\n`;
}

/** Reads the public half from a key file or from a public key file, and insists on the curve. */
export function readPublicKey(file: string, curve: Curve): TrustedKey {
  const json = readJson(file, 'input');
  const either = z.union([keyFile, publicFile]).safeParse(json.value);
  const read = either.success ? either.data : shaped(publicFile, json, 'a public key', 'name a file made by notice');
  if (read.curve !== curve || keyIdOf(read.publicKey) !== read.key)
    throw new Fault('input', `is no ${curve} key`, `name a ${curve === 'X25519' ? 'sealing' : 'signing'} key`, {
      where: file,
    });
  return { key: read.key, publicKey: read.publicKey };
}
