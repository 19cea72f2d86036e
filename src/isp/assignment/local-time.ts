/**
 * Wall-clock time of a declared zone to instants. In: a zone (`UTC`, `+09:00`, an IANA name such as `Asia/Tokyo`) and a local time as
 * if it were UTC, ms. Out: the instant; or that this local time occurs twice or never there, so that nobody guesses.
 */
import { Fault } from '../../record/fault.ts';
import { DAY, HOUR, type Instant, MINUTE } from '../../record/instant.ts';

export type LocalTime = (wall: number) => Instant | 'twice' | 'never';

const fixed =
  (offset: number): LocalTime =>
  wall =>
    wall - offset;

/** Throws Fault(usage) for a zone that nobody knows. */
export function localTimeOf(zone: string): LocalTime {
  const offset = /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  if (offset) {
    const ms = Number(offset[2]) * HOUR + Number(offset[3]) * MINUTE;
    if (ms < 15 * HOUR && Number(offset[3]) < 60) return fixed(offset[1] === '-' ? -ms : ms);
  }
  if (zone === 'UTC' || zone === 'Z') return fixed(0);
  // An abbreviation such as IST means several zones.
  if (!offset && zone.includes('/')) {
    try {
      return named(
        new Intl.DateTimeFormat('en-US', {
          timeZone: zone,
          hourCycle: 'h23',
          year: 'numeric',
          month: 'numeric',
          day: 'numeric',
          hour: 'numeric',
          minute: 'numeric',
          second: 'numeric',
        }),
      );
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown;
    }
  }
  throw new Fault('usage', `"${zone}" is no time zone`, 'write such as UTC, +09:00 or Asia/Tokyo');
}

/** How far the zone's clocks are ahead of UTC at an instant, ms. */
function aheadAt(format: Intl.DateTimeFormat, at: Instant): number {
  const second = Math.floor(at / 1000) * 1000;
  const part = Object.fromEntries(format.formatToParts(second).map(p => [p.type, Number(p.value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second: s = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, s) - second;
}

/** A day in whose surroundings nobody puts the clocks forward or back has one offset; the rest is asked by the instant. */
function named(format: Intl.DateTimeFormat): LocalTime {
  const days = new Map<number, number | undefined>();
  const ofDay = (day: number): number | undefined => {
    const seen = new Set<number>();
    for (let at = (day - 2) * DAY; at <= (day + 3) * DAY; at += 6 * HOUR) seen.add(aheadAt(format, at));
    return seen.size === 1 ? [...seen][0] : undefined;
  };
  return wall => {
    const day = Math.floor(wall / DAY);
    if (!days.has(day)) days.set(day, ofDay(day));
    const ahead = days.get(day);
    if (ahead !== undefined) return wall - ahead;
    const found = new Set<Instant>();
    for (let near = wall - DAY; near <= wall + DAY; near += 6 * HOUR) {
      const at = wall - aheadAt(format, near);
      if (at + aheadAt(format, at) === wall) found.add(at);
    }
    if (found.size > 1) return 'twice';
    return [...found][0] ?? 'never';
  };
}
