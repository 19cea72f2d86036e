/**
 * The life of an inquiry: opened by telephone or form, answered from a guidance page, closed with an outcome. Pure: a
 * record in, the next record out, or what is wrong with what was typed. No subscriber is in it, and the caller's words
 * and number are dropped after 30 days.
 */
import type { FindingKind } from '../record/glossary.ts';
import type { Inquiry, InquiryChannel, InquiryOutcome } from '../record/inquiry.ts';
import { DAY, type Instant } from '../record/instant.ts';
import { readTelephone } from './telephone.ts';

export const TOPICS = [
  'how-to-fix',
  'is-it-real',
  'which-device',
  'check-again',
  'not-mine',
  'survey',
  'other',
] as const;
export type Topic = (typeof TOPICS)[number];

/** How long the caller's words and number are kept. */
export const KEPT = 30 * DAY;
export const QUESTION_MOST = 2000;

export interface Asking {
  readonly channel: InquiryChannel;
  readonly caseId: string | null;
  readonly topic: string;
  readonly question: string;
  /** As typed; empty for none. */
  readonly callback: string;
}

export type AskingFault =
  | 'topic'
  | 'question-empty'
  | 'question-long'
  | 'callback'
  | 'callback-abroad'
  | 'callback-charged';

export type Opened =
  | { readonly ok: true; readonly inquiry: Inquiry }
  | { readonly ok: false; readonly faults: readonly AskingFault[] };

const ID_LETTERS = 'ABCDEFGHJKMNPQRSTVWXYZ0123456789';

/** Ten letters that can be read out (50 random bits): `Q-7HK2M-94TXA`. */
export function inquiryId(random: (bytes: number) => Uint8Array): string {
  const letters = [...random(10)].map(byte => ID_LETTERS[byte & 31]).join('');
  return `Q-${letters.slice(0, 5)}-${letters.slice(5)}`;
}

/** Control characters have no business in a question; line ends stay. */
const clean = (text: string) =>
  text
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, ' ')
    .trim();

export function openInquiry(asking: Asking, at: Instant, random: (bytes: number) => Uint8Array): Opened {
  const faults: AskingFault[] = [];
  const topic = TOPICS.find(t => t === asking.topic);
  const question = clean(asking.question);
  const callback = asking.callback.trim() === '' ? null : readTelephone(asking.callback);
  if (topic === undefined) faults.push('topic');
  if (question === '') faults.push('question-empty');
  if (question.length > QUESTION_MOST) faults.push('question-long');
  if (callback?.ok === false)
    faults.push(
      callback.why === 'abroad' ? 'callback-abroad' : callback.why === 'charged' ? 'callback-charged' : 'callback',
    );
  if (topic === undefined || faults.length > 0) return { ok: false, faults };
  return {
    ok: true,
    inquiry: {
      id: inquiryId(random),
      channel: asking.channel,
      openedAt: at,
      caseId: asking.caseId,
      topic,
      question,
      callback: callback?.ok ? callback.e164 : null,
      answeredFrom: null,
      outcome: null,
      closedAt: null,
    },
  };
}

/** Which page the answer was read from. A closed inquiry stays as it was. */
export const answerInquiry = (inquiry: Inquiry, guidance: FindingKind): Inquiry =>
  inquiry.closedAt === null ? { ...inquiry, answeredFrom: `fix/${guidance}` } : inquiry;

/** Closing drops the number: there is nobody left to ring. A second closing changes nothing. */
export const closeInquiry = (inquiry: Inquiry, outcome: InquiryOutcome, at: Instant): Inquiry =>
  inquiry.closedAt === null ? { ...inquiry, outcome, closedAt: at, callback: null } : inquiry;

/** What is left of an inquiry after its time: counts, no words and no number. */
export const forgetWords = (inquiry: Inquiry, at: Instant): Inquiry =>
  at - inquiry.openedAt >= KEPT ? { ...inquiry, question: '', callback: null } : inquiry;
