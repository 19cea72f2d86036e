/**
 * One whole prober for `notice probe`: its own gate compiled from the paper, its own budget and audit log in its own
 * folder, its own watch on the exclusions. In: one target. Out: the lines to print and what to count; no address.
 */
import { join } from 'node:path';
import { compileConsents } from '../attribution/consents.ts';
import { openAudit } from '../mandate/audit.ts';
import { writeGroup } from '../mandate/audit-group.ts';
import type { Gate, Refusal } from '../mandate/authority.ts';
import { openBudget } from '../mandate/budget.ts';
import { watchExclusions } from '../mandate/exclusions.ts';
import { compileGate } from '../mandate/gate.ts';
import { loadPaper, type PaperFiles } from '../mandate/paper.ts';
import { parseIpv4 } from '../record/address.ts';
import type { Clocks } from '../record/instant.ts';
import type { Reported } from '../record/observation.ts';
import { loadCatalogue } from '../survey/credential/catalogue.ts';
import { checkService, type Target } from '../survey/credential/check.ts';
import { dial } from '../survey/probe/dial.ts';
import { recordsOf } from './evidence.ts';
import { secretIn, signingKeyIn } from './key-folder.ts';
import { rowsOf } from './probe-rows.ts';

export interface UnitOptions {
  readonly files: PaperFiles;
  /** The folder of this unit's budget and audit log. */
  readonly folder: string;
  readonly keys: string;
  readonly round: string;
  /** It has one in so many parts of what the mandate allows at an ISP and in total. */
  readonly shares: number;
  readonly clocks: Clocks;
  readonly random: (bytes: number) => Uint8Array;
  /** For the people who run the prober; holds no address. */
  readonly onMessage: (text: string) => void;
  /** The same of the exclusions, which every unit under one mandate sees. */
  readonly onExclusions: (text: string) => void;
}

export interface Checked {
  /** NDJSON, each line with its end. Empty when the check was not done. */
  readonly rows: string;
  readonly reported: Reported;
  readonly tries: number;
  /** The mandate or an exclusion stood before it, and nothing was sent. */
  readonly refused: boolean;
  /** Why it is still to be done: a refusal that holds for everybody, or a want of this machine's own. */
  readonly undone: Refusal | 'local' | null;
}

export interface ProbeUnit {
  readonly gate: Gate;
  check(target: Target, signal: AbortSignal): Promise<Checked>;
  close(): void;
}

/** Refusals that hold for every service, and may end. */
export const FOR_ALL: ReadonlySet<Refusal> = new Set<Refusal>([
  'not-yet',
  'expired',
  'clock-jumped',
  'outside-hours',
  'not-published',
  'stopped',
]);
/** What a check reports when the gate closes under it. */
const UNDECIDED: ReadonlySet<Reported> = new Set<Reported>(['out-of-mandate', 'inconclusive']);
const REFUSED: ReadonlySet<Reported> = new Set<Reported>(['out-of-mandate', 'excluded']);

/** Throws Fault when nothing may be sent, before anything is. */
export function openUnit(options: UnitOptions): ProbeUnit {
  const { folder, clocks, random, round } = options;
  const paper = loadPaper(options.files);
  const gate = compileGate(paper, clocks);
  const { catalogueSha256 } = gate.mandate.identifiers;
  const catalogue = loadCatalogue(paper.catalogueText, catalogueSha256, paper.files.catalogue);
  const keys = {
    signing: signingKeyIn(options.keys, 'prober'),
    recognition: secretIn(options.keys, 'recognition', random),
    attribution: compileConsents(paper.consents, paper.trust),
  };
  // The tries of one turn of the event loop are written together, and sent when they are.
  const group = writeGroup();
  const audit = openAudit(join(folder, 'audit.log'), clocks, { group });
  const budget = openBudget(join(folder, 'budget'), gate.mandate, clocks, { share: { of: options.shares }, group });
  const watch = watchExclusions(paper.files.exclusions, gate, clocks, change => {
    audit.append('exclusions', { added: change.added, stopped: change.stopped });
    options.onExclusions(change.message);
  });
  audit.append('probe-start', { mandate: gate.digest, round });
  const { onMessage } = options;
  const deps = { clocks, random, gate, budget, audit, dial, catalogue, onMessage };

  return {
    gate,
    async check(target, signal) {
      const result = await checkService(target, { ...deps, signal });
      const { reported, tries } = result;
      const still = (undone: Checked['undone']): Checked => ({ rows: '', reported, tries, refused: false, undone });
      if (UNDECIDED.has(reported)) {
        if (signal.aborted) return still('stopped');
        const refusal = gate.refuses(parseIpv4(target.address) ?? -1, target.port, 'identify');
        if (refusal !== undefined && FOR_ALL.has(refusal)) return still(refusal);
        if (result.outcome === 'LOCAL_RESOURCE') return still('local');
      }
      const records = await recordsOf({ round, shard: 0, ...target }, result, keys, catalogue.version);
      const refused = result.source === null && REFUSED.has(reported);
      return { rows: rowsOf(records, reported), reported, tries, refused, undone: null };
    },
    close() {
      watch.close();
      try {
        budget.close();
      } finally {
        audit.close();
      }
    },
  };
}
