/**
 * Sends what the ladder says is due. In: the ISP's compartment, a way to look up one line, a mailer and a press. Out: messages sent.
 * Each case is asked about once more before its message leaves: the logs may know more by now.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import type { Kysely } from 'kysely';
import type { DueMessage, Plan } from '../isp/alert/ladder.ts';
import type { Press } from '../isp/alert/letter.ts';
import type { Handed, Mailer } from '../isp/alert/mail.ts';
import type { LookedUp } from '../isp/contact/contact.ts';
import type { AlertContent, Contact, Issuer } from '../record/alert.ts';
import { contentId } from '../record/digest.ts';
import { fileFault } from '../record/fault.ts';
import type { Instant } from '../record/instant.ts';
import type { IspTables } from '../record/tables/isp.ts';
import { begin, type Ended, letterFile, messageOf, record } from './isp-alert-rows.ts';
import { type CaseRow, findDue } from './isp-due.ts';

export interface AlertMeans {
  readonly db: Kysely<IspTables>;
  /** By the line's agent-local number. */
  readonly lookUp: (subscriber: string) => Promise<LookedUp>;
  /** Asks the logs once more; false: they say otherwise now, and nothing leaves. */
  readonly stillUnique: (caseIds: readonly string[], subscriber: string) => Promise<boolean>;
  readonly lettersDir: string;
  readonly issuer: Issuer;
  readonly mailer: Mailer;
  readonly press: Press;
  readonly holidays: ReadonlySet<string>;
  readonly deskCapacityPerDay: number;
}

const CANNOT_PRINT = 'cannot be printed';

export interface Sent {
  mails: number;
  letters: number;
  /** What the contact source could not use or answer, by file and line or by source. */
  rejected: readonly { readonly where: string; readonly why: string }[];
  plan: Plan;
}

export const messageIdFor = (due: DueMessage): string =>
  contentId('alert', [due.subscriber, due.caseIds[0], due.channel, due.message, due.step]);

export async function sendDue(means: AlertMeans, now: Instant): Promise<Sent> {
  const { db } = means;
  const { plan, cases, alerts, contacts, refused } = await findDue({ ...means, byHand: false }, now);
  const rejected = refused.map(({ refused: why, where }) => ({ where, why }));
  const sent: Sent = { mails: 0, letters: 0, rejected, plan };
  const unprintable = new Set(
    alerts.filter(a => a.state === 'withdrawn' && a.ended_reason?.startsWith(CANNOT_PRINT)).map(a => messageOf(a.id)),
  );
  for (const due of plan.due) {
    const messageId = messageIdFor(due);
    const contact = contacts.get(due.subscriber);
    if (!contact || unprintable.has(messageId)) continue;
    if (!(await means.stillUnique(due.caseIds, due.subscriber))) continue;
    const told = due.caseIds.flatMap(id => cases.get(id) ?? []);
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

export const contentOf = (
  c: CaseRow,
  due: Pick<DueMessage, 'message'>,
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
export const NO_CONTACT = 'one line held the address, and there is no way known to reach it';
