/**
 * When an alert may leave, in Japan's civil time: 09:00 to 18:00, never from 29 December to 3 January; letters on working
 * days only, because that is when post is made up. Holidays come as a set of JST days, so that a table can replace it.
 */
import { createRequire } from 'node:module';
import type { Channel } from '../../record/alert.ts';
import { DAY, dayOf, HOUR, type Instant, jstMidnight, jstOf } from '../../record/instant.ts';

export type NotNow = 'quiet-hours' | 'new-year' | 'holiday';

export const FIRST_HOUR = 9;
export const LAST_HOUR = 18;

/** JST days (`2026-11-23`) that are national holidays, from 1970 to 2050. */
export function nationalHolidays(): ReadonlySet<string> {
  const require = createRequire(import.meta.url);
  const { holidays } = require('@holiday-jp/holiday_jp') as { holidays: Readonly<Record<string, unknown>> };
  return new Set(Object.keys(holidays));
}

export const isNewYear = (at: Instant): boolean => {
  const { month, day } = jstOf(at);
  return (month === 12 && day >= 29) || (month === 1 && day <= 3);
};

/** Undefined when this channel may be used now. */
export function notNow(at: Instant, channel: Channel, holidays: ReadonlySet<string>): NotNow | undefined {
  const { hour, weekday } = jstOf(at);
  if (isNewYear(at)) return 'new-year';
  if (hour < FIRST_HOUR || hour >= LAST_HOUR) return 'quiet-hours';
  if (channel === 'letter' && (weekday === 0 || weekday === 6 || holidays.has(dayOf(at)))) return 'holiday';
  return undefined;
}

/** The first instant at or after `at` when this channel may be used. */
export function nextOpening(at: Instant, channel: Channel, holidays: ReadonlySet<string>): Instant {
  let next = at;
  // New Year and a run of holidays are far shorter than this.
  for (let i = 0; i < 60; i++) {
    const why = notNow(next, channel, holidays);
    if (why === undefined) return next;
    const opens = jstMidnight(next) + FIRST_HOUR * HOUR;
    next = why === 'quiet-hours' && next < opens ? opens : opens + DAY;
  }
  return next;
}
