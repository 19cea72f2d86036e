/** One month's published figures. A cell is a number, or `null` where it is suppressed (under 10, or its complement). */
import type { FindingKind } from './glossary.ts';

export type Cell = number | null;

/** Counts as the record gives them, before suppression; the input of a release. */
export interface MonthCounts {
  readonly month: string;
  readonly rehearsal: boolean;
  readonly isps: number;
  readonly addresses: number;
  readonly ports: number;
  readonly answered: number;
  /** Services where an ID and password could be entered. */
  readonly prompts: number;
  readonly detected: Readonly<Record<FindingKind, number>>;
  readonly returned: number;
  readonly handedOver: number;
  readonly identified: number;
  readonly refused: readonly { readonly reason: string; readonly cases: number }[];
  readonly alertedMail: number;
  readonly alertedLetter: number;
  readonly rechecked: number;
  readonly fixed: number;
  readonly notSeen: number;
  readonly stillOpen: number;
  readonly models: readonly { readonly label: string; readonly cases: number }[];
  readonly inquiries: readonly { readonly outcome: string; readonly count: number }[];
}

/** What is published: the same shape with small cells suppressed. */
export interface MonthFigures {
  readonly format: 'notice-figures/1';
  readonly month: string;
  readonly rehearsal: boolean;
  readonly isps: number;
  readonly addresses: number;
  readonly ports: number;
  readonly answered: Cell;
  readonly prompts: Cell;
  readonly detected: Readonly<Record<FindingKind, Cell>>;
  readonly returned: Cell;
  readonly handedOver: Cell;
  readonly identified: Cell;
  readonly refused: readonly { readonly reason: string; readonly cases: Cell }[];
  readonly alertedMail: Cell;
  readonly alertedLetter: Cell;
  readonly rechecked: Cell;
  readonly fixed: Cell;
  readonly notSeen: Cell;
  readonly stillOpen: Cell;
  readonly models: readonly { readonly label: string; readonly cases: Cell }[];
  readonly inquiries: readonly { readonly outcome: string; readonly count: Cell }[];
}
