/**
 * The rehearsal's support centre at work: answers what was asked from the guidance page of the case's kind and closes it.
 * It uses the desk's own rules; its operators are simulated, the records are not.
 */
import { randomBytes } from 'node:crypto';
import { inquiriesIn } from '../desk/inquiries.ts';
import { answerInquiry, closeInquiry, openInquiry } from '../desk/inquiry.ts';
import { alertCodeHash } from '../record/alert-code.ts';
import type { Inquiry, InquiryOutcome } from '../record/inquiry.ts';
import type { Calendar } from './calendar.ts';
import type { Programme } from './programme.ts';

const outcomeOf = (inquiry: Inquiry): InquiryOutcome => (inquiry.topic === 'not-mine' ? 'wrong-person' : 'solved');

/** Rings the centre: an inquiry by telephone, with the code the caller reads out. */
export const telephone =
  (programme: Programme, calendar: Calendar) =>
  async (call: { code: string; topic: string; question: string }): Promise<void> => {
    const db = programme.store.web();
    const hash = alertCodeHash(programme.codeHashKey, call.code);
    const known = await db.selectFrom('code').select('case_id').where('code_hash', '=', hash).executeTakeFirst();
    const asking = {
      channel: 'telephone' as const,
      caseId: known?.case_id ?? null,
      topic: call.topic,
      question: call.question,
      callback: '',
    };
    const opened = openInquiry(asking, calendar.calendar(), n => randomBytes(n));
    if (opened.ok) await inquiriesIn(db).open(opened.inquiry);
  };

/** Answers and closes every open inquiry; returns how many. */
export async function answerInquiries(programme: Programme, calendar: Calendar): Promise<number> {
  const db = programme.store.web();
  const inquiries = inquiriesIn(db);
  const open = await inquiries.list('open');
  for (const inquiry of open) {
    const about =
      inquiry.caseId === null
        ? undefined
        : await db.selectFrom('code').select('kind').where('case_id', '=', inquiry.caseId).executeTakeFirst();
    await inquiries.update(
      closeInquiry(answerInquiry(inquiry, about?.kind ?? 'guessable'), outcomeOf(inquiry), calendar.calendar()),
    );
  }
  await inquiries.forget(calendar.calendar());
  return open.length;
}
