/**
 * What is due, and why not. Pure. In: the ISP's cases, every alert so far, who can be reached how, now. Out: messages to send
 * today, and for each open case that gets none the reason. Steps of a case: e-mail (or a letter where none is known); a
 * letter the day after a bounce; an e-mail after 14 days; a letter after 30. Caps win over steps: one message to a
 * subscriber in ten days, four about a case, the desk's capacity a day. A closed or revoked case sends nothing; a halt stops all.
 */
import type { AlertState, Channel, Message } from '../../record/alert.ts';
import { DAY, dayOf, type Instant } from '../../record/instant.ts';
import { type NotNow, notNow } from './calendar.ts';
import type { LadderCaps } from './ladder-caps.ts';
import { openCaps } from './ladder-caps.ts';

export interface LadderCase {
  readonly id: string;
  /** Null unless exactly one line was identified. */
  readonly subscriber: string | null;
  readonly open: boolean;
  readonly seenAt: Instant;
}

/** One message about one case; a message about several cases is several of these with one `message id`. */
export interface LadderAlert {
  readonly messageId: string;
  readonly caseId: string;
  readonly subscriber: string;
  readonly channel: Channel;
  readonly message: Message;
  readonly state: AlertState;
  /** When it was handed over, or its hand-over began; null while it has not. */
  readonly sentAt: Instant | null;
}

export interface Reach {
  readonly mail: boolean;
  readonly letter: boolean;
  /** Whoever knows does not answer now: asked again at the next tick. */
  readonly later?: boolean;
}

export interface LadderInput {
  readonly cases: readonly LadderCase[];
  readonly alerts: readonly LadderAlert[];
  /** By subscriber; absent when the customer file does not know the line. */
  readonly reach: ReadonlyMap<string, Reach>;
  readonly now: Instant;
  readonly holidays: ReadonlySet<string>;
  readonly deskCapacityPerDay: number;
  readonly halted: boolean;
  /** People send it and keep the hours themselves; every other cap holds. */
  readonly byHand?: boolean;
}

export interface DueMessage {
  readonly subscriber: string;
  readonly channel: Channel;
  readonly message: Message;
  /** One to three cases of the line, told together. */
  readonly caseIds: readonly string[];
  /** How many messages each case had before: makes the message's id. */
  readonly step: number;
}

export const WHY_NOT = [
  'halted',
  'not-identified',
  'no-contact',
  'contact-later',
  'by-hand',
  'nothing-due',
  'ladder-done',
  'case-cap',
  'spacing',
  'desk-capacity',
  'told-together',
] as const;
export type WhyNot = (typeof WHY_NOT)[number] | NotNow;

export interface Plan {
  readonly due: readonly DueMessage[];
  readonly not: readonly { readonly caseId: string; readonly why: WhyNot }[];
}

const REMINDER_AFTER = 14 * DAY;
const LETTER_AFTER = 30 * DAY;
/** What one page can tell; a fourth case of a line waits for the next message. */
const TOLD_TOGETHER = 3;

interface Step {
  readonly channel: Channel;
  readonly message: Message;
  readonly number: number;
}

/** What the ladder asks for now, before any cap. */
function stepOf(sent: readonly LadderAlert[], reach: Reach, now: Instant): Step | WhyNot {
  const number = sent.length;
  if (reach.later) return 'contact-later';
  const mailWorks = reach.mail && !sent.some(a => a.channel === 'mail' && a.state === 'bounced');
  const last = sent.at(-1);
  if (!last) {
    if (mailWorks) return { channel: 'mail', message: 'first', number };
    return reach.letter ? { channel: 'letter', message: 'first', number } : 'no-contact';
  }
  const delivered = sent.filter(a => a.state === 'sent');
  if (last.state === 'bounced') {
    if (!reach.letter) return 'no-contact';
    if (last.channel === 'letter') return 'ladder-done';
    if (dayOf(now) <= dayOf(last.sentAt ?? now)) return 'nothing-due';
    return { channel: 'letter', message: delivered.length > 0 ? 'reminder' : 'first', number };
  }
  const since = now - (delivered[0]?.sentAt ?? now);
  const later = delivered.slice(1);
  const letterLate = later.some(a => a.channel === 'letter');
  if (since >= LETTER_AFTER && !letterLate)
    return reach.letter ? { channel: 'letter', message: 'reminder', number } : 'no-contact';
  if (since >= REMINDER_AFTER && later.length === 0 && mailWorks)
    return { channel: 'mail', message: 'reminder', number };
  return letterLate ? 'ladder-done' : 'nothing-due';
}

interface Wish {
  readonly one: LadderCase;
  readonly subscriber: string;
  readonly step: Step;
}

/** Those of one line go together; who was never told comes first, then who has waited longest. */
function inOrder(wishes: readonly Wish[]): Wish[][] {
  const rank = (w: Wish) => (w.step.message === 'first' ? 0 : 1);
  const sorted = [...wishes].sort(
    (a, b) => rank(a) - rank(b) || a.one.seenAt - b.one.seenAt || (a.one.id < b.one.id ? -1 : 1),
  );
  const byLine = Map.groupBy(sorted, w => w.subscriber);
  return [...byLine.values()];
}

export function planAlerts(input: LadderInput): Plan {
  const { now, holidays, reach } = input;
  const not: { caseId: string; why: WhyNot }[] = [];
  const wishes: Wish[] = [];
  const sentOf = Map.groupBy(
    input.alerts
      .filter(a => a.sentAt !== null && a.state !== 'withdrawn')
      .sort((a, b) => (a.sentAt ?? 0) - (b.sentAt ?? 0)),
    a => a.caseId,
  );
  for (const one of input.cases) {
    if (!one.open) continue;
    const { id: caseId, subscriber } = one;
    if (input.halted) not.push({ caseId, why: 'halted' });
    else if (subscriber === null) not.push({ caseId, why: 'not-identified' });
    else {
      // An address can pass to another line while a case is open: what the former holder was told is not told to this one.
      const told = (sentOf.get(caseId) ?? []).filter(a => a.subscriber === subscriber);
      const step = stepOf(told, reach.get(subscriber) ?? { mail: false, letter: false }, now);
      if (typeof step === 'string') not.push({ caseId, why: step });
      else wishes.push({ one, subscriber, step });
    }
  }
  const caps: LadderCaps = openCaps(input.alerts, now, input.deskCapacityPerDay);
  const due: DueMessage[] = [];
  for (const line of inOrder(wishes)) {
    const refuse = (some: readonly Wish[], why: WhyNot) => {
      for (const w of some) not.push({ caseId: w.one.id, why });
    };
    const free = line.filter(w => caps.caseFree(w.one.id));
    refuse(
      line.filter(w => !free.includes(w)),
      'case-cap',
    );
    const [lead] = free;
    if (!lead) continue;
    const channel: Channel = free.some(w => w.step.channel === 'letter') ? 'letter' : 'mail';
    const why = (input.byHand ? undefined : notNow(now, channel, holidays)) ?? caps.refuses(lead.subscriber);
    if (why) {
      refuse(free, why);
      continue;
    }
    const told = free.slice(0, TOLD_TOGETHER);
    refuse(free.slice(TOLD_TOGETHER), 'told-together');
    caps.take(lead.subscriber);
    const message: Message = told.some(w => w.step.message === 'first') ? 'first' : 'reminder';
    due.push({
      subscriber: lead.subscriber,
      channel,
      message,
      caseIds: told.map(w => w.one.id),
      step: lead.step.number,
    });
  }
  return { due, not };
}
