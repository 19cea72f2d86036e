/**
 * The shapes of the paper as zod schemas: what a member must be before anyone reads meaning into it. Unknown members are
 * refused, because a signed member that the engine does not understand could be a condition that it would ignore.
 */
import { z } from 'zod';
import { parseAddress, parsePrefix } from '../record/address.ts';
import { ACTS, POOL_KINDS, PROTOCOLS } from '../record/glossary.ts';
import { instantOf } from '../record/instant.ts';
import type { Consent, ConsentBody, Mandate, MandateBody, Trust, TrustedKey } from '../record/mandate.ts';

/** What a draft says where only people can fill in the truth. Nobody can sign it and nothing loads it. */
export const UNFILLED = 'FILL IN:';

const words = z
  .string('must be text')
  .refine(t => t.trim() !== '', 'is empty')
  .refine(t => !t.startsWith(UNFILLED), 'is not filled in yet');
const instant = z
  .string('must be text')
  .refine(t => instantOf(t) !== undefined, 'must be an instant with its zone, such as 2026-11-01T00:00:00Z');
const prefix = z
  .string('must be text')
  .refine(t => parsePrefix(t) !== undefined, 'must be a prefix without host bits, such as 192.0.2.0/24');
const host = z
  .string('must be text')
  .refine(t => parseAddress(t) !== undefined || parsePrefix(t) !== undefined, 'must be an address or a prefix');
const sourceAddresses = z.array(host).min(1, 'is empty');
const whole = (least: number) => z.int('must be a whole number').min(least, `must be ${least} or more`);
const rate = z.strictObject({
  perSecond: z.number('must be a number').positive('must be more than 0'),
  burst: whole(1),
});
const yesOrNo = z.boolean('must be true or false');
const hour = z.string('must be text').regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be HH:MM');
/** Also a part of file, schema and login names. */
export const ISP_ID = /^(?!(?:operator|authority)$)[a-z][a-z0-9_-]{0,30}$/;
const ispId = z.string('must be text').regex(ISP_ID, 'must be a short lower-case name');
const unique = <T>(items: readonly T[], key: (item: T) => unknown) => new Set(items.map(key)).size === items.length;

const acts = z
  .array(z.enum(ACTS, `must be one of ${ACTS.join(', ')}`))
  .min(1, 'is empty')
  .refine(all => unique(all, a => a), 'names an act twice');

export const mandateBodyShape: z.ZodType<MandateBody> = z.strictObject({
  format: z.literal('notice-mandate/1', 'must be "notice-mandate/1"'),
  // Also a part of the names of folders.
  id: words.regex(/^[A-Za-z0-9][\w.-]{0,63}$/, 'must be a short name of letters, digits, ".", "_" and "-"'),
  legalBasis: words,
  period: z
    .strictObject({ from: instant, to: instant })
    .refine(p => (instantOf(p.from) ?? 0) < (instantOf(p.to) ?? 0), 'ends before it begins'),
  organisation: z.strictObject({ name: words, contact: words }),
  staff: z.array(z.strictObject({ name: words, department: words, contact: words })).min(1, 'is empty'),
  sources: z.strictObject({ addresses: sourceAddresses, publishedAt: instant, publishedAs: words }),
  facilities: z.array(words).min(1, 'is empty'),
  targets: z
    .array(z.strictObject({ isp: ispId, prefixes: z.array(prefix).min(1, 'is empty') }))
    .min(1, 'is empty')
    .refine(all => unique(all, t => t.isp), 'names an ISP twice'),
  identifiers: z.strictObject({
    policy: words,
    catalogueVersion: words,
    catalogueSha256: z.string('must be text').regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits'),
  }),
  ports: z
    .array(
      z.strictObject({
        port: whole(1).max(65_535, 'must be 65535 or less'),
        protocol: z.enum(PROTOCOLS, `must be one of ${PROTOCOLS.join(', ')}`),
        acts,
      }),
    )
    .min(1, 'is empty')
    .refine(all => unique(all, p => p.port), 'names a port twice'),
  neverTouch: z
    .array(z.strictObject({ port: whole(1).max(65_535, 'must be 65535 or less'), reason: words }))
    .min(1, 'is empty')
    .refine(all => unique(all, p => p.port), 'names a port twice')
    .exactOptional(),
  hours: z
    .strictObject({ from: hour, to: hour })
    .refine(h => h.from !== h.to && h.from !== '24:00' && h.to !== '00:00', 'must be a span, such as 00:00 to 24:00'),
  limits: z.strictObject({
    total: rate,
    perIsp: rate,
    per24: rate,
    triesPerDevicePerDay: whole(0),
    triesPerAccountPerDay: whole(0),
    triesPerDevicePerRound: whole(1).exactOptional(),
    triesPer24PerDay: whole(0).exactOptional(),
    triesPerIspPerDay: whole(0).exactOptional(),
    gapMs: whole(0),
  }),
  deadlines: z.strictObject({ connectMs: whole(1), settleMs: whole(1), conversationMs: whole(1), checkMs: whole(1) }),
  decoys: z.strictObject({ permitted: yesOrNo, perDevicePerDay: whole(0) }),
  noLoginChecks: z.strictObject({ permitted: yesOrNo }),
  records: z.strictObject({ security: words, outsourcing: words }),
});

const keyId = z.string('must be text').regex(/^[0-9a-f]{16}$/, 'must be 16 hex digits');
const raw32 = z.string('must be text').regex(/^[A-Za-z0-9_-]{43}$/, 'must be 32 bytes in base64url');
const signatures = z.array(
  z.strictObject({
    by: words,
    key: keyId,
    signature: z.string('must be text').regex(/^[A-Za-z0-9_-]{86}$/, 'must be 64 bytes in base64url'),
  }),
);

export const mandateShape: z.ZodType<Mandate> = z.strictObject({ body: mandateBodyShape, signatures });

const consentBodyShape: z.ZodType<ConsentBody> = z.strictObject({
  format: z.literal('notice-consent/1', 'must be "notice-consent/1"'),
  isp: ispId,
  displayName: words,
  signedAt: instant,
  prefixes: z
    .array(z.strictObject({ prefix, pool: z.enum(POOL_KINDS, `must be one of ${POOL_KINDS.join(', ')}`) }))
    .min(1, 'is empty'),
  sealing: raw32,
});
export const consentShape: z.ZodType<Consent> = z.strictObject({ body: consentBodyShape, signatures });

const pins: z.ZodType<TrustedKey[]> = z.array(z.strictObject({ key: keyId, publicKey: raw32 })).min(1, 'is empty');
export const trustShape: z.ZodType<Trust> = z.strictObject({
  format: z.literal('notice-trust/1', 'must be "notice-trust/1"'),
  operator: pins,
  authority: pins,
  isps: z.record(ispId, pins),
  within: z.array(prefix).min(1, 'is empty'),
});
