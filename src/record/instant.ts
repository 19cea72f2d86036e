/**
 * Instants and the two clocks. An instant is milliseconds UTC. `calendar` says what day it is (mandate, hours, caps,
 * ladder, cases) and may be moved by a rehearsal; `monotonic` only ever grows (pace, deadlines, gaps).
 */
export type Instant = number;

export interface Clocks {
  /** ms UTC, the legal and civil time. */
  readonly calendar: () => Instant;
  /** ms since an arbitrary start; never goes back. */
  readonly monotonic: () => number;
}

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** Japan Standard Time has no summer time: always UTC+9. */
export const JST = 9 * HOUR;

export const isoOf = (at: Instant): string => new Date(at).toISOString();

/** Parses an ISO 8601 instant with an explicit zone; undefined when it has none or is not a date. */
export function instantOf(text: string): Instant | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text)) return undefined;
  const at = Date.parse(text);
  // Some engines read 31 November as 1 December: a day the month does not have is no date.
  const [year, month, day] = text.slice(0, 10).split('-').map(Number);
  const days = new Date(Date.UTC(year ?? 0, month ?? 0, 0)).getUTCDate();
  return Number.isNaN(at) || (day ?? 0) > days ? undefined : at;
}

/** Civil fields in JST. `month` and `day` count from 1; `weekday` 0 is Sunday. */
export function jstOf(at: Instant) {
  const d = new Date(at + JST);
  return {
    year: d.getUTCFullYear(),
    month: d.getUTCMonth() + 1,
    day: d.getUTCDate(),
    weekday: d.getUTCDay(),
    hour: d.getUTCHours(),
    minute: d.getUTCMinutes(),
  };
}

const two = (n: number) => String(n).padStart(2, '0');

/** `2026-11`, the JST month an instant lies in. */
export const monthOf = (at: Instant): string => {
  const t = jstOf(at);
  return `${t.year}-${two(t.month)}`;
};

/** `2026-11-22`, the JST day. */
export const dayOf = (at: Instant): string => {
  const t = jstOf(at);
  return `${t.year}-${two(t.month)}-${two(t.day)}`;
};

/** First instant of a JST month given as `2026-11`. */
export function monthStart(month: string): Instant {
  const [y, m] = month.split('-').map(Number);
  return Date.UTC(y ?? 1970, (m ?? 1) - 1, 1) - JST;
}

/** The month after `2026-11`: `2026-12`. */
export const nextMonth = (month: string): string => monthOf(monthStart(month) + 32 * DAY);

/** The JST midnight at or before an instant. */
export const jstMidnight = (at: Instant): Instant => Math.floor((at + JST) / DAY) * DAY - JST;

const WEEKDAYS_JA = '日月火水木金土';
const MONTHS_EN = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** `2026年11月22日（日）` or `22 November 2026`, in JST. */
export function dateWords(at: Instant, language: 'ja' | 'en'): string {
  const t = jstOf(at);
  return language === 'ja'
    ? `${t.year}年${t.month}月${t.day}日（${WEEKDAYS_JA[t.weekday]}）`
    : `${t.day} ${MONTHS_EN[t.month - 1]} ${t.year}`;
}

/** `2026年11月` or `November 2026`. */
export function monthWords(month: string, language: 'ja' | 'en'): string {
  const [y, m] = month.split('-').map(Number);
  return language === 'ja' ? `${y}年${m}月` : `${MONTHS_EN[(m ?? 1) - 1]} ${y}`;
}
