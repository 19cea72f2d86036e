/**
 * Dispatches re-checks. The site wrote down who asks; here the asker's address is compared, as a keyed hash, with the
 * case's line. Only the same line leads to a probe, and the address of that line is the only target there is.
 */
import type { Kysely } from 'kysely';
import { plainAddress } from '../record/address.ts';
import type { Instant } from '../record/instant.ts';
import { DAY, MINUTE } from '../record/instant.ts';
import type { RecheckResult } from '../record/recheck.ts';
import type { CentreTables } from '../record/tables/centre.ts';
import { closeFixed, webOf } from './centre-cases.ts';
import { lineKeyOf } from './evidence.ts';
import type { RecheckOrder } from './orders.ts';

export interface RecheckLimits {
  /** Least time between two probes of one case, ms. */
  readonly gapMs: number;
  readonly perCaseADay: number;
}

export const RECHECK_LIMITS: RecheckLimits = { gapMs: 10 * MINUTE, perCaseADay: 5 };

export interface Dispatch {
  readonly db: Kysely<CentreTables>;
  readonly calendar: () => Instant;
  readonly recognition: Uint8Array;
  readonly limits: RecheckLimits;
  readonly probe: (order: RecheckOrder) => Promise<RecheckResult>;
}

interface Asked {
  readonly id: string;
  readonly case_id: string;
  readonly visitor: string | null;
  readonly asked_at: number;
}

async function decide(d: Dispatch, asked: Asked): Promise<RecheckResult> {
  const one = await d.db.selectFrom('case').selectAll().where('id', '=', asked.case_id).executeTakeFirst();
  if (!one || asked.visitor === null) return 'not-allowed';
  if (one.state !== 'open') return one.state === 'fixed' ? 'fixed' : 'no-answer';
  const visitor = plainAddress(asked.visitor);
  if (lineKeyOf(d.recognition, visitor) !== one.line_key) return 'address-changed';
  const earlier = await webOf(d.db)
    .selectFrom('recheck')
    .select('decided_at')
    .where('case_id', '=', one.id)
    .where('state', '=', 'done')
    .where('result', 'not in', ['too-often', 'address-changed', 'not-allowed'])
    .where('asked_at', '>', asked.asked_at - DAY)
    .where('id', '!=', asked.id)
    .execute();
  const last = Math.max(0, ...earlier.map(e => e.decided_at ?? 0));
  if (earlier.length >= d.limits.perCaseADay || asked.asked_at - last < d.limits.gapMs) return 'too-often';
  const pair = await d.db
    .selectFrom('matched_pair')
    .selectAll()
    .where('finding_id', '=', one.finding_id)
    .executeTakeFirst();
  return d.probe({
    type: 'recheck',
    id: `recheck-${asked.id}`,
    address: visitor,
    port: one.port,
    protocol: one.protocol,
    kind: one.kind,
    askedAt: asked.asked_at,
    pair: pair ? { catalogueVersion: pair.catalogue_version, ordinal: pair.ordinal } : null,
  });
}

/** Decisions at the same time; cases are different ones, and the prober keeps to one connection an address. */
const AT_ONCE = 16;

/** Decides every re-check that is asked for; the visitor's address is erased with the decision. Returns how many. */
export async function dispatchRechecks(d: Dispatch): Promise<number> {
  const web = webOf(d.db);
  const open = await web
    .selectFrom('recheck')
    .select(['id', 'case_id', 'visitor', 'asked_at'])
    .where('state', 'in', ['asked', 'running'])
    .orderBy('asked_at')
    .limit(200)
    .execute();
  // Two requests for one case are decided one after the other, so that the caps see the first.
  const byCase = Map.groupBy(open, asked => asked.case_id);
  const queue = [...byCase.values()];
  const worker = async () => {
    for (let asks = queue.shift(); asks; asks = queue.shift())
      for (const asked of asks) {
        await web.updateTable('recheck').set({ state: 'running' }).where('id', '=', asked.id).execute();
        const result = await decide(d, asked);
        if (result === 'fixed') await closeFixed(d.db, asked.case_id, d.calendar());
        await web
          .updateTable('recheck')
          .set({ state: 'done', result, decided_at: d.calendar(), visitor: null })
          .where('id', '=', asked.id)
          .execute();
      }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return open.length;
}
