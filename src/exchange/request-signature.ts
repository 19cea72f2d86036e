/**
 * Who asks: an HTTP request signed with the asker's pinned Ed25519 key. A fixed profile of HTTP Message Signatures
 * (RFC 9421) with a digest of the body (RFC 9530): always these four components in this order, always these three
 * parameters, nothing else accepted. In: method, path, query, body, the calendar. Out: headers, or the verdict on headers.
 *
 * A request is good for five minutes around its `created`. Repeated within them it does again what changes nothing.
 */
import { createHash, sign, verify } from 'node:crypto';
import { keyIdOf, privateKeyObject, publicKeyObject, type SigningKey } from '../mandate/keys.ts';
import type { Instant } from '../record/instant.ts';
import { MINUTE, SECOND } from '../record/instant.ts';
import type { TrustedKey } from '../record/mandate.ts';

export const FRESH = 5 * MINUTE;

export interface RequestParts {
  readonly method: string;
  /** Path as sent, beginning with a slash. */
  readonly path: string;
  /** Query as sent with its question mark; empty when there is none. */
  readonly query: string;
  readonly body: string;
}

const COMPONENTS = '("@method" "@path" "@query" "content-digest")';

const contentDigest = (body: string): string =>
  `sha-256=:${createHash('sha256').update(body, 'utf8').digest('base64')}:`;

/** RFC 9421 section 2.5: the text that is signed. An absent query counts as `?` (section 2.2.7). */
function signatureBase(parts: RequestParts, digest: string, parameters: string): Buffer {
  const lines = [
    `"@method": ${parts.method}`,
    `"@path": ${parts.path}`,
    `"@query": ${parts.query || '?'}`,
    `"content-digest": ${digest}`,
    `"@signature-params": ${parameters}`,
  ];
  return Buffer.from(lines.join('\n'), 'utf8');
}

export function signRequest(parts: RequestParts, key: SigningKey, now: Instant): Record<string, string> {
  const digest = contentDigest(parts.body);
  const parameters = `${COMPONENTS};created=${Math.floor(now / SECOND)};keyid="${key.key}";alg="ed25519"`;
  const signature = sign(null, signatureBase(parts, digest, parameters), privateKeyObject(key)).toString('base64');
  return { 'content-digest': digest, 'signature-input': `notice=${parameters}`, signature: `notice=:${signature}:` };
}

export type Asker =
  | { readonly ok: true; readonly isp: string }
  | { readonly ok: false; readonly why: 'unsigned' | 'unknown-key' | 'stale' | 'body' | 'signature' };

const INPUT =
  /^notice=(\("@method" "@path" "@query" "content-digest"\);created=(\d{1,11});keyid="([0-9a-f]{16})";alg="ed25519")$/;
const SIGNATURE = /^notice=:([A-Za-z0-9+/]{86}==):$/;

/** `isps` are the pinned keys of each ISP; the key id chooses among them, and only they are ever tried. */
export function askerOf(
  parts: RequestParts,
  headers: (name: string) => string | undefined,
  isps: Readonly<Record<string, readonly TrustedKey[]>>,
  now: Instant,
): Asker {
  const input = INPUT.exec(headers('signature-input') ?? '');
  const signature = SIGNATURE.exec(headers('signature') ?? '');
  if (!input || !signature) return { ok: false, why: 'unsigned' };
  const [, parameters = '', created = '', keyid] = input;
  for (const [isp, keys] of Object.entries(isps))
    for (const pinned of keys) {
      if (pinned.key !== keyid || pinned.key !== keyIdOf(pinned.publicKey)) continue;
      if (Math.abs(Number(created) * SECOND - now) > FRESH) return { ok: false, why: 'stale' };
      const digest = contentDigest(parts.body);
      if (headers('content-digest') !== digest) return { ok: false, why: 'body' };
      const base = signatureBase(parts, digest, parameters);
      const raw = Buffer.from(signature[1] as string, 'base64');
      const good = verify(null, base, publicKeyObject(pinned.publicKey, 'Ed25519'), raw);
      return good ? { ok: true, isp } : { ok: false, why: 'signature' };
    }
  return { ok: false, why: 'unknown-key' };
}
