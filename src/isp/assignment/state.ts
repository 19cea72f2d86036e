/**
 * What an import must remember until the next: the state of a folder of events, with the names and clients in it. Sealed with the
 * secret of the importer (AES-256-GCM), so that the folder of the index holds no name in the open.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const NONCE = 12;
const TAG = 16;

const keyOf = (secret: Uint8Array): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), 'notice import state 1', 32));

export function sealState(state: unknown, secret: Uint8Array, source: string): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret), nonce);
  cipher.setAAD(Buffer.from(source));
  return Buffer.concat([nonce, cipher.update(JSON.stringify(state), 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

/** Throws when the secret is another or the bytes were changed. */
export function openState(sealed: Uint8Array, secret: Uint8Array, source: string): unknown {
  const decipher = createDecipheriv('aes-256-gcm', keyOf(secret), sealed.subarray(0, NONCE));
  decipher.setAAD(Buffer.from(source));
  decipher.setAuthTag(sealed.subarray(-TAG));
  const plain = Buffer.concat([decipher.update(sealed.subarray(NONCE, -TAG)), decipher.final()]);
  return JSON.parse(plain.toString('utf8'));
}
