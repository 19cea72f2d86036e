/**
 * An ISP that sends by hand. Out: a sheet of what is due, each row noted as handed over before the sheet is written, so that no cap
 * is broken and nothing is handed over twice; rows to stop when a case has ended since. In: the sheet with what came of each,
 * taken row by row and once. The ladder, the halt, disputes and the second look at the logs hold as for the agent's own mails.
 */
import type { Kysely } from 'kysely';
import { mailText } from '../isp/alert/mail-text.ts';
import type { HandedCase, OutcomeRow } from '../isp/contact/by-hand.ts';
import type { Issuer } from '../record/alert.ts';
import { printAlertCode } from '../record/alert-code.ts';
import type { Outcome } from '../record/incident.ts';
import { dayOf, HOUR, type Instant, jstMidnight } from '../record/instant.ts';
import type { IspTables } from '../record/tables/isp.ts';
import { type AlertRow, begin, messageOf } from './isp-alert-rows.ts';
import { contentOf, messageIdFor } from './isp-alerts.ts';
import type { Lines } from './isp-contacts.ts';
import { type CaseRow, findDue } from './isp-due.ts';
import type { Disputed } from './isp-incident.ts';

export interface ByHandMeans {
  readonly db: Kysely<IspTables>;
  readonly lines: Lines;
  readonly stillUnique: (caseIds: readonly string[], subscriber: string) => Promise<boolean>;
  readonly issuer: Issuer;
  readonly holidays: ReadonlySet<string>;
  readonly deskCapacityPerDay: number;
}

export interface HandedOver {
  readonly rows: readonly HandedCase[];
  /** Messages newly handed over. */
  readonly messages: number;
  /** Cases that may no longer be told about, though a sheet said so. */
  readonly stopped: number;
  /** Cases that got none, by why not. */
  readonly waiting: Readonly<Record<string, number>>;
}

const outstanding = (db: Kysely<IspTables>) =>
  db.selectFrom('alert').selectAll().where('outcome', '=', 'handed').orderBy('id').execute();

/** `again`: also what was handed over before and has no outcome yet, for a sheet that got lost. */
export async function handOver(means: ByHandMeans, again: boolean, now: Instant): Promise<HandedOver> {
  const { db } = means;
  const before = await outstanding(db);
  const nobody = async () => 'unknown' as const;
  const { plan, cases } = await findDue({ ...means, byHand: true, lookUp: nobody }, now);
  let messages = 0;
  for (const due of plan.due) {
    if (means.lines.nameOf(due.subscriber) === undefined) continue;
    if (!(await means.stillUnique(due.caseIds, due.subscriber))) continue;
    if (await begin(db, messageIdFor(due), due, now, 'hand')) messages++;
  }
  const known = new Set(before.map(alert => alert.id));
  const rows: HandedCase[] = [];
  let stopped = 0;
  const told = Map.groupBy(await outstanding(db), alert => messageOf(alert.id));
  for (const alerts of told.values()) {
    const send: Row[] = [];
    const stop: Row[] = [];
    for (const alert of alerts) {
      const one = cases.get(alert.case_id) ?? (await caseOf(db, alert.case_id));
      if (!one) continue;
      const on = one.state === 'open' && one.disputed_at === null && one.subscriber === alert.subscriber;
      (on ? send : stop).push({ alert, one });
    }
    stopped += stop.length;
    rows.push(...stop.map(row => sheetRow(means, row, 'stop', { subject: '', text: '' })));
    if (send.every(({ alert }) => known.has(alert.id)) && !again) continue;
    // One message tells them all: its words stand in the first row.
    for (const [n, row] of send.entries())
      rows.push(sheetRow(means, row, 'send', n === 0 ? wordsFor(means, send, now) : { subject: '', text: '' }));
  }
  const waiting: Record<string, number> = {};
  for (const { why } of plan.not) waiting[why] = (waiting[why] ?? 0) + 1;
  return { rows, messages, stopped, waiting };
}

interface Row {
  readonly alert: AlertRow;
  readonly one: CaseRow;
}

