/**
 * Somebody says that an alert was not for them. What is kept about it, so that a person can find out why: the questions, the holds
 * that were read and the verdict. Lines other than the one alerted appear as "another" only, never by name or number.
 */
import type { IdentificationVerdict } from './assignment.ts';
import type { Instant } from './instant.ts';

/** owner: by the form; desk: a caller; isp: the ISP's own people. */
export const INCIDENT_TELLERS = ['owner', 'desk', 'isp'] as const;
export type IncidentTeller = (typeof INCIDENT_TELLERS)[number];

/**
 * What came of an alert that people sent by hand. `not-ours`: the line is not the ISP's. `wrong-person`: somebody was told about a
 * device of another. Both stop the case.
 */
export const OUTCOMES = [
  'sent-mail',
  'sent-letter',
  'called',
  'not-reached',
  'not-sent',
  'not-ours',
  'wrong-person',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** One hold that was read; infinite ends are null. */
export interface ReadHold {
  readonly source: string;
  readonly exporter: string;
  readonly whose: 'the line alerted' | 'another line' | 'somebody unknown' | 'an address behind';
  readonly possibleFrom: Instant | null;
  readonly sureFrom: Instant | null;
  readonly sureTo: Instant | null;
  readonly possibleTo: Instant | null;
}

export interface ReadStep {
  readonly pool: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly sources: readonly string[];
  readonly lacking: string | null;
  readonly holds: readonly ReadHold[];
}

export interface ReadQuestion {
  readonly address: string;
  readonly port: number;
  readonly at: Instant;
  readonly clockErrorMs: number;
  readonly verdict: IdentificationVerdict;
  readonly why: string;
  readonly steps: readonly ReadStep[];
}

export interface IncidentRecord {
  /** As the case stood when the alert was decided. */
  readonly verdict: IdentificationVerdict | null;
  readonly why: string | null;
  readonly verdictAt: Instant | null;
  readonly verdictDigest: string | null;
  /** Asked again when the incident opened: the same logs give the same. */
  readonly asked: readonly ReadQuestion[];
  readonly sources: readonly string[];
  /** What had been handed over by then. */
  readonly alerts: readonly { readonly channel: string; readonly message: string; readonly at: Instant }[];
}

export interface IncidentAct {
  readonly act: 'confirmed' | 'cleared' | 'log-cleared';
  readonly by: string;
  readonly at: Instant;
  readonly why: string;
}

/** What the centre passes on to the ISP: which case, and the day it was said. Nothing of who said it or how. */
export interface Notice {
  readonly id: string;
  readonly notice: 'disputed';
  readonly caseId: string;
  readonly by: 'owner' | 'desk';
  /** JST day. */
  readonly day: string;
}
