/** What passes between the main thread and a thread that logs in. The credential goes one way; outcome and counts come back. */
import type { GateTables } from '../../../mandate/authority.ts';
import type { Attempted, AttemptOrder } from '../driver.ts';
import type { Algorithms } from './algorithms.ts';

/** The order as it crosses: no facts but those the login needs, and an instant that all threads of a process share. */
export interface Errand extends Pick<AttemptOrder, 'address' | 'port' | 'act' | 'credential' | 'from'> {
  readonly algorithms: Algorithms;
  /** Of the server that was looked at: another one gets no credential. */
  readonly identity: string;
  /** `hrtime` in ms. */
  readonly notAfter?: number;
}

export type ToWorker =
  /** Before the first errand under it. Structured clones of the tables share the bitmaps. */
  | { readonly is: 'gate'; readonly gate: number; readonly tables: GateTables; readonly calendarOffsetMs: number }
  | { readonly is: 'errand'; readonly id: number; readonly gate: number; readonly errand: Errand }
  | { readonly is: 'stop'; readonly id: number }
  /** Stop all, and end when that is done. */
  | { readonly is: 'close' };

export interface FromWorker {
  readonly id: number;
  /** Undefined when there was no gate to ask: nothing was sent. */
  readonly attempted: Attempted | undefined;
}

/** ms since an arbitrary start, the same for all threads of this process, as `performance.now()` is not. */
export const hrtime = (): number => Number(process.hrtime.bigint()) / 1e6;
