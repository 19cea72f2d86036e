/**
 * The centre: orders rounds, ingests what probers spool, folds cases, seals bundles for ISPs to pull, dispatches
 * re-checks and freezes months. It holds no address, no code in clear, no subscriber.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Hono } from 'hono';
import type { Kysely } from 'kysely';
import { exchangeApi } from '../exchange/api.ts';
import { codesHandedOver, queueBundles } from '../exchange/outbox.ts';
import type { SigningKey } from '../mandate/keys.ts';
import type { Paper } from '../mandate/paper.ts';
import type { CaseChange } from '../record/case.ts';
import type { Clocks } from '../record/instant.ts';
import { dayOf, monthOf } from '../record/instant.ts';
import type { RoundProgress, RoundReport } from '../record/progress.ts';
import type { RecheckResult } from '../record/recheck.ts';
import type { CentreTables } from '../record/tables/centre.ts';
import { foldIntoCases } from './centre-cases.ts';
import { publishCodes } from './centre-codes.ts';
import { ingestSpool } from './centre-ingest.ts';
import { dispatchRechecks, RECHECK_LIMITS, type RecheckLimits } from './centre-recheck.ts';
import {
  giveOrder,
  hasOrder,
  type RecheckOrder,
  type RoundOrder,
  readProgress,
  takeAnswer,
  withdrawOrder,
} from './orders.ts';
import { spoolFile } from './spool.ts';

export interface CentreOptions {
  readonly db: Kysely<CentreTables>;
  readonly clocks: Clocks;
  readonly random: (bytes: number) => Uint8Array;
  readonly paper: Paper;
  /** The folder shared with the prober. */
  readonly proberState: string;
  readonly keys: {
    readonly signing: SigningKey;
    readonly recognition: Uint8Array;
    readonly code: Uint8Array;
    readonly codeHash: Uint8Array;
  };
  /** Names of ISPs as the public reads them. */
  readonly ispNames: ReadonlyMap<string, { readonly ja: string; readonly en: string }>;
  readonly auditRoot: () => { readonly root: string; readonly entries: number };
  readonly recheckLimits?: RecheckLimits;
}

export interface Centre {
  /** Orders a round (or finds it already done), waits for it, ingests, folds. Undefined when stopped by the signal. */
  round(
    month: string,
    addresses: number,
    signal: AbortSignal,
    onProgress: (p: RoundProgress) => void,
  ): Promise<RoundReport | undefined>;
  /** Takes in a round that a prober finished on its own (`notice round run` on a shared folder). Again changes nothing. */
  takeRound(report: RoundReport, addresses: number): Promise<void>;
  /** Seals what is to be handed over now into each ISP's next bundle. Returns rows by ISP. */
  handOver(): Promise<ReadonlyMap<string, number>>;
  /** Decides the re-checks that are asked for. */
  rechecks(): Promise<number>;
  readonly changes: ReadonlyMap<string, ReadonlyMap<CaseChange, number>>;
  /** The interface for ISPs; mounted by whoever listens. */
  readonly api: Hono;
}

/** Keeps the unit of work that writes a bundle short on the embedded store. */
const ROWS_PER_BUNDLE = 1_000;

export const roundId = (paper: Paper, month: string): string => `${paper.mandate.body.id}-${month}`;

export function openCentre(options: CentreOptions): Centre {
  const { db, clocks, paper, proberState } = options;
  const changes = new Map<string, ReadonlyMap<CaseChange, number>>();
  let caughtUp = false;

  async function answered(id: string, signal: AbortSignal, look: () => void) {
    while (!signal.aborted) {
      const answer = takeAnswer(proberState, id);
      if (answer) return answer;
      look();
      await sleep(100, undefined, { signal }).catch(() => {});
    }
    return undefined;
  }

  async function order(month: string, addresses: number): Promise<RoundOrder> {
    const id = roundId(paper, month);
    await db
      .insertInto('round')
      .values({
        id,
        month,
        mandate_id: paper.mandate.body.id,
        mandate_digest: paper.digest,
        addresses,
        started_at: clocks.calendar(),
        finished_at: null,
        state: 'running',
      })
      .onConflict(c => c.column('id').doNothing())
      .execute();
    return { type: 'round', id, month, permutationKey: Buffer.from(options.random(32)).toString('hex') };
  }

  return {
    changes,
    api: exchangeApi({ db, clocks, isps: paper.trust.isps }),
    round: async (month, addresses, signal, onProgress) => {
      const given = await order(month, addresses);
      const file = spoolFile(proberState, given.id);
      // An order that is still open keeps its permutation: the ledger beside it counts along that order.
      if (!hasOrder(proberState, given.id)) giveOrder(proberState, given);
      const answer = await answered(given.id, signal, () => {
        const progress = readProgress(proberState);
        if (progress?.round === given.id) onProgress(progress);
      });
      if (answer?.type !== 'round') return undefined;
      await ingestSpool(db, file);
      changes.set(month, await foldIntoCases(db, given.id, clocks.calendar()));
      return answer.report;
    },
    takeRound: async (report, addresses) => {
      await order(report.month, addresses);
      await ingestSpool(db, spoolFile(proberState, report.round));
      const folded = await foldIntoCases(db, report.round, clocks.calendar());
      if (!changes.has(report.month)) changes.set(report.month, folded);
    },
    handOver: async () => {
      const keys = { codeKey: options.keys.code, codeHashKey: options.keys.codeHash };
      const now = clocks.calendar();
      const audit = options.auditRoot();
      await db
        .insertInto('audit_root')
        .values({ day: dayOf(now), ...audit })
        .onConflict(c => c.column('day').doUpdateSet(audit))
        .execute();
      // A crash between a bundle and its codes leaves codes unpublished; the first hand-over of a process makes up for it.
      if (!caughtUp) await publishCodes(db, options.ispNames, now, await codesHandedOver(db, keys));
      caughtUp = true;
      const sealing = new Map(paper.consents.map(c => [c.body.isp, c.body.sealing]));
      const queued = await queueBundles(db, {
        ...keys,
        month: monthOf(now),
        now,
        auditRoot: audit.root,
        sealing,
        signer: options.keys.signing,
        rowsPerBundle: ROWS_PER_BUNDLE,
      });
      await publishCodes(
        db,
        options.ispNames,
        now,
        queued.flatMap(bundle => bundle.codes),
      );
      const rows = new Map<string, number>();
      for (const bundle of queued) rows.set(bundle.isp, (rows.get(bundle.isp) ?? 0) + bundle.rows);
      return rows;
    },
    rechecks: () =>
      dispatchRechecks({
        db,
        calendar: clocks.calendar,
        recognition: options.keys.recognition,
        limits: options.recheckLimits ?? RECHECK_LIMITS,
        probe: one => probe(one),
      }),
  };

  async function probe(one: RecheckOrder): Promise<RecheckResult> {
    giveOrder(proberState, one);
    const answer = await answered(one.id, AbortSignal.timeout(30_000), () => {});
    if (!answer) withdrawOrder(proberState, one.id);
    return answer?.type === 'recheck' ? answer.result : 'no-answer';
  }
}