const caseOf = (db: Kysely<IspTables>, id: string): Promise<CaseRow | undefined> =>
  db.selectFrom('case').selectAll().where('id', '=', id).executeTakeFirst();

/** Where the text says {name}, whoever sends it puts the customer's name. */
const SOMEBODY = { name: '{name}', email: null, postcode: '', address: [], language: 'ja' } as const;

function wordsFor(means: ByHandMeans, rows: readonly Row[], now: Instant) {
  const contents = rows.map(({ alert, one }) =>
    contentOf(one, alert, { ...SOMEBODY, subscriber: alert.subscriber }, means.issuer, now),
  );
  const { subject, text } = mailText(contents);
  return { subject, text };
}

const sheetRow = (
  means: ByHandMeans,
  { alert, one }: Row,
  act: HandedCase['do'],
  words: Pick<HandedCase, 'subject' | 'text'>,
): HandedCase => ({
  alert: alert.id,
  do: act,
  case: one.id,
  line: means.lines.nameOf(alert.subscriber) ?? '',
  channel: alert.channel,
  kind: one.kind,
  device: [one.vendor, one.model].filter(Boolean).join(' '),
  code: printAlertCode(one.alert_code),
  ...words,
});

export interface TakenOutcomes {
  readonly taken: number;
  readonly repeated: number;
  /** Incidents opened by `not-ours` and `wrong-person`. */
  readonly incidents: number;
  readonly rejected: readonly { readonly line: number; readonly why: string }[];
}

const NOON = 12 * HOUR;
const TOLD = new Set<Outcome>(['sent-mail', 'sent-letter', 'called']);
const STOPS = new Set<Outcome>(['not-ours', 'wrong-person']);

function changeFor(row: OutcomeRow, alert: AlertRow, now: Instant) {
  const { outcome } = row;
  const day = row.day === null ? now : Date.parse(`${row.day}T00:00:00Z`);
  const at = row.day === null ? now : Math.min(now, jstMidnight(day) + NOON);
  const reason = `by hand: ${outcome}`;
  if (outcome === 'not-sent') return { state: 'withdrawn' as const, sent_at: null, outcome, ended_reason: reason };
  const channel = outcome === 'sent-letter' ? 'letter' : outcome === 'sent-mail' ? 'mail' : alert.channel;
  const state = outcome === 'not-reached' ? ('bounced' as const) : ('sent' as const);
  return { state, sent_at: TOLD.has(outcome) ? at : (alert.sent_at ?? at), channel, outcome, ended_reason: reason };
}

export async function takeOutcomes(
  db: Kysely<IspTables>,
  rows: readonly OutcomeRow[],
  dispute: (caseId: string, alertId: string) => Promise<Disputed['result']>,
  now: Instant,
): Promise<TakenOutcomes> {
  const rejected: { line: number; why: string }[] = [];
  let taken = 0;
  let repeated = 0;
  let incidents = 0;
  for (const row of rows) {
    const alert = await db.selectFrom('alert').selectAll().where('id', '=', row.alert).executeTakeFirst();
    if (!alert || alert.outcome === null) rejected.push({ line: row.line, why: 'no such alert was handed over' });
    else if (row.day !== null && row.day > dayOf(now))
      rejected.push({ line: row.line, why: 'that day is still to come' });
    else if (alert.outcome === row.outcome) repeated++;
    else if (alert.outcome === 'wrong-person')
      rejected.push({ line: row.line, why: 'it was said to be a wrong person; an incident decides that' });
    else {
      // The case stops before the row says so: a crash in between is made up for by taking the sheet again.
      if (STOPS.has(row.outcome) && (await dispute(alert.case_id, alert.id)) === 'opened') incidents++;
      await db.transaction().execute(async tx => {
        await tx
          .updateTable('alert')
          .set(changeFor(row, alert, now))
          .where('id', '=', alert.id)
          .execute();
        await tx.updateTable('case').set({ feedback_sent: false }).where('id', '=', alert.case_id).execute();
      });
      taken++;
    }
  }
  return { taken, repeated, incidents, rejected };
}
