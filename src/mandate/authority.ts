/** What the gate, the budget and the audit log promise to whoever wants to send something. Implementations stand beside. */
import type { Act, Protocol } from '../record/glossary.ts';
import type { MandateBody } from '../record/mandate.ts';
import type { WriteGroup } from './audit-group.ts';
import type { Remembered } from './budget-book.ts';
import type { Classes } from './classes.ts';
import type { Pace } from './pace.ts';
import type { TryLimits } from './try-limits.ts';
import type { Unconfirmed } from './unconfirmed.ts';

/** Why nothing may be sent. Values, not exceptions: a refusal is an expected outcome and is counted. */
export const REFUSALS = [
  'not-yet',
  'expired',
  'clock-jumped',
  'outside-hours',
  'not-published',
  'outside-scope',
  'consent-expired',
  'excluded',
  'reserved',
  'never-touch',
  'port-not-named',
  'act-not-named',
  'source-not-named',
  'stopped',
] as const;
export type Refusal = (typeof REFUSALS)[number];

export interface Gate {
  readonly mandate: MandateBody;
  /** Hex SHA-256 of the canonical mandate body. */
  readonly digest: string;
  /** Undefined when this act may be done now. `address` is an unsigned IPv4 number. No allocation; asked per frame. */
  refuses(address: number, port: number, act: Act): Refusal | undefined;
  /** Asked once connected, before the first byte: does the mandate name the address we come from? */
  refusesSource(address: string): Refusal | undefined;
  /** The ISP whose consent covers the address, whether or not it may be probed now. */
  ispOf(address: number): string | undefined;
  protocolOf(port: number): Protocol | undefined;
  /** Structured-clonable; bitmaps are SharedArrayBuffers, so that exclusions reach every worker at once. */
  readonly tables: GateTables;
}

export interface FrameGate extends Gate {
  /**
   * The two halves of `refuses` for frames, which leave in batches. `now` is what holds for every target: hours, period,
   * clock, stop. Asked once for a batch of at most 256 frames, before the first is filled.
   */
  now(): Refusal | undefined;
  /** What holds for this target, as of the last `now()`. No clock, no allocation; asked where each frame is filled. */
  refusesFrame(address: number, port: number, act: Act): Refusal | undefined;
}

/** Everything a worker thread needs to rebuild the same gate. Opaque outside mandate/. */
export type GateTables = { readonly mandate: MandateBody } & { readonly [name: string]: unknown };

export type TryKind = 'attempt' | 'decoy';
export type Grant =
  | { readonly granted: true }
  | {
      readonly granted: false;
      readonly why: 'device-day' | 'account-day' | 'net-day' | 'isp-day' | 'gap' | 'decoy-day' | 'stopped';
      readonly retryAt: number;
    };

export interface Budget {
  /** Reserves one try on a device with an account name, written when it returns, or when the audit log's group is. */
  reserve(address: string, account: string, kind: TryKind): Grant;
  /** A lockout sign: no further try on this device for a day. */
  stopDevice(address: string): void;
  /** Tries reserved so far today on a device. */
  spent(address: string): number;
  remembers(address: string): Remembered;
  /** Tries with one account on a device reserved so far today. */
  spentOn(address: string, account: string): number;
  readonly limits: TryLimits;
  readonly pace: Pace;
  readonly classes: Classes;
  readonly unconfirmed: Unconfirmed;
  close(): void;
}

export interface Audit {
  /** Commitments are written with all others of their turn: whoever makes one asks it before sending. None: at once. */
  readonly group?: WriteGroup | undefined;
  /** Appends before the act happens; throws Fault('audit') when it cannot be written, and then work must stop. */
  append(type: string, data: Readonly<Record<string, unknown>>): void;
  /** Attempts go in as a salted commitment: SHA-256 over salt and the canonical data; the salt file can be dropped. */
  commit(type: string, data: Readonly<Record<string, unknown>>): void;
  root(): { readonly root: string; readonly entries: number };
  close(): void;
}
