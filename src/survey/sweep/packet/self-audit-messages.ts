/** What passes between the main thread and the one that judges copies of frames. Exclusions reach it through its port. */
import type { MessagePort } from 'node:worker_threads';
import type { AuditRing } from './audit-ring.ts';
import type { AuditLaw, DatedExclusion } from './self-audit.ts';

export interface SelfAuditInput {
  readonly ring: AuditRing;
  readonly law: AuditLaw;
  /** [0] not 0: judge what is there, and end. */
  readonly control: Int32Array;
  readonly port: MessagePort;
}

export interface ToSelfAudit {
  readonly exclude: readonly DatedExclusion[];
}

export interface FromSelfAudit {
  /** What is wrong with a frame; said once, and nothing more may leave. */
  readonly wrong: string;
}
