/** Who held an address, or a port range of it, and when. `subscriber` is the ISP's own line id; nobody else sees it. */
import type { Instant } from './instant.ts';

/** `sure` is proven by log evidence; `possible` is as far as it could stretch (lost Stop, silent expiry). sure ⊆ possible. */
export interface Assignment {
  readonly address: string;
  /** Inclusive; 0 to 65535 when the line holds the whole address. */
  readonly portFrom: number;
  readonly portTo: number;
  readonly subscriber: string;
  readonly sureFrom: Instant;
  readonly sureTo: Instant;
  readonly possibleFrom: Instant;
  readonly possibleTo: Instant;
}

/** Only `unique` may alert; only `log_pending` is retried. */
export const IDENTIFICATION_VERDICTS = [
  'unique',
  'none_gap',
  'none_unassigned',
  'ambiguous_overlap',
  'ambiguous_edge',
  'ambiguous_soft_end',
  'shared_no_port',
  'shared_port_impossible',
  'log_gap',
  'log_pending',
  'stale_log',
  'conflict_sources',
  'clock_untrusted',
  'not_mine',
  'infrastructure',
  'expired',
  'revoked',
  'malformed',
] as const;
export type IdentificationVerdict = (typeof IDENTIFICATION_VERDICTS)[number];

export interface Identification {
  readonly verdict: IdentificationVerdict;
  /** Set only when the verdict is `unique`. */
  readonly subscriber?: string;
  /** One sentence for a person at the ISP: what the logs say. */
  readonly why: string;
}
