/** What a bundle's lines must look like at the edge (zod). The types are the record's; this holds them to what arrives. */
import { z } from 'zod';
import { ISP_ID } from '../mandate/shapes.ts';
import type { BundleManifest, BundleRow } from '../record/bundle.ts';
import { FINDING_KINDS, PROTOCOLS } from '../record/glossary.ts';

const hex64 = z.string().regex(/^[0-9a-f]{64}$/);
export const ispId = z.string().regex(ISP_ID);
export const caseId = z.string().regex(/^case-[0-9a-f]{32}$/);
export const monthText = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/);
const words = z.string().max(200);

export const manifestShape: z.ZodType<BundleManifest> = z.strictObject({
  format: z.literal('notice-bundle/1'),
  isp: ispId,
  seq: z.int().min(1),
  prev: hex64,
  createdAt: z.int().min(0),
  month: monthText,
  rows: z.int().min(0),
  auditRoot: z.string().max(200),
});

export const rowShape: z.ZodType<BundleRow> = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('case'),
    caseId,
    change: z.enum(['new', 'confirmed', 'returned']),
    kind: z.enum(FINDING_KINDS),
    protocol: z.enum(PROTOCOLS),
    vendor: words.nullable(),
    model: words.nullable(),
    alertCode: z.string().regex(/^\d{13}$/),
    sealed: z.string().max(20_000),
  }),
  z.strictObject({ type: z.literal('close'), caseId, reason: z.enum(['fixed', 'not-seen', 'withdrawn']) }),
  z.strictObject({ type: z.literal('revoke'), caseId, reason: words }),
]);
