/**
 * What sets one vendor's log of port blocks apart from another's: where its records begin, how they are worded, and what each
 * means. A table of these is all that a new vendor needs.
 */
import type { Fields } from './wording.ts';

export interface Said {
  /** `heard`: a record that gives nobody a port (a pool is exhausted, a rule matched). */
  readonly what: 'begin' | 'alive' | 'end' | 'heard';
  readonly fields: Fields;
}

/** A text says why a record that looks like one of this vendor's cannot be read. */
export type Record = Said | string;

export interface Dialect {
  readonly name: string;
  /** Where the first record of a line begins; -1 when the line is of another program. */
  find(text: string): number;
  /** Records from there on, at least one. */
  read(text: string, from: number): readonly Record[];
  /** Zone of the stamp that the box itself writes, minutes east of UTC, where its documentation says. */
  readonly boxZone?: number;
  /** The realm, where the heading names it and not the record. */
  realm?(tag: string): string | undefined;
}
