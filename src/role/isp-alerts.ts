/**
 * Sends what the ladder says is due. In: the ISP's compartment, the customer file, a mailer and a press. Out: messages sent.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import type { Kysely, Selectable } from 'kysely';
import { canBeWrittenTo, findContacts } from '../isp/alert/contacts.ts';
import { type DueMessage, type LadderAlert, type Plan, planAlerts, type Reach } from '../isp/alert/ladder.ts';
import type { Press } from '../isp/alert/letter.ts';
import type { Handed, Mailer } from '../isp/alert/mail.ts';
import type { AlertContent, Contact, Issuer } from '../record/alert.ts';
import { contentId } from '../record/digest.ts';
import { fileFault } from '../record/fault.ts';
import type { Instant } from '../record/instant.ts';
import type { IspTables } from '../record/tables/isp.ts';
import { type AlertRow, begin, type Ended, letterFile, messageOf, record } from './isp-alert-rows.ts';

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

const CANNOT_PRINT = 'cannot be printed';

const ladderAlert = (a: AlertRow): LadderAlert => ({
  messageId: messageOf(a.id),
  caseId: a.case_id,
  subscriber: a.subscriber,
  channel: a.channel,
  message: a.message,
  state: a.state === 'due' && a.sent_at !== null ? 'sent' : a.state,
  sentAt: a.sent_at,
});

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
