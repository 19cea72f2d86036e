/** How far a round is, for a status line, a page or a machine. No address is in it. */
import type { Reported } from './observation.ts';

export const STAGES = ['idle', 'sweep', 'probe', 'done', 'stopped'] as const;
export type Stage = (typeof STAGES)[number];

export interface RoundProgress {
  readonly round: string;
  readonly month: string;
  readonly stage: Stage;
  /** Of the stage: (address, port) pairs while sweeping, services while probing. */
  readonly total: number;
  readonly done: number;
  readonly perSecond: number;
  readonly answered: number;
  /** Sends the gate refused, which is its work and no error. */
  readonly refused: number;
  readonly checked: number;
  readonly reported: Readonly<Record<Reported, number>>;
  /** Null while it cannot be told. */
  readonly secondsLeft: number | null;
}

/** What a finished round did, in counts. */
export interface RoundReport {
  readonly round: string;
  readonly month: string;
  readonly total: number;
  readonly sent: number;
  readonly excluded: number;
  readonly answered: number;
  readonly checked: number;
  readonly tries: number;
  readonly prompts: number;
  readonly findings: number;
  readonly reported: Readonly<Record<Reported, number>>;
  readonly resumed: boolean;
  readonly stopped: string | null;
}
