/**
 * Sends what the ladder says is due. In: the ISP's compartment, the customer file, a mailer and a press. Out: messages sent.
 *
 * One message is several rows: `alert-<hex>` for its first case and `alert-<hex>.1`, `.2` for those told with it. Its states:
 * due, with no `sent_at`  →  due, with `sent_at`: the hand-over has begun  →  sent, or bounced, or due again.
 * The hand-over is written down before it begins. A crash in it leaves a row that may have arrived: it counts as sent and is
 * not sent again; the next step of the ladder comes in its own time. A letter is a file of its own name, so it is made again.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Kysely, Selectable } from 'kysely';
import { canBeWrittenTo, findContacts } from '../isp/alert/contacts.ts';
import { type DueMessage, type LadderAlert, type Plan, planAlerts, type Reach } from '../isp/alert/ladder.ts';
import type { Press } from '../isp/alert/letter.ts';
import type { Handed, Mailer } from '../isp/alert/mail.ts';
import type { AlertContent, Contact, Issuer } from '../record/alert.ts';
import { contentId } from '../record/digest.ts';
import { fileFault } from '../record/fault.ts';
import { DAY, type Instant } from '../record/instant.ts';
import type { IspTables } from '../record/tables/isp.ts';

export interface AlertMeans {
  readonly db: Kysely<IspTables>;
  readonly contactsFile: string;
  readonly lettersDir: string;
  readonly issuer: Issuer;
  readonly mailer: Mailer;
  readonly press: Press;
  readonly holidays: ReadonlySet<string>;
  readonly deskCapacityPerDay: number;
}

type CaseRow = Selectable<IspTables['case']>;
type AlertRow = Selectable<IspTables['alert']>;

const CANNOT_PRINT = 'cannot be printed';
/** As long as a mail server keeps trying; after that a letter is better. */
const GIVE_UP_AFTER = 3 * DAY;

export const messageOf = (alertId: string): string => alertId.split('.')[0] as string;
export const letterFile = (dir: string, messageId: string): string => join(dir, `${messageId}.pdf`);

const ladderAlert = (a: AlertRow): LadderAlert => ({
  messageId: messageOf(a.id),
  caseId: a.case_id,
  subscriber: a.subscriber,
  channel: a.channel,
  message: a.message,
  state: a.state === 'due' && a.sent_at !== null ? 'sent' : a.state,
  sentAt: a.sent_at,
});

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

export interface Sent {
  mails: number;
  letters: number;
  /** Bad rows of the customer file, by file and line. */
  rejected: readonly { readonly where: string; readonly why: string }[];
  plan: Plan;
}

export async function sendDue(means: AlertMeans, now: Instant): Promise<Sent> {
  const { db } = means;
  const cases = await db.selectFrom('case').selectAll().where('state', '=', 'open').execute();
  const alerts = await db.selectFrom('alert').selectAll().execute();
  const halted = await db.selectFrom('halt').select('id').where('released_at', 'is', null).executeTakeFirst();
  const wanted = new Set(cases.flatMap(c => c.subscriber ?? []));
  const { contacts, rejected } = await findContacts(means.contactsFile, halted ? new Set() : wanted);
  const reach = new Map<string, Reach>();
  for (const [id, c] of contacts) reach.set(id, { mail: c.email !== null, letter: canBeWrittenTo(c) });
  const plan = planAlerts({
    cases: cases.map(c => ({ id: c.id, subscriber: c.subscriber, open: true, seenAt: c.seen_at })),
    alerts: alerts.map(ladderAlert),
    reach,
    now,
    holidays: means.holidays,
    deskCapacityPerDay: means.deskCapacityPerDay,
    halted: halted !== undefined,
  });
  const sent: Sent = { mails: 0, letters: 0, rejected, plan };
  const byId = new Map(cases.map(c => [c.id, c]));
  const unprintable = new Set(
    alerts.filter(a => a.state === 'withdrawn' && a.ended_reason?.startsWith(CANNOT_PRINT)).map(a => messageOf(a.id)),
  );
  for (const due of plan.due) {
    const messageId = contentId('alert', [due.subscriber, due.caseIds[0], due.channel, due.message, due.step]);
    const contact = contacts.get(due.subscriber);
    if (!contact || unprintable.has(messageId)) continue;
    const told = due.caseIds.flatMap(id => byId.get(id) ?? []);
    const contents = told.map(c => contentOf(c, due, contact, means.issuer, now));
    if (!(await begin(db, messageId, due, now))) continue;
    const ended =
      due.channel === 'mail' ? await byMail(means, messageId, contents) : await byLetter(means, messageId, contents);
    await record(db, messageId, due, ended, now);
    if (ended.state !== 'sent') continue;
    if (due.channel === 'mail') sent.mails++;
    else sent.letters++;
  }
  await markUnreachable(db, plan);
  return sent;
}

