/**
 * What ISPs send back, into the centre's tables. In: a verified receipt or feedback of one ISP. Out: what became of it, as
 * a value. Delivered again it changes nothing; an ISP can only speak of what it was handed.
 */
import type { Kysely } from 'kysely';
import type { Feedback, Receipt } from '../record/bundle.ts';
import type { Instant } from '../record/instant.ts';
import type { CentreTables } from '../record/tables/centre.ts';
import type { FeedbackAnswer } from './answer-shape.ts';

/** other-bytes: the ISP holds other bytes than were sent. other-count: it counts other rows than there were. */
export type ReceiptVerdict = 'taken' | 'repeated' | 'unknown' | 'other-bytes' | 'other-count';

export async function takeReceipt(db: Kysely<CentreTables>, receipt: Receipt, now: Instant): Promise<ReceiptVerdict> {
  const { isp, seq, digest, accepted, rejected, at } = receipt;
  return await db.transaction().execute(async tx => {
    const bundle = await tx
      .selectFrom('bundle')
      .select(['digest', 'rows'])
      .where('isp', '=', isp)
      .where('seq', '=', seq)
      .executeTakeFirst();
    if (!bundle) return 'unknown';
    if (bundle.digest !== digest) return 'other-bytes';
    if (bundle.rows !== accepted + rejected) return 'other-count';
    const taken = await tx
      .insertInto('receipt')
      .values({ isp, seq, digest, accepted, rejected, at })
      .onConflict(c => c.columns(['isp', 'seq']).doNothing())
      .returning('seq')
      .execute();
    if (taken.length === 0) return 'repeated';
    await tx
      .updateTable('bundle')
      .set({ state: 'acknowledged', acknowledged_at: now })
      .where('isp', '=', isp)
      .where('seq', '=', seq)
      .execute();
    return 'taken';
  });
}

const keyOf = (caseId: string, revision: number) => `${caseId} ${revision}`;

export async function takeFeedback(
  db: Kysely<CentreTables>,
  isp: string,
  items: readonly Feedback[],
  now: Instant,
): Promise<FeedbackAnswer> {
  return await db.transaction().execute(async tx => {
    const ids = [...new Set(items.map(item => item.caseId))];
    const handed = await tx
      .selectFrom('bundle_row')
      .select('case_id')
      .distinct()
      .where('isp', '=', isp)
      .where('case_id', 'in', ids)
      .execute();
    const own = new Set(handed.map(row => row.case_id));
    const stored = await tx
      .selectFrom('feedback')
      .select(['case_id', 'revision', 'verdict', 'action', 'day'])
      .where('isp', '=', isp)
      .where('case_id', 'in', ids)
      .execute();
    const words = (f: Pick<Feedback, 'verdict' | 'action' | 'day'>) => `${f.verdict} ${f.action} ${f.day}`;
    const known = new Map(stored.map(row => [keyOf(row.case_id, row.revision), words(row)]));
    const answer = { stored: 0, repeated: 0, conflicting: 0, unknown: 0 };
    const fresh: CentreTables['feedback'][] = [];
    for (const { caseId, revision, verdict, action, day } of items) {
      const before = known.get(keyOf(caseId, revision));
      const said = words({ verdict, action, day });
      if (!own.has(caseId)) answer.unknown++;
      else if (before !== undefined) before === said ? answer.repeated++ : answer.conflicting++;
      else {
        known.set(keyOf(caseId, revision), said);
        fresh.push({ isp, case_id: caseId, revision, verdict, action, day, received_at: now });
        answer.stored++;
      }
    }
    if (fresh.length)
      await tx
        .insertInto('feedback')
        .values(fresh)
        .onConflict(c => c.columns(['isp', 'case_id', 'revision']).doNothing())
        .execute();
    return answer;
  });
}
