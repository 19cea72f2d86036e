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

/** What an ISP can do so that such a finding is `unique` next time; for its staff. */
export const REMEDIES: Readonly<Record<Exclude<IdentificationVerdict, 'unique'>, string>> = {
  none_gap: 'nothing, unless a log is missing: check that every box that serves the pool is imported',
  none_unassigned:
    'nothing, unless the pool or its log is described wrongly: check prefix, source and rules of the pool',
  ambiguous_overlap: 'logs of one line at a time: check for boxes that reuse an address before they log the end',
  ambiguous_edge:
    'a finding further from the change, or clocks that err less: keep the boxes on NTP and say so in the pool',
  ambiguous_soft_end: 'evidence after this instant: shorter interim intervals, shorter leases, logs of every end',
  shared_no_port: 'a finding that names its port',
  shared_port_impossible: 'nothing: no customer has this port, so the finding is about something else',
  log_gap: 'the missing part of the log, or a log of this pool that can be read',
  log_pending: 'a newer log: import it, and the question is asked again by itself',
  stale_log: 'nothing: what was held then has been forgotten',
  conflict_sources: 'logs that agree: find out which of them is wrong before any of them is believed',
  clock_untrusted: 'boxes whose clocks agree with the log server: set up NTP, and check the time zones of the import',
  not_mine: 'nothing: the finding goes back to the centre, which has the wrong ISP',
  infrastructure: 'nothing: it is our own equipment, and a person at the ISP looks after it',
  expired: 'nothing: the next round looks again',
  revoked: 'nothing: the centre has withdrawn the finding',
  malformed: 'nothing: the finding cannot be read',
};

export interface Identification {
  readonly verdict: IdentificationVerdict;
  /** Set only when the verdict is `unique`: the agent-local number of the line, in decimal. */
  readonly subscriber?: string;
  /** One sentence for a person at the ISP: what the logs say. */
  readonly why: string;
}
