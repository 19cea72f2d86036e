/**
 * When the support centre answers. In: interval sets for each weekday, with overrides for dates; an instant. Out: open or
 * closed, and the instant at which that changes next. All civil times are JST, which has no summer time.
 */
import { DAY, type Instant, JST, jstMidnight, MINUTE } from '../record/instant.ts';

/** Minutes from the JST midnight of the day it begins in; `to` is exclusive and may pass 1440, for a night shift. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

export interface OpeningHours {
  /** Seven sets, Sunday first. */
  readonly weekly: readonly (readonly Interval[])[];
  /** `01-03` for every year or `2026-11-03` for one; the one with the year wins. Replaces what begins on that day. */
  readonly overrides: Readonly<Record<string, readonly Interval[]>>;
}

/** A time of day in minutes from its words, `18:00` to 1080. */
export const minuteOf = (words: string): number => {
  const [hour, minute] = words.split(':').map(Number);
  return (hour ?? 0) * 60 + (minute ?? 0);
};

const TEN_TO_SIX: readonly Interval[] = [{ from: minuteOf('10:00'), to: minuteOf('18:00') }];
const NEW_YEAR = ['12-29', '12-30', '12-31', '01-01', '01-02', '01-03'];

/** 10:00 to 18:00 every day, closed from 29 December to 3 January. */
export const DEFAULT_HOURS: OpeningHours = {
  weekly: Array.from({ length: 7 }, () => TEN_TO_SIX),
  overrides: Object.fromEntries(NEW_YEAR.map(day => [day, []])),
};

/** The longest interval that counts; nothing looks further back than this. */
const LONGEST_DAYS = 2;
/** A centre that stays shut for longer has no next opening worth printing. */
const HORIZON_DAYS = 400;

/** The intervals that begin on the day whose JST midnight is given. */
function intervalsOf(hours: OpeningHours, midnight: Instant): readonly Interval[] {
  const date = new Date(midnight + JST);
  const day = date.toISOString().slice(0, 10);
  return hours.overrides[day] ?? hours.overrides[day.slice(5)] ?? hours.weekly[date.getUTCDay()] ?? [];
}

/** Open spans that begin on the days around `at`, as instants, end exclusive. */
function* spans(hours: OpeningHours, firstMidnight: Instant, days: number): Generator<{ from: Instant; to: Instant }> {
  for (let i = 0; i < days; i++) {
    const midnight = firstMidnight + i * DAY;
    for (const { from, to } of intervalsOf(hours, midnight)) {
      const end = Math.min(to, LONGEST_DAYS * 1440);
      if (end > from) yield { from: midnight + from * MINUTE, to: midnight + end * MINUTE };
    }
  }
}

export function openAt(hours: OpeningHours, at: Instant): boolean {
  for (const span of spans(hours, jstMidnight(at) - LONGEST_DAYS * DAY, LONGEST_DAYS + 1))
    if (span.from <= at && at < span.to) return true;
  return false;
}

/** The first instant after `at` at which open becomes closed or the reverse; undefined within 400 days of no change. */
export function nextChange(hours: OpeningHours, at: Instant): Instant | undefined {
  const now = openAt(hours, at);
  const edges = new Set<Instant>();
  const first = jstMidnight(at) - LONGEST_DAYS * DAY;
  // A fortnight nearly always holds the answer; the long look is for a centre that is shut.
  for (const days of [14, HORIZON_DAYS]) {
    for (const span of spans(hours, first, days + LONGEST_DAYS)) {
      if (span.from > at) edges.add(span.from);
      if (span.to > at) edges.add(span.to);
    }
    // Intervals may touch or overlap, so an edge is a change only when the state really differs there.
    const end = first + days * DAY;
    for (const edge of [...edges].sort((a, b) => a - b)) if (edge < end && openAt(hours, edge) !== now) return edge;
  }
  return undefined;
}
