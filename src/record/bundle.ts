/** What passes between centre and ISP. A bundle is JWE(JWS(NDJSON)): first line the manifest, then one row a case. */

import type { IdentificationVerdict } from './assignment.ts';
import type { FindingKind, Protocol } from './glossary.ts';
import type { Instant } from './instant.ts';

export interface BundleManifest {
  readonly format: 'notice-bundle/1';
  readonly isp: string;
  /** From 1 without gaps, per ISP. */
  readonly seq: number;
  /** SHA-256 of the previous bundle's sealed bytes; 64 zeros before the first. */
  readonly prev: string;
  readonly createdAt: Instant;
  readonly month: string;
  readonly rows: number;
  /** Root of the centre's audit chain at sealing: every ISP is a witness. */
  readonly auditRoot: string;
}

export type BundleRow =
  | {
      readonly type: 'case';
      readonly caseId: string;
      readonly change: 'new' | 'confirmed' | 'returned';
      readonly kind: FindingKind;
      readonly protocol: Protocol;
      readonly vendor: string | null;
      readonly model: string | null;
      readonly alertCode: string;
      /** JWE holding the Evidence, sealed by the prober to this ISP. */
      readonly sealed: string;
    }
  /** The case ended: no alert may leave any more. */
  | { readonly type: 'close'; readonly caseId: string; readonly reason: 'fixed' | 'not-seen' | 'withdrawn' }
  /** Sent by mistake: beats every unsent alert. */
  | { readonly type: 'revoke'; readonly caseId: string; readonly reason: string };

/** Signed by the ISP: this bundle arrived and verified. */
export interface Receipt {
  readonly format: 'notice-receipt/1';
  readonly isp: string;
  readonly seq: number;
  /** SHA-256 of the sealed bytes received. */
  readonly digest: string;
  readonly accepted: number;
  readonly rejected: number;
  readonly at: Instant;
}

export const ACTION_CODES = [
  'none',
  'alerted-mail',
  'alerted-letter',
  'called',
  'already-alerted',
  'unreachable',
  'refused',
] as const;
export type ActionCode = (typeof ACTION_CODES)[number];

/** Signed by the ISP, idempotent by (caseId, revision): coarse, never a subscriber. */
export interface Feedback {
  readonly format: 'notice-feedback/1';
  readonly isp: string;
  readonly caseId: string;
  readonly revision: number;
  readonly verdict: IdentificationVerdict;
  readonly action: ActionCode;
  /** JST day. */
  readonly day: string;
}
