/**
 * Inquiries in the public edge's compartment. In: the `web` database. Out: records; every effect is one statement. One that says
 * "this is not mine" about a case also leaves a dispute, before anything else: the ISP must hear of it whatever becomes of the words.
 */
import type { Kysely, Selectable } from 'kysely';
import { contentId } from '../record/digest.ts';
import type { Inquiry } from '../record/inquiry.ts';
import type { Instant } from '../record/instant.ts';
import type { WebTables } from '../record/tables/web.ts';
import { KEPT } from './inquiry.ts';

export interface Inquiries {
  open(inquiry: Inquiry): Promise<void>;
  find(id: string): Promise<Inquiry | undefined>;
  /** Newest first, at most 200; open ones, or all. */
  list(which: 'open' | 'all'): Promise<readonly Inquiry[]>;
  /** Writes what answering or closing changed. An inquiry that has been closed is never changed again. */
  update(inquiry: Inquiry): Promise<void>;
  /** Drops words and numbers older than 30 days; returns how many inquiries that touched. */
  forget(at: Instant): Promise<number>;
}

const read = (row: Selectable<WebTables['inquiry']>): Inquiry => ({
  id: row.id,
  channel: row.channel,
  openedAt: Number(row.opened_at),
  caseId: row.case_id,
  topic: row.topic,
  question: row.question,
  callback: row.callback,
  answeredFrom: row.answered_from,
  outcome: row.outcome,
  closedAt: row.closed_at === null ? null : Number(row.closed_at),
});

const write = (inquiry: Inquiry): WebTables['inquiry'] => ({
  id: inquiry.id,
  channel: inquiry.channel,
  opened_at: inquiry.openedAt,
  case_id: inquiry.caseId,
  topic: inquiry.topic,
  question: inquiry.question,
  callback: inquiry.callback,
  answered_from: inquiry.answeredFrom,
  outcome: inquiry.outcome,
  closed_at: inquiry.closedAt,
});

export function inquiriesIn(db: Kysely<WebTables>): Inquiries {
  /** The owner by choosing it, the desk by closing with it; the same inquiry says it once. */
  const dispute = async ({ id, caseId, channel, topic, outcome, openedAt, closedAt }: Inquiry) => {
    if (caseId === null || (topic !== 'not-mine' && outcome !== 'wrong-person')) return;
    const told_by = channel === 'form' && topic === 'not-mine' ? 'owner' : 'desk';
    await db
      .insertInto('dispute')
      .values({ id: contentId('dispute', [id]), case_id: caseId, told_by, told_at: closedAt ?? openedAt })
      .onConflict(c => c.column('id').doNothing())
      .execute();
  };
  return {
    open: async inquiry => {
      await dispute(inquiry);
      await db
        .insertInto('inquiry')
        .values(write(inquiry))
        .onConflict(c => c.column('id').doNothing())
        .execute();
    },
    find: async id => {
      const row = await db.selectFrom('inquiry').selectAll().where('id', '=', id).executeTakeFirst();
      return row && read(row);
    },
    list: async which => {
      let query = db.selectFrom('inquiry').selectAll().orderBy('opened_at', 'desc').limit(200);
      if (which === 'open') query = query.where('closed_at', 'is', null);
      return (await query.execute()).map(read);
    },
    update: async inquiry => {
      await dispute(inquiry);
      const { answered_from, outcome, closed_at, callback } = write(inquiry);
      await db
        .updateTable('inquiry')
        .set({ answered_from, outcome, closed_at, callback })
        .where('id', '=', inquiry.id)
        .where('closed_at', 'is', null)
        .execute();
    },
    forget: async at => {
      const result = await db
        .updateTable('inquiry')
        .set({ question: '', callback: null })
        .where('opened_at', '<=', at - KEPT)
        .where(e => e.or([e('question', '!=', ''), e('callback', 'is not', null)]))
        .executeTakeFirst();
      return Number(result.numUpdatedRows);
    },
  };
}
