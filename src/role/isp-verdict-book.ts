/**
 * The audit file of verdicts as one tick uses it: opened under a lock when there is something to write, closed at the end. A verdict
 * that rests on the same inputs as before is not written down twice. In: an answer. Out: the digest of its inputs.
 */
import { existsSync } from 'node:fs';
import type { Asked } from '../isp/assignment/identify-all.ts';
import { inputsDigest } from '../isp/assignment/inputs-digest.ts';
import { forgetVerdicts, openVerdictAudit, type VerdictAudit, verdictKey } from '../isp/assignment/verdict-audit.ts';
import type { Instant } from '../record/instant.ts';
import type { IspTables } from '../record/tables/isp.ts';
import { lockFolder } from './lock.ts';

type Before = Pick<IspTables['case'], 'verdict' | 'verdict_digest'>;

export interface VerdictBook {
  /** Gives the digest of what the answer rests on. */
  note(at: Instant, caseId: string, asked: Asked, before: Before): string;
  /** On the disk when it returns. */
  sync(): void;
  forget(before: Instant): number;
  /** The file is closed, and opened again by the next note. */
  close(): void;
}

export function verdictBook(file: string, random: (bytes: number) => Uint8Array): VerdictBook {
  let open: { readonly audit: VerdictAudit; readonly unlock: () => void } | undefined;
  let key: Uint8Array | undefined;
  const opened = () => {
    if (!open) {
      const unlock = lockFolder(`${file}.lock`);
      try {
        open = { audit: openVerdictAudit(file, random), unlock };
      } catch (thrown) {
        unlock();
        throw thrown;
      }
    }
    return open.audit;
  };
  const close = () => {
    open?.audit.close();
    open?.unlock();
    open = undefined;
  };
  return {
    note: (at, caseId, asked, before) => {
      key ??= verdictKey(file, random);
      const digest = inputsDigest(key, asked.steps);
      if (digest !== before.verdict_digest || asked.answer.verdict !== before.verdict)
        opened().append(at, 'bundle', caseId, asked);
      return digest;
    },
    sync: () => open?.audit.sync(),
    forget: before => {
      close();
      return existsSync(file) ? forgetVerdicts(file, before) : 0;
    },
    close,
  };
}
