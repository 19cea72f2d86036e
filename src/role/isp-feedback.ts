/**
 * What the centre is told: by case a verdict and a coarse action, never a subscriber. The revision is raised before it is
 * sent, so that an answer lost on the way is followed by a newer word and never by a contradiction of the same number.
 */
import type { Kysely } from 'kysely';
import type { IdentificationVerdict } from '../record/assignment.ts';
import type { ActionCode, Feedback } from '../record/bundle.ts';
import { dayOf, type Instant } from '../record/instant.ts';
import type { IspTables } from '../record/tables/isp.ts';
import { NO_CONTACT } from './isp-alerts.ts';

export type FeedbackItem = Omit<Feedback, 'format' | 'isp'>;

const AT_ONCE = 200;

export async function giveFeedback(
  db: Kysely<IspTables>,
  send: (items: readonly FeedbackItem[]) => Promise<unknown>,
  now: Instant,
): Promise<number> {
  const untold = await db
    .selectFrom('case')
    .select(['id', 'verdict', 'why', 'feedback_revision'])
    .where('feedback_sent', '=', false)
    .where('verdict', 'is not', null)
    .orderBy('id')
    .execute();
  for (let from = 0; from < untold.length; from += AT_ONCE) {
    const some = untold.slice(from, from + AT_ONCE);
    const ids = some.map(c => c.id);
    const alerts = await db
      .selectFrom('alert')
      .select(['case_id', 'channel', 'state', 'outcome'])
      .where('case_id', 'in', ids)
      .where('sent_at', 'is not', null)
      .orderBy('sent_at')
      .execute();
    const items = some.map(c => ({
      caseId: c.id,
      revision: c.feedback_revision + 1,
      verdict: c.verdict as IdentificationVerdict,
      action: actionOf(
        alerts.filter(a => a.case_id === c.id),
        c.why,
      ),
      day: dayOf(now),
    }));
    await db
      .updateTable('case')
      .set(eb => ({ feedback_revision: eb('feedback_revision', '+', 1) }))
      .where('id', 'in', ids)
      .execute();
    await send(items);
    await db.updateTable('case').set({ feedback_sent: true }).where('id', 'in', ids).execute();
  }
  return untold.length;
}

type Told = Pick<IspTables['alert'], 'channel' | 'state' | 'outcome'>;

/** What was given to people to send counts when they say that they did. */
function actionOf(alerts: readonly Told[], why: string | null): ActionCode {
  const last = alerts.findLast(a => (a.state === 'sent' || a.state === 'due') && a.outcome !== 'handed');
  if (last?.outcome === 'called') return 'called';
  if (last) return last.channel === 'mail' ? 'alerted-mail' : 'alerted-letter';
  return alerts.some(a => a.outcome !== 'handed') || why === NO_CONTACT ? 'unreachable' : 'none';
}
