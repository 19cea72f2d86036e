/**
 * The audit log: every act before it happens. In: a file and clocks. Out: an Audit that appends to the hash chain, or a
 * Fault when the log cannot be written or does not verify, and then work must stop. The root is anchored in `FILE.anchor`
 * at opening, whenever it is asked for, and at closing; whoever asks for it keeps it elsewhere too.
 */
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { canonical } from '../record/canonical.ts';
import { sha256 } from '../record/digest.ts';
import { errorOf, Fault } from '../record/fault.ts';
import type { Clocks } from '../record/instant.ts';
import type { AuditRoot, Chain } from './audit-chain.ts';
import { anchorFileOf, entryText, readAnchor, readChain } from './audit-chain.ts';
import type { WriteGroup } from './audit-group.ts';
import { commitmentOf, newSalt, openSalts, readSalts } from './audit-salts.ts';
import type { Audit } from './authority.ts';

export interface AuditVerdict extends AuditRoot {
  readonly ok: boolean;
  readonly firstBad?: { readonly line: number; readonly why: string };
  /** Commitments whose salt is still kept and fits. */
  readonly opened: number;
}

const FULL = new Set(['ENOSPC', 'EDQUOT']);

function unwritable(thrown: unknown, file: string): Fault {
  if (thrown instanceof Fault) return thrown;
  const full = FULL.has((thrown as { code?: string }).code ?? '');
  return new Fault(
    full ? 'no-space' : 'audit',
    full ? 'no space left' : `cannot be written (${errorOf(thrown).message})`,
    `${full ? 'free some space' : 'mend that'} and start again; nothing is sent unlogged`,
    { where: file, cause: thrown },
  );
}

/** `kept`: roots anchored elsewhere, such as those the centre publishes. Values, never exceptions, but for a bad disk. */
export function verifyAudit(file: string, kept: readonly AuditRoot[] = []): AuditVerdict {
  const anchor = readAnchor(file);
  const commitments = new Map<number, string>();
  const chain = readChain(file, typeof anchor === 'string' ? kept : [anchor, ...kept], commitments);
  let bad = chain.firstBad;
  const end = chain.entries + 1;
  if (!bad && !existsSync(file)) bad = { line: 1, why: 'there is no log' };
  if (!bad && typeof anchor === 'string') bad = { line: end, why: anchor };
  if (!bad && chain.torn)
    bad = { line: end, why: 'ends in the middle of an entry: a crash, which the next opening records, or a cut' };
  let opened = 0;
  for (const salt of readSalts(file)) {
    if (bad) break;
    if (!salt) bad = { line: end, why: 'a kept salt does not open: it was edited' };
    else if (commitments.get(salt.seq) !== commitmentOf(salt.salt, canonical(salt.data)))
      bad = { line: salt.seq, why: 'is not what its kept salt says' };
    else opened++;
  }
  const { root, entries } = chain;
  return { ok: !bad, entries, root, opened, ...(bad ? { firstBad: bad } : {}) };
}

/** The chain to go on from, its torn end cut off. Throws when what is there does not verify. */
function chainToContinue(file: string): Chain {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const anchor = readAnchor(file);
  const begun = existsSync(file);
  const chain = readChain(file, typeof anchor === 'string' ? [] : [anchor]);
  let bad = chain.firstBad;
  if (!bad && typeof anchor === 'string' && begun && (chain.bytes > 0 || chain.torn))
    bad = { line: chain.entries, why: anchor };
  if (bad)
    throw new Fault('audit', bad.why, 'keep these files for the auditor, and start with a new folder', {
      where: `${file}:${bad.line}`,
    });
  if (chain.torn) truncateSync(file, chain.bytes);
  return chain;
}

export interface AuditOptions {
  /** A commitment is then written with all others of its turn, and whoever made it must ask the group before sending. */
  readonly group?: WriteGroup;
}

export function openAudit(file: string, clocks: Clocks, { group }: AuditOptions = {}): Audit {
  let fd: number;
  let chain: Chain;
  try {
    chain = chainToContinue(file);
    fd = openSync(file, 'a', 0o600);
  } catch (thrown) {
    throw unwritable(thrown, file);
  }
  const salts = openSalts(file);
  let { entries, root, bytes } = chain;
  /** Entries of the chain that are not in the file yet. */
  let owed = '';
  let broken: unknown;
  let closed = false;

  const guarded = <T>(work: () => T): T => {
    if (broken !== undefined) throw unwritable(broken, file);
    try {
      return work();
    } catch (thrown) {
      broken = thrown;
      throw unwritable(thrown, file);
    }
  };
  /** `data` in canonical form. */
  const add = (at: number, type: string, data: string) => {
    const entry = entryText(entries + 1, at, type, data, root);
    owed += entry.line;
    entries++;
    root = entry.hash;
  };
  const write = () => {
    if (owed === '') return;
    const lines = Buffer.from(owed, 'utf8');
    // Another hand in the file, even ours in another process, ends this one: the chain would fork.
    if (fstatSync(fd).size !== bytes) throw new Error('someone else changed it');
    if (writeSync(fd, lines) !== lines.length) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    bytes += lines.length;
    owed = '';
    salts.write();
  };
  const append = (at: number, type: string, data: string) => {
    add(at, type, data);
    write();
  };
  const anchor = (): AuditRoot => {
    write();
    fdatasyncSync(fd);
    const beside = `${anchorFileOf(file)}.new`;
    writeFileSync(beside, `${canonical({ entries, root })}\n`, { mode: 0o600 });
    renameSync(beside, anchorFileOf(file));
    return { root, entries };
  };
  guarded(anchor);
  const { torn } = chain;
  const torned = torn && canonical({ bytes: torn.length, sha256: sha256(torn) });
  if (torned) guarded(() => append(clocks.calendar(), 'torn', torned));

  const owe = group?.join(() => {
    if (owed !== '') guarded(write);
  });
  return {
    group,
    append: (type, data) => guarded(() => append(clocks.calendar(), type, canonical(data))),
    commit: (type, data) =>
      guarded(() => {
        const at = clocks.calendar();
        const salt = newSalt();
        const text = canonical(data);
        add(at, type, `{"commitment":"${commitmentOf(salt, text)}"}`);
        salts.keep(at, entries, salt, text);
        if (owe) owe();
        else write();
      }),
    root: () => guarded(anchor),
    close() {
      if (closed) return;
      closed = true;
      if (broken === undefined) guarded(anchor);
      broken ??= new Error('it is closed');
      salts.close();
      closeSync(fd);
    },
  };
}
