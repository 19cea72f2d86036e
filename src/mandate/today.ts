/**
 * What depends on the day, asked before anything starts: is the mandate in force, are its sources public, does every
 * consent it needs hold? In: paper and instant. Out: nothing, or a Fault naming line and remedy.
 */
import { Fault } from '../record/fault.ts';
import type { Instant } from '../record/instant.ts';
import { dayOf, instantOf } from '../record/instant.ts';
import { consentEndOf, signedAtOf } from './consents.ts';
import type { Paper } from './paper.ts';
import { publishedFrom, scheduleOf } from './schedule.ts';

export function checkToday(paper: Paper, at: Instant): void {
  const { body } = paper.mandate;
  const refused = (what: string, remedy: string, where: string) =>
    new Fault('mandate-refused', what, remedy, { where });
  const day = (text: string) => dayOf(instantOf(text) ?? 0);
  const { refusal } = scheduleOf(body)(at);
  if (refusal === 'expired')
    throw refused(
      `the mandate expired ${day(body.period.to)}`,
      'have the next one signed',
      paper.where(['body', 'period', 'to']),
    );
  if (refusal === 'not-yet')
    throw refused(`the mandate begins ${day(body.period.from)}`, 'wait', paper.where(['body', 'period', 'from']));
  if (refusal === 'not-published')
    throw refused(
      `the source addresses are published since ${day(body.sources.publishedAt)}, less than seven days`,
      `wait until ${dayOf(publishedFrom(body))}`,
      paper.where(['body', 'sources', 'publishedAt']),
    );
  for (const [n, { isp }] of body.targets.entries()) {
    const where = paper.where(['body', 'targets', n, 'isp']);
    const consent = paper.consents.find(c => c.body.isp === isp);
    // Written so that a date that is none counts as expired.
    if (!consent || !(at < consentEndOf(consent)))
      throw new Fault(
        'consent',
        `consent of "${isp}" expired ${consent ? dayOf(consentEndOf(consent)) : ''}`.trimEnd(),
        'ask the ISP to sign a new list',
        { where },
      );
    if (signedAtOf(consent) > at)
      throw new Fault(
        'consent',
        `consent of "${isp}" is signed in the future, ${dayOf(signedAtOf(consent))}`,
        'set the clock right, or ask the ISP to sign a new list',
        { where },
      );
  }
}
