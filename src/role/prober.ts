/**
 * A prober: everything between a signed mandate and a spool of observations. It holds its state folder, the mandate and
 * the gate; no database, no case, nobody's name. In: orders. Out: spool records, progress, counts.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { compileConsents } from '../attribution/consents.ts';
import { openAudit } from '../mandate/audit.ts';
import type { Audit, Budget } from '../mandate/authority.ts';
import { openBudget } from '../mandate/budget.ts';
import { type ExclusionsWatch, watchExclusions } from '../mandate/exclusions.ts';
import { type CompiledGate, compileGate } from '../mandate/gate.ts';
import type { SigningKey } from '../mandate/keys.ts';
import { loadPaper, type Paper, type PaperFiles } from '../mandate/paper.ts';
import { parseIpv4 } from '../record/address.ts';
import { Fault, fileFault } from '../record/fault.ts';
import { type Clocks, dayOf } from '../record/instant.ts';
import type { RoundProgress, RoundReport } from '../record/progress.ts';
import type { RecheckResult } from '../record/recheck.ts';
import { type Catalogue, loadCatalogue } from '../survey/credential/catalogue.ts';
import type { CheckDeps } from '../survey/credential/check.ts';
import { recheckService } from '../survey/credential/recheck.ts';
import { dial } from '../survey/probe/dial.ts';
import { lawOf } from '../survey/sweep/packet/self-auditor.ts';
import type { SweepDriver } from '../survey/sweep/sweep.ts';
import type { EvidenceKeys } from './evidence.ts';
import type { RecheckOrder, RoundOrder } from './orders.ts';
import { workersOf } from './probe-deal.ts';
import { forgetAtProber } from './prober-retention.ts';
import { runRound } from './prober-round.ts';

export interface ProberOptions {
  readonly state: string;
  readonly files: PaperFiles;
  readonly clocks: Clocks;
  /** What a worker thread adds to its own wall clock to have `clocks.calendar`. 0 but in a rehearsal. */
  readonly calendarOffsetMs: number;
  readonly random: (bytes: number) => Uint8Array;
  readonly signing: SigningKey;
  readonly recognition: Uint8Array;
  readonly driver: SweepDriver;
  /** Conversations in flight. */
  readonly concurrency?: number;
  readonly onMessage?: (text: string) => void;
}

export interface ProberParts {
  readonly options: ProberOptions;
  readonly paper: Paper;
  readonly gate: CompiledGate;
  /** What raw frames are judged against apart from the gate. */
  readonly law: ReturnType<typeof lawOf>;
  readonly audit: Audit;
  readonly budget: Budget;
  readonly catalogue: Catalogue;
  readonly keys: EvidenceKeys;
  readonly check: CheckDeps;
}

export interface Prober {
  readonly gate: CompiledGate;
  round(order: RoundOrder, signal: AbortSignal, onProgress: (progress: RoundProgress) => void): Promise<RoundReport>;
  recheck(order: RecheckOrder, signal: AbortSignal): Promise<RecheckResult>;
  /** Drops what is too old, once a calendar day; not while a round or a re-check runs. */
  forget(): void;
  auditRoot(): { readonly root: string; readonly entries: number };
  close(): void;
}

/** Loads and checks everything first: a prober that opens may send; one that may not does not open (Fault). */
export function openProber(options: ProberOptions): Prober {
  const { state, files, clocks, random, signing, recognition } = options;
  try {
    mkdirSync(state, { recursive: true, mode: 0o700 });
  } catch (thrown) {
    throw fileFault(thrown, state);
  }
  const workers = workersOf(state) ?? 1;
  if (workers > 1)
    throw new Fault(
      'usage',
      `is dealt out to ${workers} workers of notice probe, which keep the budgets`,
      'use another folder',
      {
        where: state,
      },
    );
  const paper = loadPaper(files);
  const gate = compileGate(paper, clocks);
  const catalogue = loadCatalogue(
    paper.catalogueText,
    paper.mandate.body.identifiers.catalogueSha256,
    paper.files.catalogue,
  );
  const audit = openAudit(join(state, 'audit.log'), clocks);
  const budget = openBudget(join(state, 'budget'), paper.mandate.body, clocks);
  audit.append('prober-open', { mandate: paper.digest });
  const law = lawOf(paper, clocks.calendar);
  const watch: ExclusionsWatch = watchExclusions(paper.files.exclusions, law.around(gate), clocks, change => {
    audit.append('exclusions', { added: change.added, stopped: change.stopped });
    options.onMessage?.(change.message);
  });
  const keys: EvidenceKeys = { signing, recognition, attribution: compileConsents(paper.consents, paper.trust) };
  const { onMessage } = options;
  const check: CheckDeps = {
    ...{ clocks, random, gate, budget, audit, dial, catalogue },
    ...(onMessage ? { onMessage } : {}),
  };
  const parts: ProberParts = { options, paper, gate, law, audit, budget, catalogue, keys, check };
  let forgotten = '';
  function forget(): void {
    const now = clocks.calendar();
    if (dayOf(now) === forgotten) return;
    forgetAtProber(state, now);
    budget.forget();
    forgotten = dayOf(now);
  }
  forget();
  return {
    gate,
    round: (order, signal, onProgress) => runRound(parts, order, signal, onProgress),
    recheck: async (order, signal) => {
      // One probe of the recorded target, and only when the gate would allow it today.
      if (gate.refuses(parseIpv4(order.address) ?? -1, order.port, 'recheck') !== undefined) return 'not-allowed';
      audit.append('recheck', { order: order.id, kind: order.kind, port: order.port });
      return (await recheckService(order, { ...check, signal })).result;
    },
    forget,
    auditRoot: () => audit.root(),
    close: () => {
      watch.close();
      budget.close();
      audit.close();
    },
  };
}
