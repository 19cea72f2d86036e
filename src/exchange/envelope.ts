/**
 * The envelope: text signed by one pinned key and sealed to one recipient. In: text, keys. Out: one line of ASCII, or the
 * text again, or a Fault. JWS (RFC 7515) with Ed25519 (RFC 8037) inside JWE (RFC 7516) with ECDH-ES+A256KW on X25519 and
 * A256GCM, both compact.
 *
 * Narrower than the standards on purpose. The headers may hold the members written here and nothing else: no compression,
 * no key, certificate or address of one, no `crit`. The algorithm is ours to say, not the header's. A key is looked up
 * among the pinned ones by its id. The signed header names the recipient, so that one who may open an envelope cannot
 * seal its inside to somebody else and have it pass for the signer's word.
 */
import { CompactEncrypt, CompactSign, compactDecrypt, compactVerify, decodeProtectedHeader, errors } from 'jose';
import { keyIdOf, privateKeyObject, publicKeyObject, type SigningKey } from '../mandate/keys.ts';
import { Fault } from '../record/fault.ts';
import type { TrustedKey } from '../record/mandate.ts';

const SIGN = { alg: 'EdDSA', typ: 'notice-signed' } as const;
const SEAL = { alg: 'ECDH-ES+A256KW', enc: 'A256GCM', typ: 'notice-sealed' } as const;

/** Signs the exact UTF-8 bytes of `text`, then seals. `recipient` is a raw X25519 public key, base64url. */
export async function sealTo(text: string, recipient: string, signer: SigningKey): Promise<string> {
  const to = keyIdOf(recipient);
  const signed = await new CompactSign(Buffer.from(text, 'utf8'))
    .setProtectedHeader({ ...SIGN, kid: signer.key, to })
    .sign(privateKeyObject(signer));
  return new CompactEncrypt(Buffer.from(signed, 'ascii'))
    .setProtectedHeader({ ...SEAL, kid: to })
    .encrypt(publicKeyObject(recipient, 'X25519'));
}

/**
 * Opens an envelope sealed to `recipient` (an X25519 key) and signed by one of `trusted`. Throws Fault('signature') when
 * the signer is not pinned or did not sign this, Fault('input') when it is not for this key or was altered.
 */
export async function openSealed(
  sealed: string,
  recipient: SigningKey,
  trusted: readonly TrustedKey[],
): Promise<string> {
  const outer = headerOf(sealed, 5);
  const { epk, ...plain } = outer;
  if (!same(plain, { ...SEAL, kid: plain.kid }) || !isX25519(epk)) throw unreadable('is no envelope of this exchange');
  if (plain.kid !== recipient.key)
    throw new Fault('input', `is sealed to key ${short(plain.kid)}, not to ${recipient.key}`, 'open it with that key');
  const signed = await compactDecrypt(sealed, privateKeyObject(recipient), {
    keyManagementAlgorithms: [SEAL.alg],
    contentEncryptionAlgorithms: [SEAL.enc],
  }).catch(broken);
  return verified(Buffer.from(signed.plaintext).toString('latin1'), recipient.key, trusted);
}

async function verified(jws: string, to: string, trusted: readonly TrustedKey[]): Promise<string> {
  const inner = headerOf(jws, 3);
  if (!same(inner, { ...SIGN, kid: inner.kid, to: inner.to })) throw unreadable('holds no signature of this exchange');
  const pinned = trusted.find(t => t.key === inner.kid && t.key === keyIdOf(t.publicKey));
  if (!pinned)
    throw new Fault(
      'signature',
      `is signed by key ${short(inner.kid)}, which is not pinned`,
      'ask the operator which keys sign',
    );
  if (inner.to !== to)
    throw new Fault('signature', 'was signed for another recipient', 'tell the operator: it was re-sealed');
  const { payload } = await compactVerify(jws, publicKeyObject(pinned.publicKey, 'Ed25519'), {
    algorithms: [SIGN.alg],
  }).catch((thrown: unknown) => {
    if (!(thrown instanceof errors.JOSEError)) throw thrown;
    throw new Fault('signature', 'the signature does not verify', 'fetch it again, or ask the operator', {
      cause: thrown,
    });
  });
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return text.decode(payload);
}

type Header = Readonly<Record<string, unknown>>;

function headerOf(compact: string, parts: number): Header {
  const split = compact.split('.', parts + 1);
  // Base64url decoders forgive padding, white space and spare bits; then two texts with two digests would say the same.
  const exact = split.every(part => Buffer.from(part, 'base64url').toString('base64url') === part);
  if (split.length !== parts || !exact) throw unreadable('is no envelope');
  try {
    return decodeProtectedHeader(compact) as Header;
  } catch {
    throw unreadable('is no envelope');
  }
}

/** Exactly these members with exactly these values: what is not known is not accepted. */
const same = (header: Header, expected: Header): boolean =>
  Object.keys(header).length === Object.keys(expected).length &&
  Object.entries(expected).every(([name, value]) => typeof value === 'string' && header[name] === value);

const isX25519 = (epk: unknown): boolean =>
  typeof epk === 'object' &&
  epk !== null &&
  Object.keys(epk).every(name => ['kty', 'crv', 'x'].includes(name)) &&
  (epk as Header).kty === 'OKP' &&
  (epk as Header).crv === 'X25519';

/** Never more of a stranger's text than a key id has. */
const short = (kid: unknown): string => (typeof kid === 'string' && /^[0-9a-f]{16}$/.test(kid) ? kid : '(no key id)');

const unreadable = (what: string): Fault => new Fault('input', what, 'fetch it again, or ask the operator');

function broken(thrown: unknown): never {
  // A point of low order makes node refuse the key agreement; like every JOSE failure it means an altered envelope.
  throw new Fault('input', 'does not open: it was altered or cut', 'fetch it again, or ask the operator', {
    cause: thrown,
  });
}
