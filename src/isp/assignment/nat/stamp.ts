/**
 * Clock readings in syslog text. In: the text where a stamp may begin. Out: the reading with what it does not say left open:
 * the year (RFC 3164 §4.1.2) or the zone. `makeDating` fills in the year by the order in which lines were received.
 */
import { DAY, type Instant, MINUTE } from '../../../record/instant.ts';

/** ms as if the clock on the wall showed UTC; `zone` in minutes east of UTC where the stamp says. */
export interface Reading {
  readonly form: 'iso' | 'bsd' | 'year-first';
  /** Undefined when the stamp has none; `wall` is then of the leap year 2000. */
  readonly year: number | undefined;
  readonly wall: number;
  readonly zone: number | undefined;
  /** Where the text after the stamp begins. */
  readonly end: number;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH = '(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const TIME = '(\\d\\d):(\\d\\d):(\\d\\d)(?:[.,](\\d{1,9}))?';

/** RFC 5424 §6.2.3, and the same with a blank for the T and without a zone, as boxes write it. */
const ISO = new RegExp(`(\\d{4})-(\\d\\d)-(\\d\\d)[T ] ?${TIME}(Z|[+-]\\d\\d:\\d\\d)?`, 'y');
/** RFC 3164 §4.1.2; some boxes put the year after the day or the time. */
const BSD = new RegExp(`${MONTH} {1,2}(\\d{1,2}) (?:(\\d{4}) )?${TIME}(?: (\\d{4})(?= ))?`, 'y');
/** Year first, as carrier NAT modules of Cisco write it. */
const YEAR_FIRST = new RegExp(`(\\d{4}) ${MONTH} {1,2}(\\d{1,2}) ${TIME}`, 'y');

const LEAP = 2_000;

function wallOf(year: number, month: number, day: number, time: readonly (string | undefined)[]): number | undefined {
  const [hour, minute, second] = time.slice(0, 3).map(Number) as [number, number, number];
  // A leap second counts as the last of its minute.
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const midnight = Date.UTC(year, month - 1, day);
  const date = new Date(midnight);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const ms = Number((time[3] ?? '').slice(0, 3).padEnd(3, '0'));
  return midnight + ((hour * 60 + minute) * 60 + Math.min(second, 59)) * 1_000 + ms;
}

const monthOf = (name: string | undefined) => MONTHS.indexOf(name ?? '') + 1;

function reading(
  form: Reading['form'],
  year: number | undefined,
  wall: number | undefined,
  zone: string | undefined,
  end: number,
): Reading | undefined {
  if (wall === undefined) return undefined;
  return { form, year, wall, zone: zone === undefined ? undefined : minutes(zone), end };
}

const minutes = (zone: string): number => {
  if (zone === 'Z') return 0;
  const size = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return zone[0] === '-' ? -size : size;
};

/** The stamp that begins at `at`; undefined when none does, or none that a calendar has. */
export function readingAt(text: string, at: number): Reading | undefined {
  ISO.lastIndex = at;
  const iso = ISO.exec(text);
  if (iso)
    return reading(
      'iso',
      Number(iso[1]),
      wallOf(Number(iso[1]), Number(iso[2]), Number(iso[3]), iso.slice(4, 8)),
      iso[8],
      ISO.lastIndex,
    );
  BSD.lastIndex = at;
  const bsd = BSD.exec(text);
  if (bsd) {
    const year = bsd[3] ?? bsd[8];
    const wall = wallOf(Number(year ?? LEAP), monthOf(bsd[1]), Number(bsd[2]), bsd.slice(4, 8));
    return reading('bsd', year === undefined ? undefined : Number(year), wall, undefined, BSD.lastIndex);
  }
  YEAR_FIRST.lastIndex = at;
  const first = YEAR_FIRST.exec(text);
  if (!first) return undefined;
  const wall = wallOf(Number(first[1]), monthOf(first[2]), Number(first[3]), first.slice(4, 8));
  return reading('year-first', Number(first[1]), wall, undefined, YEAR_FIRST.lastIndex);
}

/** Half a year: a line is never put further than that from the one received before it. */
const FAR = 183 * DAY;
/** Nothing is silent for so long; a stamp that leaps further is doubted, and does not carry the next ones along. */
const LEAP_OF_TIME = 7 * DAY;

const inYear = (wall: number, year: number): number | undefined => {
  const date = new Date(wall);
  const moved = Date.UTC(year, date.getUTCMonth(), date.getUTCDate()) + (wall % DAY);
  return new Date(moved).getUTCMonth() === date.getUTCMonth() ? moved : undefined;
};

export interface Dating {
  /** The instant of a reading in a zone, minutes east of UTC; a text says what is missing. */
  instantOf(reading: Reading, zone: number | undefined, near?: Instant): Instant | string;
  /** How far the last instant given leapt away from the lines before it, ms; 0 when it fits in with them. */
  readonly doubtMs: number;
}

/** `year` of the first line, or an instant `after` which it was written; else a stamp without a year is refused. */
export function makeDating(year: number | undefined, after: Instant | undefined): Dating {
  let last = after;
  let odd: Instant | undefined;
  let doubtMs = 0;
  const moveTo = (at: Instant) => {
    const leap = last === undefined ? 0 : Math.abs(at - last);
    const leaps = leap > LEAP_OF_TIME;
    const confirmed = odd !== undefined && Math.abs(at - odd) < DAY;
    if (!leaps || confirmed) last = at;
    odd = leaps ? at : undefined;
    doubtMs = leaps && !confirmed ? leap : 0;
    return at;
  };
  const nearest = (wall: number, zoneMs: number, to: Instant): Instant | undefined => {
    const about = new Date(to + zoneMs).getUTCFullYear();
    const candidates = [about - 1, about, about + 1].map(y => inYear(wall, y)).filter(w => w !== undefined);
    const [best] = candidates.map(w => w - zoneMs).sort((a, b) => Math.abs(a - to) - Math.abs(b - to));
    return best !== undefined && Math.abs(best - to) <= FAR ? best : undefined;
  };
  return {
    get doubtMs() {
      return doubtMs;
    },
    instantOf(reading, zone, near) {
      const offset = reading.zone ?? zone;
      if (offset === undefined) return 'the stamp has no zone, and option "zone" gives none';
      const zoneMs = offset * MINUTE;
      if (reading.year !== undefined) return moveTo(reading.wall - zoneMs);
      const to = near ?? last;
      if (to === undefined && year === undefined) return 'the stamp has no year, and option "year" gives none';
      const at = to === undefined ? inYear(reading.wall, year as number) : nearest(reading.wall, zoneMs, to);
      if (at === undefined) return 'the stamp is no day of its year';
      return moveTo(to === undefined ? at - zoneMs : at);
    },
  };
}
