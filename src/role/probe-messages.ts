/** What passes between `notice probe` and its workers. Targets go down against credit; what was checked comes back up. */
import type { PaperFiles } from '../mandate/paper.ts';
import type { FaultCode } from '../record/fault.ts';
import type { Target } from '../survey/credential/check.ts';
import type { Checked } from './probe-unit.ts';

export interface WorkerStart {
  readonly files: PaperFiles;
  readonly folder: string;
  readonly keys: string;
  readonly round: string;
  readonly shares: number;
  readonly concurrency: number;
  /** Of the mandate that the command read: a worker that reads another does not begin. */
  readonly digest: string;
}

/** `n` names a target to both sides; the journal's key stays with the command. */
export interface Dealt extends Target {
  readonly n: number;
}
export interface Done extends Checked {
  readonly n: number;
}

export type ToProbeWorker =
  | { readonly type: 'targets'; readonly targets: readonly Dealt[] }
  /** The lines of so many are with the reader. */
  | { readonly type: 'printed'; readonly count: number }
  /** No more targets. */
  | { readonly type: 'last' }
  | { readonly type: 'stop' };

export type FromProbeWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly done: readonly Done[] }
  | { readonly type: 'message'; readonly text: string }
  | { readonly type: 'fault'; readonly code: FaultCode; readonly message: string }
  | { readonly type: 'end' };
