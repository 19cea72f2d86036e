/**
 * What any log of any equipment comes down to: events about who held what. A format turns records into events, a folder
 * turns events into holds. Neither knows files, clocks or customers.
 */
import type { Instant } from '../../record/instant.ts';

/** A range of ports of one IPv4 address (0 to 65535 when the line has it for itself), or an IPv6 prefix. */
export type Holder =
  | { readonly family: 4; readonly address: number; readonly portFrom: number; readonly portTo: number }
  /** `prefix` with all bits beyond `length` zero. */
  | { readonly family: 6; readonly prefix: bigint; readonly length: number };

interface Common {
  /** ms UTC, by the clock that the format trusts most. */
  readonly at: Instant;
  /** What this record's own clock adds to the doubt, ms: instants that disagree within what is allowed. */
  readonly errorMs: number;
  /** The box that said so: access server, DHCP server, carrier NAT. Coverage is counted for each. */
  readonly exporter: string;
}

interface OfHolder extends Common {
  readonly holder: Holder;
  /** Ties the records of one hold together, unique within its exporter; for a lease, the client. */
  readonly session: string;
  /** The ISP's own id of the line; '' when somebody unknown was there, which can only veto. */
  readonly subscriber: string;
}

export type LogEvent =
  /** The hold begins exactly now. */
  | (OfHolder & { readonly what: 'begin' })
  /** The hold is alive now; it began at `since` at the earliest where the record says so. */
  | (OfHolder & { readonly what: 'alive'; readonly since?: Instant })
  /** The hold ends exactly now; `since` as above. */
  | (OfHolder & { readonly what: 'end'; readonly since?: Instant })
  /** The hold ended at some instant after its last evidence and no later than now (a reboot that closes all rows). */
  | (OfHolder & { readonly what: 'ended-by' })
  /** A lease granted or renewed now, good until then unless something ends it early. */
  | (OfHolder & { readonly what: 'lease'; readonly until: Instant })
  /** The client gave the lease back now. */
  | (OfHolder & { readonly what: 'release' })
  /** A hold known from beginning to end at once; null: open as far as the log reaches. */
  | (OfHolder & { readonly what: 'held'; readonly from: Instant; readonly to: Instant | null })
  /** Everything this exporter had open ended at some instant after its last evidence and no later than now. */
  | (Common & { readonly what: 'reset' })
  /** The exporter lived now: nothing but coverage. */
  | (Common & { readonly what: 'heard' })
  /** Records of this exporter are missing from `from` to `at` (a gap in sequence numbers). */
  | (Common & { readonly what: 'lost'; readonly from: Instant });

/** Extents in ms; Infinity for an open end; an empty sure extent has sureFrom > sureTo. */
export interface Held {
  readonly holder: Holder;
  readonly subscriber: string;
  readonly exporter: string;
  readonly possibleFrom: Instant;
  readonly sureFrom: Instant;
  readonly sureTo: Instant;
  readonly possibleTo: Instant;
}

/** Fed with the lines of one file in order, or with its bytes; gives events, or why a record cannot be used. */
export interface Parser {
  /** One line without its end; most give none or one event. A record over several lines is given with its last. */
  line?(text: string, line: number): readonly LogEvent[] | Refused;
  /** A binary log. Never throws, whatever the bytes. */
  bytes?(chunk: Uint8Array): readonly (LogEvent | Refused)[];
  /** The file has ended for now; a record cut in the middle is refused only when `final`. */
  end(final: boolean): readonly (LogEvent | Refused)[];
}

/** `line` counts from 1; for binary logs the number of the record. */
export interface Refused {
  readonly refused: string;
  readonly line?: number;
}
export const isRefused = (x: readonly LogEvent[] | LogEvent | Refused): x is Refused => 'refused' in x;

export interface Format {
  readonly name: string;
  /** How the events of this format are folded. */
  readonly folds: 'sessions' | 'blocks' | 'leases' | 'held';
  /** `options` as the source's configuration has them (time zone, VRF, vocabulary); Fault(input) when they make no sense. */
  open(file: string, options: Readonly<Record<string, unknown>>): Parser;
}

/** In: events of one source in any order and number. Feeding one twice changes nothing. */
export interface Folder {
  take(event: LogEvent): void;
  /** Holds that no later record of a sound log can change; each is given once. */
  closed(): Held[];
  /** What is still open, with its extents as far as the events go. */
  open(): Held[];
  /** Plain JSON from which `makeFolder(saved)` goes on. */
  save(): unknown;
}
