/** The support centre's record: a question, what it was about, how it ended. No subscriber is in it. */
import type { Instant } from './instant.ts';

export const INQUIRY_CHANNELS = ['telephone', 'form'] as const;
export type InquiryChannel = (typeof INQUIRY_CHANNELS)[number];

export const INQUIRY_OUTCOMES = [
  'solved',
  'needs-isp',
  'needs-maker',
  'thinks-fraud',
  'refuses',
  'wrong-person',
  'other',
] as const;
export type InquiryOutcome = (typeof INQUIRY_OUTCOMES)[number];

export interface Inquiry {
  readonly id: string;
  readonly channel: InquiryChannel;
  readonly openedAt: Instant;
  /** The case the caller's code names; null when the caller has none, which is normal. */
  readonly caseId: string | null;
  readonly topic: string;
  /** Free text of the caller, kept 30 days. */
  readonly question: string;
  readonly callback: string | null;
  readonly answeredFrom: string | null;
  readonly outcome: InquiryOutcome | null;
  readonly closedAt: Instant | null;
}