const contentOf = (
  c: CaseRow,
  due: DueMessage,
  contact: Contact,
  issuer: Issuer,
  writtenAt: Instant,
): AlertContent => ({
  message: due.message,
  kind: c.kind,
  alertCode: c.alert_code,
  protocol: c.protocol,
  vendor: c.vendor,
  model: c.model,
  seenAt: c.seen_at,
  writtenAt,
  contact,
  issuer,
});

const rowId = (messageId: string, n: number) => (n === 0 ? messageId : `${messageId}.${n}`);

/** Writes down that the hand-over begins; false after a halt, when a case has ended, or when it was handed over before. */
async function begin(db: Kysely<IspTables>, messageId: string, due: DueMessage, now: Instant): Promise<boolean> {
  return await db.transaction().execute(async tx => {
    const open = await tx
      .selectFrom('case')
      .select('id')
      .where('id', 'in', due.caseIds)
      .where('state', '=', 'open')
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
          state: 'due' as const,
          sent_at: now,
          ended_reason: null,
          delivered_to: null,
        })),
      )
      .execute();
    return true;
  });
}

type Ended = Pick<AlertRow, 'state' | 'ended_reason' | 'delivered_to'>;

async function byMail(means: AlertMeans, messageId: string, contents: readonly AlertContent[]): Promise<Ended> {
  const handed: Handed = await means.mailer.send(messageId, contents);
  const delivered_to = contents[0]?.contact.email ?? null;
  if (handed.result === 'sent') return { state: 'sent', ended_reason: null, delivered_to };
  if (handed.result === 'in-doubt') return { state: 'sent', ended_reason: `in doubt: ${handed.why}`, delivered_to };
  if (handed.result === 'refused') return { state: 'bounced', ended_reason: handed.why, delivered_to: null };
  return { state: 'due', ended_reason: handed.why, delivered_to: null };
}

async function byLetter(means: AlertMeans, messageId: string, contents: readonly AlertContent[]): Promise<Ended> {
  const printed = await means.press.print(contents);
  if (!printed.ok) return { state: 'withdrawn', ended_reason: `${CANNOT_PRINT}: ${printed.why}`, delivered_to: null };
  const file = letterFile(means.lettersDir, messageId);
  try {
    mkdirSync(means.lettersDir, { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.new`, printed.pdf, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
  return { state: 'sent', ended_reason: null, delivered_to: `${messageId}.pdf` };
}

async function record(
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

/** Lines nobody can be reached on: the centre is told so once. */
async function markUnreachable(db: Kysely<IspTables>, plan: Plan): Promise<void> {
  const ids = plan.not.filter(n => n.why === 'no-contact').map(n => n.caseId);
  if (ids.length === 0) return;
  await db
    .updateTable('case')
    .set({ why: NO_CONTACT, feedback_sent: false })
    .where('id', 'in', ids)
    .where('verdict', '=', 'unique')
    .where('why', '!=', NO_CONTACT)
    .execute();
}
export const NO_CONTACT = 'one line held the address, and the customer file has no way to reach it';

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
