/**
 * Drops at the public edge what is older than the retention table allows; words and call-back numbers are the desk's own
 * (desk/inquiries.ts). In: the `web` tables, now. Out: how many of each datum went. Called again it finds nothing more.
 */
import type { Kysely } from 'kysely';
import { daysKept } from '../mandate/retention.ts';
import { DAY, type Instant } from '../record/instant.ts';
import type { WebTables } from '../record/tables/web.ts';

export async function forgetAtWeb(db: Kysely<WebTables>, at: Instant): Promise<Record<string, number>> {
  const before = (datum: string): Instant => at - daysKept(datum) * DAY;
  const rechecks = await db.deleteFrom('recheck').where('asked_at', '<=', before('re-checks')).executeTakeFirst();
  // One that waited for a day without its address can no longer be decided: the centre refuses it.
  const visitors = await db
    .updateTable('recheck')
    .set({ visitor: null })
    .where('visitor', 'is not', null)
    .where(e => e.or([e('asked_at', '<=', before("visitors' addresses")), e('state', 'in', ['done', 'refused'])]))
    .executeTakeFirst();
  const codes = await db
    .deleteFrom('code')
    .where('state', '!=', 'open')
    .where('updated_at', '<=', before('alert codes'))
    .executeTakeFirst();
  const inquiries = await db.deleteFrom('inquiry').where('opened_at', '<=', before('inquiries')).executeTakeFirst();
  const disputes = await db.deleteFrom('dispute').where('told_at', '<=', before('disputes')).executeTakeFirst();
  return {
    're-checks': Number(rechecks.numDeletedRows),
    "visitors' addresses": Number(visitors.numUpdatedRows),
    'alert codes': Number(codes.numDeletedRows),
    inquiries: Number(inquiries.numDeletedRows),
    disputes: Number(disputes.numDeletedRows),
  };
}
