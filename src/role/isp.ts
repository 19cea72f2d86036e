/**
 * One ISP's process: pulls bundles, asks its own logs whose line it was, alerts, answers. In: its compartment, keys, files
 * and ways to send. Out: counts of each tick. Nothing connects into it. A tick can be repeated at any time and after any
 * crash: bundles are taken once, a message is handed over once, feedback has revisions.
 */
import type { Kysely } from 'kysely';
import type { ExchangeClient } from '../exchange/client.ts';
import { readBounce } from '../isp/alert/bounce.ts';
import { nationalHolidays } from '../isp/alert/calendar.ts';
import type { WhyNot } from '../isp/alert/ladder.ts';
import { openPress } from '../isp/alert/letter.ts';
import { openMailer } from '../isp/alert/mail.ts';
import { type AssignmentIndex, openAssignments } from '../isp/assignment/index.ts';
import { loadPools } from '../isp/assignment/pools.ts';
import { openSubscribers } from '../isp/assignment/subscribers.ts';
import type { SigningKey } from '../mandate/keys.ts';
import type { Issuer } from '../record/alert.ts';
import type { IdentificationVerdict } from '../record/assignment.ts';
import { contentId } from '../record/digest.ts';
import { Fault } from '../record/fault.ts';
import type { Clocks } from '../record/instant.ts';
import type { TrustedKey } from '../record/mandate.ts';
import type { IspTables } from '../record/tables/isp.ts';
import { oncePerDay } from './daily.ts';
import { destroyLetters, messageOf, settleInterrupted } from './isp-alert-rows.ts';
import { sendDue } from './isp-alerts.ts';
import { giveFeedback } from './isp-feedback.ts';
import { identifyCases } from './isp-identify.ts';
import { takeBundle } from './isp-intake.ts';
import { forgetAtIsp } from './isp-retention.ts';

export interface IspOptions {
  readonly id: string;
  readonly db: Kysely<IspTables>;
  readonly clocks: Clocks;
  readonly exchange: Pick<ExchangeClient, 'pull' | 'receipt' | 'feedback'>;
  readonly keys: { readonly signing: SigningKey; readonly sealing: SigningKey };
  readonly centreKeys: readonly TrustedKey[];
  readonly proberKeys: readonly TrustedKey[];
  readonly assignments: { readonly dir: string };
  readonly poolsFile: string;
  readonly contactsFile: string;
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
  /** Bad rows of the customer file, by file and line. */
  readonly badCustomers: readonly { readonly where: string; readonly why: string }[];
  /** Cases closed or revoked. */
  readonly closed: number;
}

export interface IspRole {
  /** Everything that is due now. */
  tick(): Promise<IspTickResult>;
  /** Only the exchange and the logs: nothing is sent. */
  pull(): Promise<Pick<IspTickResult, 'pulled' | 'opened' | 'identified' | 'refused' | 'closed'>>;
  /** A delivery report that came to the return path. What is no such report is left alone. */
  readBounce(raw: Uint8Array | string): Promise<void>;
  /** No alert leaves until two people have released it. */
  halt(reason: string): Promise<void>;
  /** True once two different people have released every halt. */
  release(person: string): Promise<boolean>;
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
  const inDoubt = await settleInterrupted(db);
  let receiptGiven = false;

  const lastBundle = () =>
    db.selectFrom('bundle').select(['seq', 'digest', 'rows']).orderBy('seq', 'desc').limit(1).executeTakeFirst();

  async function pull() {
    const result = { pulled: 0, opened: 0, closed: 0 };
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
    if (index.stale()) index = openAssignments(assignments.dir, pools);
    return { ...result, ...(await identifyCases(db, index, openSubscribers(assignments.dir).nameOf)) };
  }

  const forget = oncePerDay(at => forgetAtIsp(options, at));
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

  async function release(person: string): Promise<boolean> {
    return await db.transaction().execute(async tx => {
      const open = await tx.selectFrom('halt').selectAll().where('released_at', 'is', null).execute();
      let left = 0;
      for (const one of open) {
        const people = new Set([...(JSON.parse(one.released_by) as string[]), person]);
        const released = people.size >= 2;
        if (!released) left++;
        await tx
          .updateTable('halt')
          .set({ released_by: JSON.stringify([...people]), released_at: released ? clocks.calendar() : null })
          .where('id', '=', one.id)
          .execute();
      }
      return left === 0;
    });
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
        const sent = await sendDue({ ...options, mailer, press, holidays }, clocks.calendar());
        await feedback();
        await forget(clocks.calendar());
        const { mails, letters, rejected: badCustomers } = sent;
        const waiting: Partial<Record<WhyNot, number>> = {};
        for (const { why } of sent.plan.not) waiting[why] = (waiting[why] ?? 0) + 1;
        return { ...pulled, mails, letters, waiting, badCustomers };
      }),
    readBounce: raw => inTurn(() => bounced(raw)),
    // Not in turn: every hand-over looks for a halt before it begins, so one in the middle of a tick holds at once.
    halt: async reason => {
      const since = clocks.calendar();
      await db
        .insertInto('halt')
        .values({ id: contentId('halt', [reason, since]), since, reason, released_by: '[]', released_at: null })
        .onConflict(c => c.column('id').doNothing())
        .execute();
    },
    release: person => inTurn(() => release(person)),
    close: () =>
      inTurn(async () => {
        mailer.close();
        press.close();
      }),
  };
}
