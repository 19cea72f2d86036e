/**
 * The public edge's compartment (schema `web`): code look-ups, re-check requests, the desk. Code leads to a case's public
 * words only; never to an address or a name. The centre may insert and update `code`, `published`, and `recheck` results.
 */
import type { CaseState } from '../case.ts';
import type { FindingKind, Protocol } from '../glossary.ts';
import type { InquiryChannel, InquiryOutcome } from '../inquiry.ts';
import type { RecheckResult, RecheckState } from '../recheck.ts';

export interface WebTables {
  code: {
    code_hash: string;
    case_id: string;
    isp: string;
    isp_name_ja: string;
    isp_name_en: string;
    month: string;
    kind: FindingKind;
    protocol: Protocol;
    vendor: string | null;
    model: string | null;
    state: CaseState;
    updated_at: number;
  };
  recheck: {
    id: string;
    case_id: string;
    /** The visitor's address; erased (null) by the centre as soon as it has decided. */
    visitor: string | null;
    asked_at: number;
    state: RecheckState;
    result: RecheckResult | null;
    decided_at: number | null;
  };
  inquiry: {
    id: string;
    channel: InquiryChannel;
    opened_at: number;
    case_id: string | null;
    topic: string;
    question: string;
    callback: string | null;
    answered_from: string | null;
    outcome: InquiryOutcome | null;
    closed_at: number | null;
  };
  /** "This is not mine": the centre passes case and day on to the ISP that alerted, and nothing else of it. */
  dispute: { id: string; case_id: string; told_by: 'owner' | 'desk'; told_at: number };
  /** Frozen monthly releases as the public sees them. */
  published: { month: string; figures: string; digest: string; published_at: number };
}
