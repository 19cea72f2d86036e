/**
 * What reads the bytes of one log file. In: the bytes, in order, cut anywhere. Out: how many of them were used; the rest comes again
 * with what follows. Where the holds go, and what happens to records that cannot be used, is decided by whoever made it.
 */
import type { Instant } from '../../record/instant.ts';
import type { Interning } from './interning.ts';

/** A line longer than this is refused, not kept. */
export const LONGEST_LINE = 65_536;

export interface Feeder {
  /** Lines (or records) behind it. */
  readonly lines: number;
  /** Within a line that is too long. */
  readonly cut: boolean;
  /** Uses bytes[0, length); gives how many. */
  feed(bytes: Uint8Array, length: number): number;
  /** The file ends for now with these unused bytes. When `final`, they are a record all the same; gives how many it used. */
  end(bytes: Uint8Array, length: number, final: boolean): number;
  /**
   * Goes on behind `lines` lines, of which it was fed the first alone. Absent when it must be fed everything again to know where
   * it is.
   */
  resume?(lines: number, cut: boolean): void;
}

/** A place for what one exporter said. */
export interface Box {
  readonly index: number;
  readonly name: string;
}

/** Where holds go that stand in a log as they are. `to` is Infinity while somebody still holds it; both ms UTC. */
export interface Intake {
  readonly interning: Interning;
  /** '' is the source itself. */
  box(exporter: string): Box;
  four(address: number, ports: number, from: Instant, to: Instant, subscriber: number, box: Box): void;
  six(prefix: bigint, length: number, from: Instant, to: Instant, subscriber: number, box: Box): void;
  refuse(line: number, why: string): void;
  /** Records that could be used. */
  used: number;
}
