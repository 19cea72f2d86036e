/**
 * One day between two rounds: ISPs pull and alert, owners hear of it, act and press "check again", the desk answers.
 * In: the step and the day. Out: what left and what was asked.
 */
import type { FindingKind } from '../record/glossary.ts';
import { DAY, HOUR, type Instant } from '../record/instant.ts';
import { forgetAtCentre } from '../role/centre-retention.ts';
import { messageOf } from '../role/isp-alert-rows.ts';
import type { Calendar } from './calendar.ts';
import { doDeeds } from './deeds.ts';
import { answerInquiries, telephone } from './desk.ts';
import type { Devices } from './devices/start.ts';
import { codeIn, type Owners } from './owners.ts';
import type { Programme } from './programme.ts';
import type { World } from './world.ts';

export interface Day {
  readonly world: World;
  readonly devices: Devices;
  readonly programme: Programme;
  readonly calendar: Calendar;
  readonly owners: Owners;
  /** Whether owners act today: a few days' deeds are done on one, so that the prober need not come up every day. */
  readonly deedsToday: boolean;
  /** An earlier process died in this day: what it did is in the stores, but in no count. */
  readonly begunBefore: boolean;
  readonly note: (text: string) => void;
}

export interface DayReport {
  readonly mails: number;
  readonly letters: number;
  readonly inquiries: number;
  readonly checks: number;
  readonly rechecked: number;
}

export async function liveDay(day: Day): Promise<DayReport> {
  const { programme, world, calendar, devices, note } = day;
  await programme.centre.handOver();
  const report = { mails: 0, letters: 0, inquiries: 0, checks: 0, rechecked: 0 };
  for (const isp of programme.isps.values()) await isp.tick();
  programme.post.collect();
  Object.assign(report, await sentSince(programme, calendar.calendar() - HALF_A_DAY, note));
  await hear(day);
  if (day.deedsToday) {
    const deeds = day.owners.due(calendar.calendar());
    const deps = { world, devices, siteUrl: programme.web.url, telephone: telephone(programme, calendar) };
    const checks = deeds.some(deed => deed.steps.includes('check'));
    const act = async () => {
      let over = false;
      const doing = doDeeds(deeds, deps).finally(() => {
        over = true;
      });
      while (!over) if ((await programme.centre.rechecks()) === 0) await new Promise(wait => setTimeout(wait, 50));
      return doing;
    };
    const done = checks ? await programme.withProber(act) : await doDeeds(deeds, deps);
    for (const line of done.trouble) note(line);
    const known = day.begunBefore ? await rechecksSince(programme, calendar.calendar() - HALF_A_DAY) : [];
    report.checks = new Set([...done.rechecks, ...known]).size;
  }
  report.rechecked = await decidedSince(programme, calendar.calendar() - HALF_A_DAY);
  report.inquiries = await answerInquiries(programme, calendar);
  await forgetAtCentre(programme.store.centre(), calendar.calendar());
  await programme.web.forget();
  return report;
}

/** Days are looked at by day, a day apart. */
const HALF_A_DAY = 12 * HOUR;

/**
 * Messages handed over today as the ISPs wrote them down, by whichever process: one that died may have sent some. A mail cut
 * off in its hand-over counts when it lies in the mail box.
 */
async function sentSince(programme: Programme, since: Instant, note: (text: string) => void) {
  const sent = { mails: 0, letters: 0 };
  const arrived = new Set(programme.mailbox.mails.map(mail => mail.messageId.replace(/^<|@.*$/g, '')));
  let lost = 0;
  for (const isp of programme.isps.keys()) {
    const rows = await programme.store
      .isp(isp)
      .selectFrom('alert')
      .select(['id', 'channel', 'ended_reason'])
      .where('state', '=', 'sent')
      .where('sent_at', '>', since)
      .execute();
    for (const { id, channel, ended_reason } of rows) {
      if (id !== messageOf(id)) continue;
      if (channel === 'letter') sent.letters++;
      else if (!ended_reason?.startsWith('in doubt') || arrived.has(id)) sent.mails++;
      else lost++;
    }
  }
  if (lost > 0) note(`${lost} mail(s) were cut off in their hand-over and did not arrive; none is sent again`);
  return sent;
}

const rechecksSince = async (programme: Programme, since: Instant): Promise<string[]> =>
  (await programme.store.web().selectFrom('recheck').select('id').where('asked_at', '>', since).execute()).map(
    one => one.id,
  );

async function decidedSince(programme: Programme, since: Instant): Promise<number> {
  const decided = programme.store.web().selectFrom('recheck').select('id').where('state', '=', 'done');
  return (await decided.where('decided_at', '>', since).execute()).length;
}

/** Mails are heard as they lie in the mail box, letters two days after they were posted; each once, however often asked. */
async function hear({ programme, world, owners, calendar }: Day): Promise<void> {
  for (const isp of world.country) {
    const db = programme.store.isp(isp.id);
    const sent = await db
      .selectFrom('alert')
      .innerJoin('case', 'case.id', 'alert.case_id')
      .select(['alert.subscriber', 'alert.channel', 'alert.sent_at', 'case.alert_code', 'case.kind'])
      .where('alert.state', '=', 'sent')
      .execute();
    const arrived = new Set(programme.mailbox.mails.map(mail => codeIn(mail.text)));
    const lines = programme.linesOf(isp.id);
    for (const one of sent) {
      if (one.sent_at === null) continue;
      if (one.channel === 'mail' && !arrived.has(one.alert_code)) continue;
      const at = one.channel === 'letter' ? one.sent_at + 2 * DAY : one.sent_at;
      if (at > calendar.calendar()) continue;
      owners.hear({
        isp: isp.id,
        subscriber: lines.nameOf(one.subscriber) ?? '',
        channel: one.channel,
        kind: one.kind as FindingKind,
        code: one.alert_code,
        at,
      });
    }
  }
}
