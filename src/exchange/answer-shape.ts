/** What an ISP may send back (zod at the edge), and the limits of one request. */
import { z } from 'zod';
import { IDENTIFICATION_VERDICTS } from '../record/assignment.ts';
import type { Feedback, Receipt } from '../record/bundle.ts';
import { ACTION_CODES } from '../record/bundle.ts';
import type { Notice } from '../record/incident.ts';
import { caseId, ispId } from './row-shape.ts';

/** Feedback items in one request. */
export const FEEDBACK_ITEMS = 1_000;
/** Bytes of one request's body. */
export const BODY_BYTES = 1024 * 1024;
/** Bundles named in one list. */
export const LIST_ITEMS = 100;

const count = z.int().min(0).max(1_000_000);

export const receiptShape: z.ZodType<Receipt> = z.strictObject({
  format: z.literal('notice-receipt/1'),
  isp: ispId,
  seq: z.int().min(1),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  accepted: count,
  rejected: count,
  at: z.int().min(0),
});

export const feedbackShape: z.ZodType<Feedback> = z.strictObject({
  format: z.literal('notice-feedback/1'),
  isp: ispId,
  caseId,
  revision: z.int().min(1).max(1_000_000),
  verdict: z.enum(IDENTIFICATION_VERDICTS),
  action: z.enum(ACTION_CODES),
  day: z.string().regex(/^\d{4}-\d\d-\d\d$/),
});

const signature = z.strictObject({ by: z.string().max(60), key: z.string().max(16), signature: z.string().max(100) });

/** A paper the ISP signs: good evidence afterwards too, apart from the request that carried it. */
export const signedReceipt = z.strictObject({ body: receiptShape, signatures: z.array(signature).min(1).max(4) });
export const signedFeedback = z.strictObject({
  body: z.array(feedbackShape).min(1).max(FEEDBACK_ITEMS),
  signatures: z.array(signature).min(1).max(4),
});

export interface ListedBundle {
  readonly seq: number;
  readonly digest: string;
}
export const listShape: z.ZodType<readonly ListedBundle[]> = z
  .array(z.object({ seq: z.int().min(1), digest: z.string().regex(/^[0-9a-f]{64}$/) }))
  .max(LIST_ITEMS);

export const noticesShape: z.ZodType<readonly Notice[]> = z
  .array(
    z.object({
      id: z.string().regex(/^dispute-[0-9a-f]{32}$/),
      notice: z.literal('disputed'),
      caseId,
      by: z.enum(['owner', 'desk']),
      day: z.string().regex(/^\d{4}-\d\d-\d\d$/),
    }),
  )
  .max(1_000);

/** What became of feedback: new ones kept, ones known already, ones about cases this ISP was never handed. */
export interface FeedbackAnswer {
  readonly stored: number;
  readonly repeated: number;
  /** The same case and revision with other words: the first stands. */
  readonly conflicting: number;
  readonly unknown: number;
}
export const feedbackAnswer: z.ZodType<FeedbackAnswer> = z.object({
  stored: count,
  repeated: count,
  conflicting: count,
  unknown: count,
});
