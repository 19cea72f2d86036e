/** Cases: the findings of one kind about one line, folded over rounds. State is computed; facts stay. */
import type { FindingKind, Protocol } from './glossary.ts';
import type { Instant } from './instant.ts';

export const CASE_STATES = ['open', 'fixed', 'not-seen', 'withdrawn'] as const;
/** `fixed`: a completed conversation with a clear refusal. `not-seen`: two rounds without a conversation; not "fixed". */
export type CaseState = (typeof CASE_STATES)[number];

export interface Case {
  /** contentId of lineKey, kind, port, and the round it opened in. */
  readonly id: string;
  readonly isp: string;
  readonly kind: FindingKind;
  readonly lineKey: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly state: CaseState;
  /** True when an earlier case on the same line and kind had been closed as fixed. */
  readonly returned: boolean;
  readonly firstSeen: Instant;
  readonly lastSeen: Instant;
  readonly roundsUnseen: number;
  readonly closedAt: Instant | null;
  /** The last sealed finding, which the next bundle carries. */
  readonly findingId: string;
}

export type CaseChange = 'new' | 'confirmed' | 'returned' | 'fixed' | 'gone' | 'not-seen' | 'withdrawn';
