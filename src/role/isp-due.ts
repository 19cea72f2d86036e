/**
 * What is due now, with the contacts of those it is due to and of nobody else. In: the ISP's open cases and alerts, a way to look up
 * one line. Out: the ladder's plan. Whom the ladder would write to today is asked for, and the plan is made again with
 * what came back, until nobody is left to ask about: a line that no alert is due for is never looked up.
 */
import type { Kysely, Selectable } from 'kysely';
import { type LadderAlert, type Plan, planAlerts, type Reach } from '../isp/alert/ladder.ts';
import { canBeWrittenTo, isRefused, type LookedUp, type RefusedContact } from '../isp/contact/contact.ts';
import type { Contact } from '../record/alert.ts';
import type { Instant } from '../record/instant.ts';
import type { IspTables } from '../record/tables/isp.ts';
import { type AlertRow, messageOf } from './isp-alert-rows.ts';

export type CaseRow = Selectable<IspTables['case']>;

export interface DueMeans {
  readonly db: Kysely<IspTables>;
  readonly holidays: ReadonlySet<string>;
  readonly deskCapacityPerDay: number;
  readonly byHand: boolean;
  /** By the line's agent-local number. */
  readonly lookUp: (subscriber: string) => Promise<LookedUp>;
}

export interface Due {
  readonly plan: Plan;
  readonly cases: ReadonlyMap<string, CaseRow>;
  readonly alerts: readonly AlertRow[];
  readonly contacts: ReadonlyMap<string, Contact>;
  readonly refused: readonly RefusedContact[];
}

const ladderAlert = (a: AlertRow): LadderAlert => ({
  messageId: messageOf(a.id),
  caseId: a.case_id,
  subscriber: a.subscriber,
  channel: a.channel,
  message: a.message,
  state: a.state === 'due' && a.sent_at !== null ? 'sent' : a.state,
  sentAt: a.sent_at,
});

/** Until a line was looked up, it might be reached either way. */
const PERHAPS: Reach = { mail: true, letter: true };

const reachOf = (found: LookedUp): Reach => {
  if (found === 'unknown') return { mail: false, letter: false };
  if (isRefused(found)) return { mail: false, letter: false, later: found.later };
  return { mail: found.email !== null, letter: canBeWrittenTo(found) };
};

export async function findDue(means: DueMeans, now: Instant): Promise<Due> {
  const { db } = means;
  const open = await db
    .selectFrom('case')
    .selectAll()
    .where('state', '=', 'open')
    .where('disputed_at', 'is', null)
    .execute();
  const alerts = await db.selectFrom('alert').selectAll().execute();
  const halted = await db.selectFrom('halt').select('id').where('released_at', 'is', null).executeTakeFirst();
  // Whoever has a number but no `unique` beside it is nobody to write to.
  const cases = open.map(c => (c.verdict === 'unique' ? c : { ...c, subscriber: null }));
  const found = new Map<string, LookedUp>();
  const subscribers = new Set(cases.flatMap(c => c.subscriber ?? []));
  for (;;) {
    const plan = planAlerts({
      cases: cases.map(c => ({ id: c.id, subscriber: c.subscriber, open: true, seenAt: c.seen_at })),
      alerts: alerts.map(ladderAlert),
      reach: new Map([...subscribers].map(s => [s, found.has(s) ? reachOf(found.get(s) as LookedUp) : PERHAPS])),
      now,
      holidays: means.holidays,
      deskCapacityPerDay: means.deskCapacityPerDay,
      halted: halted !== undefined,
      byHand: means.byHand,
    });
    const ask = means.byHand ? [] : [...new Set(plan.due.map(due => due.subscriber))].filter(s => !found.has(s));
    if (ask.length > 0) {
      await Promise.all(ask.map(async s => found.set(s, await means.lookUp(s))));
      continue;
    }
    const all = [...found];
    return {
      plan,
      cases: new Map(cases.map(c => [c.id, c])),
      alerts,
      contacts: new Map(all.flatMap(([s, x]) => (x === 'unknown' || isRefused(x) ? [] : [[s, x] as const]))),
      refused: all.flatMap(([, x]) => (isRefused(x) ? [x] : [])),
    };
  }
}
