/**
 * One ISP's process: pulls bundles and notices, asks its own logs whose line it was, alerts, answers. In: its compartment, keys,
 * files and ways to send. Out: counts of each tick. Nothing connects into it. A tick can be repeated at any time and after
 * any crash: bundles are taken once, a message is handed over once, feedback has revisions.
 */
import { type KeyObject, randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { ExchangeClient } from '../exchange/client.ts';
import { readBounce } from '../isp/alert/bounce.ts';
import { nationalHolidays } from '../isp/alert/calendar.ts';
import type { WhyNot } from '../isp/alert/ladder.ts';
import { openPress } from '../isp/alert/letter.ts';
import { openMailer } from '../isp/alert/mail.ts';
import { type AssignmentIndex, openAssignments } from '../isp/assignment/index.ts';
import { loadPools } from '../isp/assignment/pools.ts';
import type { OutcomeRow } from '../isp/contact/by-hand.ts';
import type { ContactSource } from '../isp/contact/contact.ts';
import type { SigningKey } from '../mandate/keys.ts';
import type { Issuer } from '../record/alert.ts';
import type { IdentificationVerdict } from '../record/assignment.ts';
import { Fault } from '../record/fault.ts';
import type { Clocks, Instant } from '../record/instant.ts';
import type { TrustedKey } from '../record/mandate.ts';
import type { IspTables } from '../record/tables/isp.ts';
import { oncePerDay } from './daily.ts';
import { destroyLetters, messageOf, settleInterrupted } from './isp-alert-rows.ts';
import { sendDue } from './isp-alerts.ts';
import { type HandedOver, handOver, type TakenOutcomes, takeOutcomes } from './isp-by-hand.ts';
import { linesIn, lookUpIn } from './isp-contacts.ts';
import { giveFeedback } from './isp-feedback.ts';
import { haltAlerts, type Released, releaseHalts } from './isp-halt.ts';
import { type Asking, identifyCases, stillUnique } from './isp-identify.ts';
import { type Acted, clearIncident, type Dispute, type Disputed, incidentId, openIncident } from './isp-incident.ts';
import { takeBundle } from './isp-intake.ts';
import { renumberLines } from './isp-renumber.ts';
import { forgetAtIsp } from './isp-retention.ts';
import { verdictBook } from './isp-verdict-book.ts';

export interface IspOptions {
  readonly id: string;
  readonly db: Kysely<IspTables>;
  readonly clocks: Clocks;
  readonly exchange: Pick<ExchangeClient, 'pull' | 'notices' | 'receipt' | 'feedback'>;
  readonly keys: { readonly signing: SigningKey; readonly sealing: SigningKey };
  readonly centreKeys: readonly TrustedKey[];
  readonly proberKeys: readonly TrustedKey[];
  readonly assignments: { readonly dir: string };
  readonly poolsFile: string;
  /** Of the map of lines; without it the key that importing made beside the folder. */
  readonly subscribersKey?: KeyObject | undefined;
  /** The audit of verdicts; beside the assignments where none is named. */
  readonly verdictsFile?: string | undefined;
  /** Asked for one line at the moment an alert about it is due; `by-hand`: people look up and send. */
  readonly contacts: ContactSource | 'by-hand';
  readonly random?: (bytes: number) => Uint8Array;
  readonly smtp: { readonly host: string; readonly port: number };
  readonly lettersDir: string;
  readonly issuer: Issuer;
  readonly deskCapacityPerDay: number;
  /** Of sender, return path and Message-ID. */
  readonly domain: string;
}

export interface IspTickResult {
  /** Bundles. */
  readonly pulled: number;
  /** Cases whose evidence opened and verified. */
  readonly opened: number;
  readonly identified: number;
  /** Verdicts reached in this tick, other than `unique`. */
  readonly refused: Readonly<Partial<Record<IdentificationVerdict, number>>>;
  /** Messages, not cases. */
  readonly mails: number;
  readonly letters: number;
  /** Identified cases for which nothing left now, by why not. */
  readonly waiting: Readonly<Partial<Record<WhyNot, number>>>;
  /** Cases that somebody says are not theirs, newly heard of. */
  readonly disputed: number;
  /** What the contact source could not use or answer, by file and line or by source. */
  readonly badCustomers: readonly { readonly where: string; readonly why: string }[];
  /** Cases closed or revoked. */
  readonly closed: number;
}

export type Pulled = Pick<IspTickResult, 'pulled' | 'opened' | 'identified' | 'refused' | 'closed' | 'disputed'>;

export interface IspRole {
  /** Everything that is due now. */
  tick(): Promise<IspTickResult>;
  /** Only the exchange and the logs: nothing is sent. */
  pull(): Promise<Pulled>;
  /** A delivery report that came to the return path. What is no such report is left alone. */
  readBounce(raw: Uint8Array | string): Promise<void>;
  /** No alert leaves until two people have released it. */
  halt(reason: string): Promise<void>;
  release(person: string): Promise<Released>;
  /** The alert was right, or the log is repaired. */
  clear(incident: string, by: string, why: string): Promise<Acted>;
  /** For an ISP that sends by hand: what is due, noted as handed over. */
  handOver(again: boolean): Promise<HandedOver>;
  outcomes(rows: readonly OutcomeRow[]): Promise<TakenOutcomes>;
  /** Mails found at the start whose hand-over had been interrupted. */
  readonly inDoubt: number;
  close(): Promise<void>;
}

export async function startIsp(options: IspOptions): Promise<IspRole> {
  const { db, clocks, exchange, keys, assignments, domain } = options;
  if (!options.issuer.rehearsal)
    throw new Fault(
      'signature',
      'alerts without the rehearsal mark need an issuer profile signed by the authority',
      'mark the issuer as a rehearsal',
    );
  const pools = loadPools(options.poolsFile);
  const mailer = openMailer({ ...options.smtp, domain });
  const press = openPress();
  const holidays = nationalHolidays();
  let index: AssignmentIndex = openAssignments(assignments.dir, pools);
  const lines = linesIn(assignments.dir, options.subscribersKey);
  const book = verdictBook(options.verdictsFile ?? `${assignments.dir}.verdicts`, options.random ?? randomBytes);
  await renumberLines(db, lines);
  const inDoubt = await settleInterrupted(db);
  let receiptGiven = false;

  const lastBundle = () =>
    db.selectFrom('bundle').select(['seq', 'digest', 'rows']).orderBy('seq', 'desc').limit(1).executeTakeFirst();

  /** The logs as they are on disk now. */
  function asking(): Asking {
    if (index.stale()) {
      index = openAssignments(assignments.dir, pools);
      lines.forget();
    }
    return { db, index, book, now: clocks.calendar() };
  }
  const sure = (caseIds: readonly string[], subscriber: string) => stillUnique(asking(), caseIds, subscriber);

  async function dispute(of: Dispute): Promise<Disputed['result']> {
    const { result, ended } = await openIncident(db, asking().index, of, clocks.calendar());
    if (result === 'opened') await destroyLetters(db, options.lettersDir, ended);
    return result;
  }

  async function pull(): Promise<Pulled> {
    const result = { pulled: 0, opened: 0, closed: 0, disputed: 0 };
    const last = await lastBundle();
    // A receipt lost in a crash keeps the centre waiting; said twice it changes nothing.
    if (last && !receiptGiven)
      await exchange.receipt({ seq: last.seq, digest: last.digest, accepted: last.rows, rejected: 0 });
    for await (const bundle of exchange.pull(last, keys.sealing, options.centreKeys)) {
      const taken = await takeBundle(
        db,
        bundle,
        { sealing: keys.sealing, probers: options.proberKeys },
        clocks.calendar(),
      );
      await destroyLetters(db, options.lettersDir, taken.ended);
      result.pulled++;
      result.opened += taken.opened;
      result.closed += taken.closed;
      await exchange.receipt({
        seq: bundle.manifest.seq,
        digest: bundle.digest,
        accepted: bundle.rows.length,
        rejected: bundle.rejected.length,
      });
    }
    receiptGiven = true;
    for (const { id, caseId, by: toldBy } of await exchange.notices())
      if ((await dispute({ id: incidentId(id), caseId, toldBy })) === 'opened') result.disputed++;
    return { ...result, ...(await identifyCases(asking())) };
  }

  const forget = oncePerDay(at => forgetAtIsp({ ...options, book }, at));
  const feedback = () => giveFeedback(db, items => exchange.feedback(items), clocks.calendar());

  async function bounced(raw: Uint8Array | string): Promise<void> {
    const bounce = await readBounce(raw, domain);
    if (!bounce?.failed) return;
    await db.transaction().execute(async tx => {
      const hit = await tx
        .updateTable('alert')
        .set({ state: 'bounced', ended_reason: `returned ${bounce.status}`, delivered_to: null })
        .where('id', 'like', `${messageOf(bounce.alertId)}%`)
        .where('channel', '=', 'mail')
        .where('state', '=', 'sent')
        .returning('case_id')
        .execute();
      const ids = hit.map(row => row.case_id);
      if (ids.length > 0) await tx.updateTable('case').set({ feedback_sent: false }).where('id', 'in', ids).execute();
    });
  }

  async function alertNow(now: Instant) {
    if (options.contacts === 'by-hand') return { mails: 0, letters: 0, rejected: [], waiting: await byHandWaiting(db) };
    const lookUp = lookUpIn(lines, options.contacts);
    const sent = await sendDue({ ...options, mailer, press, holidays, lookUp, stillUnique: sure }, now);
    const waiting: Partial<Record<WhyNot, number>> = {};
    for (const { why } of sent.plan.not) waiting[why] = (waiting[why] ?? 0) + 1;
    return { mails: sent.mails, letters: sent.letters, rejected: sent.rejected, waiting };
  }

  // One thing at a time: a bounce never runs into the middle of a hand-over.
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = queue.then(work, work);
    queue = next;
    return next;
  };

  return {
    inDoubt,
    pull: () =>
      inTurn(async () => {
        const pulled = await pull();
        await feedback();
        return pulled;
      }),
    tick: () =>
      inTurn(async () => {
        const pulled = await pull();
        const { mails, letters, waiting, rejected: badCustomers } = await alertNow(clocks.calendar());
        await feedback();
        await forget(clocks.calendar());
        return { ...pulled, mails, letters, waiting, badCustomers };
      }),
    readBounce: raw => inTurn(() => bounced(raw)),
    // Not in turn: every hand-over looks for a halt and a dispute before it begins, so one in mid-tick holds at once.
    halt: reason => haltAlerts(db, reason, clocks.calendar()),
    clear: (incident, by, why) => inTurn(() => clearIncident(db, incident, by, why, clocks.calendar())),
    release: person => inTurn(() => releaseHalts(db, person, clocks.calendar())),
    handOver: again =>
      inTurn(async () => {
        if (options.contacts !== 'by-hand')
          throw new Fault(
            'usage',
            'this agent sends its alerts itself',
            'set "contacts" to {"byHand": true} to send by hand',
          );
        const means = { ...options, lines, holidays, stillUnique: sure };
        return await handOver(means, again, clocks.calendar());
      }),
    outcomes: rows =>
      inTurn(async () => {
        const byIsp = (caseId: string, alertId: string) => dispute({ id: incidentId(alertId), caseId, toldBy: 'isp' });
        return await takeOutcomes(db, rows, byIsp, clocks.calendar());
      }),
    close: () =>
      inTurn(async () => {
        book.close();
        mailer.close();
        press.close();
      }),
  };
}

/** Cases that wait for a sheet. */
async function byHandWaiting(db: Kysely<IspTables>): Promise<Partial<Record<WhyNot, number>>> {
  const open = await db
    .selectFrom('case')
    .select('id')
    .where('state', '=', 'open')
    .where('verdict', '=', 'unique')
    .where('disputed_at', 'is', null)
    .execute();
  return open.length > 0 ? { 'by-hand': open.length } : {};
}
