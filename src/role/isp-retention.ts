/**
 * Drops at an ISP what is older than the retention table allows: cases that ended, their alerts, letters, who was written
 * to, and whose line it was. In: its compartment, its folders, now. Out: how many of each datum went. Again: nothing more.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { forgetAssignments } from '../isp/assignment/forget.ts';
import { daysKept } from '../mandate/retention.ts';
import { DAY, type Instant } from '../record/instant.ts';
import type { IspTables } from '../record/tables/isp.ts';
import { messageOf } from './isp-alert-rows.ts';
import type { VerdictBook } from './isp-verdict-book.ts';

export interface IspKept {
  readonly db: Kysely<IspTables>;
  readonly lettersDir: string;
  readonly assignments: { readonly dir: string };
  /** Without one there is no audit of verdicts to shorten. */
  readonly book?: Pick<VerdictBook, 'forget'>;
}

/** Rows in one unit of work, and units in one call. */
const BATCH = 500;
const BATCHES = 10_000;

/** Not while a letter is being printed. */
export async function forgetAtIsp(kept: IspKept, at: Instant): Promise<Record<string, number>> {
  const { db } = kept;
  const before = (datum: string): Instant => at - daysKept(datum) * DAY;
  let cases = 0;
  for (let n = 0; n < BATCHES; n++) {
    const some = await dropCases(db, before("an ISP's closed cases"));
    cases += some;
    if (some < BATCH) break;
  }
  // An open case keeps its alerts whatever their age, or its ladder would begin anew.
  const alerts = await db
    .deleteFrom('alert')
    .where('due_at', '<=', before('ended alerts'))
    .where('case_id', 'not in', q => q.selectFrom('case').select('id').where('state', '=', 'open'))
    .executeTakeFirst();
  // One that nobody has decided yet is kept, with the logs that it set aside.
  const incidents = await db
    .deleteFrom('incident')
    .where('opened_at', '<=', before('incidents'))
    .where('state', '!=', 'open')
    .where('id', 'not in', q => q.selectFrom('quarantine').select('incident_id').where('cleared_at', 'is', null))
    .executeTakeFirst();
  await db
    .deleteFrom('quarantine')
    .where('cleared_at', 'is not', null)
    .where('incident_id', 'not in', q => q.selectFrom('incident').select('id'))
    .execute();
  const recipients = await db
    .updateTable('alert')
    .set({ delivered_to: null })
    .where('delivered_to', 'is not', null)
    .where('case_id', 'not in', q => q.selectFrom('case').select('id').where('state', '=', 'open'))
    .executeTakeFirst();
  return {
    "an ISP's closed cases": cases,
    'ended alerts': Number(alerts.numDeletedRows),
    incidents: Number(incidents.numDeletedRows),
    'alert recipients': Number(recipients.numUpdatedRows),
    letters: await dropLetters(kept, before('letters')),
    verdicts: kept.book?.forget(before('verdicts')) ?? 0,
    assignments: forgetAssignments(kept.assignments.dir, before('assignments')),
  };
}

async function dropCases(db: Kysely<IspTables>, before: Instant): Promise<number> {
  return await db.transaction().execute(async tx => {
    const gone = await tx
      .deleteFrom('case')
      .where('id', 'in', q =>
        q
          .selectFrom('case')
          .select('id')
          .where('state', '!=', 'open')
          .where(e => e.fn.coalesce('closed_at', 'seen_at'), '<=', before)
          .limit(BATCH),
      )
      .returning('id')
      .execute();
    const ids = gone.map(one => one.id);
    if (ids.length) await tx.deleteFrom('alert').where('case_id', 'in', ids).execute();
    return ids.length;
  });
}

/** Every letter that is not of an open case, or was handed over long ago; also what a crash in the middle of one left. */
async function dropLetters({ db, lettersDir }: IspKept, before: Instant): Promise<number> {
  if (!existsSync(lettersDir)) return 0;
  const wanted = await db
    .selectFrom('alert')
    .innerJoin('case', 'case.id', 'alert.case_id')
    .select('alert.id')
    .where('case.state', '=', 'open')
    .where('alert.channel', '=', 'letter')
    .where('alert.sent_at', '>', before)
    .execute();
  const keep = new Set(wanted.map(alert => `${messageOf(alert.id)}.pdf`));
  const gone = readdirSync(lettersDir).filter(name => /^alert-.+\.pdf(\.new)?$/.test(name) && !keep.has(name));
  for (const name of gone) rmSync(join(lettersDir, name), { force: true });
  return gone.length;
}
