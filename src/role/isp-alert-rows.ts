/**
 * The rows behind one message, and how a hand-over moves them. One message is several rows: `alert-<hex>` for its first case
 * and `alert-<hex>.1`, `.2` for those told with it. Their states:
 * due, with no `sent_at`  →  due, with `sent_at`: the hand-over has begun  →  sent, or bounced, or due again.
 * The hand-over is written down before it begins. A crash in it leaves a mail that may have arrived: it counts as sent and is
 * not sent again; the next step of the ladder comes in its own time. A letter is a file of its own name, so it is made again.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Kysely, Selectable } from 'kysely';
import type { DueMessage } from '../isp/alert/ladder.ts';
import { DAY, type Instant } from '../record/instant.ts';
import type { IspTables } from '../record/tables/isp.ts';

export type AlertRow = Selectable<IspTables['alert']>;

/** As long as a mail server keeps trying; after that a letter is better. */
const GIVE_UP_AFTER = 3 * DAY;

export const messageOf = (alertId: string): string => alertId.split('.')[0] as string;
export const letterFile = (dir: string, messageId: string): string => join(dir, `${messageId}.pdf`);

/** After a start: what a crash left in the middle of a hand-over. Says how many mails are in doubt. */
export async function settleInterrupted(db: Kysely<IspTables>): Promise<number> {
  const begun = db.selectFrom('alert').select('id').where('state', '=', 'due').where('sent_at', 'is not', null);
  const mails = await begun.where('channel', '=', 'mail').execute();
  for (const { id } of mails)
    await db
      .updateTable('alert')
      .set({ state: 'sent', ended_reason: 'in doubt: the hand-over was interrupted' })
      .where('id', '=', id)
      .execute();
  await db
    .updateTable('alert')
    .set({ sent_at: null })
    .where('state', '=', 'due')
    .where('channel', '=', 'letter')
    .execute();
  return mails.length;
}

const rowId = (messageId: string, n: number) => (n === 0 ? messageId : `${messageId}.${n}`);

/**
 * Writes down that the hand-over begins; false after a halt, when a case has ended or is disputed, or when it was handed over
 * before. By hand the hand-over is the sheet, and ends with it: people say later what came of it.
 */
export async function begin(
  db: Kysely<IspTables>,
  messageId: string,
  due: DueMessage,
  now: Instant,
  by: 'agent' | 'hand' = 'agent',
): Promise<boolean> {
  return await db.transaction().execute(async tx => {
    const open = await tx
      .selectFrom('case')
      .select('id')
      .where('id', 'in', due.caseIds)
      .where('state', '=', 'open')
      .where('verdict', '=', 'unique')
      .where('disputed_at', 'is', null)
      .where('subscriber', '=', due.subscriber)
      .execute();
    const before = await tx
      .selectFrom('alert')
      .select(['id', 'due_at', 'sent_at'])
      .where('id', 'like', `${messageId}%`)
      .execute();
    const halted = await tx.selectFrom('halt').select('id').where('released_at', 'is', null).executeTakeFirst();
    if (halted || open.length !== due.caseIds.length || before.some(a => a.sent_at !== null)) return false;
    // Those told with it last time may be others now.
    await tx.deleteFrom('alert').where('id', 'like', `${messageId}%`).execute();
    const { subscriber, channel, message } = due;
    const firstDue = Math.min(now, ...before.map(a => a.due_at));
    await tx
      .insertInto('alert')
      .values(
        due.caseIds.map((case_id, n) => ({
          id: rowId(messageId, n),
          case_id,
          subscriber,
          channel,
          message,
          due_at: firstDue,
          state: by === 'hand' ? ('sent' as const) : ('due' as const),
          sent_at: now,
          ended_reason: null,
          delivered_to: null,
          outcome: by === 'hand' ? ('handed' as const) : null,
        })),
      )
      .execute();
    return true;
  });
}

export type Ended = Pick<AlertRow, 'state' | 'ended_reason' | 'delivered_to'>;

export async function record(
  db: Kysely<IspTables>,
  messageId: string,
  due: DueMessage,
  ended: Ended,
  now: Instant,
): Promise<void> {
  await db.transaction().execute(async tx => {
    const own = tx.updateTable('alert').where('id', 'like', `${messageId}%`);
    if (ended.state === 'due') {
      const [row] = await tx.selectFrom('alert').select('due_at').where('id', '=', messageId).execute();
      const late = row !== undefined && now - row.due_at >= GIVE_UP_AFTER;
      await own.set(late ? { ...ended, state: 'bounced' } : { ...ended, sent_at: null }).execute();
      if (!late) return;
    } else await own.set(ended.state === 'withdrawn' ? { ...ended, sent_at: null } : ended).execute();
    await tx.updateTable('case').set({ feedback_sent: false }).where('id', 'in', due.caseIds).execute();
  });
}

/** Letters whose cases have all ended hold a name and an address for no purpose. */
export async function destroyLetters(
  db: Kysely<IspTables>,
  lettersDir: string,
  alertIds: readonly string[],
): Promise<void> {
  for (const messageId of new Set(alertIds.map(messageOf))) {
    const rows = await db.selectFrom('alert').select('case_id').where('id', 'like', `${messageId}%`).execute();
    const open = await db
      .selectFrom('case')
      .select('id')
      .where('state', '=', 'open')
      .where('id', 'in', [...rows.map(r => r.case_id), ''])
      .executeTakeFirst();
    if (!open) rmSync(letterFile(lettersDir, messageId), { force: true });
  }
}
