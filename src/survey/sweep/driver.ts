/**
 * What a way of sending must do for the engine: begin one connection attempt, say how attempts ended, drop one. Drivers
 * know sockets and errors; they know no mandate, no pace and no shard.
 */

/** How an attempt stands. Numbers, because one is made for each packet. */
export const PENDING = 0;
/** The TCP handshake completed; the connection is closed again already, by a reset. */
export const ANSWERED = 1;
export const REFUSED = 2;
export const SILENT = 3;
export const UNREACHABLE = 4;
/** This machine could not send: no descriptor, port, buffer or route. Says nothing about the target. */
export const LOCAL = 5;
/** Connected from an address the mandate does not name: everything must stop. */
export const FOREIGN = 6;
export type Outcome =
  | typeof PENDING
  | typeof ANSWERED
  | typeof REFUSED
  | typeof SILENT
  | typeof UNREACHABLE
  | typeof LOCAL
  | typeof FOREIGN;

export type Ended = (slot: number, outcome: Outcome) => void;

export interface Driver {
  readonly name: 'connect' | 'net' | 'dry';
  /** Whether packets leave at all; without it there is no pace to keep. */
  readonly sends: boolean;
  /** The address this machine would send from, found without sending; undefined where it cannot be told before. */
  sourceTo(address: number): string | undefined;
  /** Begins an attempt in a free slot. Anything but PENDING is its end, and the slot is free still. */
  open(slot: number, address: number, port: number): Outcome;
  /** Reports what ended, sleeping at most `ms` until something does. A promise when the driver lives on the event loop. */
  wait(ms: number, ended: Ended): void | Promise<void>;
  /** Gives up a pending attempt without a report. */
  cancel(slot: number): void;
  /** The system's word for the last LOCAL outcome. */
  lastFault(): string;
  close(): void;
}

/** May the mandate be spoken for from this address? Asked once connected. */
export type SourceNamed = (address: string) => boolean;
