/**
 * When the mandate lets anything leave at all: period, publication of the sources, hours. In: mandate and an instant. Out:
 * the refusal that holds then, if any, and until when that answer stays the same, so that it is not asked per packet.
 */
import type { Instant } from '../record/instant.ts';
import { DAY, instantOf, jstMidnight, MINUTE } from '../record/instant.ts';
import type { MandateBody } from '../record/mandate.ts';
import type { Refusal } from './authority.ts';
import { PUBLISHED_BEFORE } from './ceilings.ts';

export interface Spell {
  readonly refusal: Refusal | undefined;
  /** The answer holds from `since` until before `until`. */
  readonly since: Instant;
  readonly until: Instant;
}

const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));

/** JST. A span whose end is before its start runs over midnight. */
function hoursAt(hours: MandateBody['hours'], at: Instant): { open: boolean; until: Instant } {
  const from = minutesOf(hours.from);
  const to = minutesOf(hours.to);
  const midnight = jstMidnight(at);
  const minute = (at - midnight) / MINUTE;
  const open = from < to ? minute >= from && minute < to : minute >= from || minute < to;
  const turns = [from, to, from + 1440, to + 1440].filter(turn => turn > minute);
  return { open, until: midnight + Math.min(...turns) * MINUTE };
}

/** When the sources have been public long enough. */
export const publishedFrom = (body: MandateBody): Instant =>
  (instantOf(body.sources.publishedAt) ?? Number.POSITIVE_INFINITY) + PUBLISHED_BEFORE;

/** The schedule of one mandate, its dates parsed once. A date that is none refuses for ever. */
export function scheduleOf(body: MandateBody): (at: Instant) => Spell {
  const from = instantOf(body.period.from) ?? Number.POSITIVE_INFINITY;
  const to = instantOf(body.period.to) ?? Number.NEGATIVE_INFINITY;
  const published = publishedFrom(body);
  return at => {
    if (at >= to) return { refusal: 'expired', since: at, until: at + DAY };
    if (!(at >= from)) return { refusal: 'not-yet', since: at, until: Math.min(from, at + DAY) };
    if (!(at >= published)) return { refusal: 'not-published', since: at, until: Math.min(published, to, at + DAY) };
    const hours = hoursAt(body.hours, at);
    return { refusal: hours.open ? undefined : 'outside-hours', since: at, until: Math.min(hours.until, to) };
  };
}
