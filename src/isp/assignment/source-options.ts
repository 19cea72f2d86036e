/** What is said of a source whenever it is imported or followed. */
import type { KeyObject } from 'node:crypto';

export interface SourceOptions {
  /** Name in FORMATS. */
  readonly format: string;
  /** Folder of the index; made when absent. */
  readonly dir: string;
  /** Which log this is, when an ISP has several of one format; the format's name without it. */
  readonly source?: string;
  /** What the format is to know of the log: columns, time zone, vocabulary. Without it as the last time. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** A longer silence of one exporter is a gap, ms; without it none is. */
  readonly silenceMs?: number;
  /** X25519 key that names are sealed to; without it that of before, or one made beside the folder (keys.ts). */
  readonly publicKey?: KeyObject;
}
