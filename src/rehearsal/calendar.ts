/** The rehearsal's calendar: real time plus an offset that only moves forward, and only between rounds. */
import { performance } from 'node:perf_hooks';
import { type Clocks, DAY, HOUR, type Instant, jstMidnight } from '../record/instant.ts';

export interface Calendar extends Clocks {
  /** Milliseconds to add to the machine's clock. */
  readonly offset: () => number;
  /** Sets the calendar to an instant; going back is refused. */
  readonly moveTo: (at: Instant) => void;
}

export function makeCalendar(at: Instant): Calendar {
  let offset = at - Date.now();
  const calendar = () => Date.now() + offset;
  return {
    calendar,
    monotonic: () => performance.now(),
    offset: () => offset,
    moveTo: to => {
      // A step may come a moment late on a slow machine; the calendar then simply stands still for that moment.
      offset = Math.max(offset, to - Date.now());
    },
  };
}

/** 10:30 in Japan on the day an instant lies in, plus whole days: when the country's people are awake and at work. */
export const workingHour = (at: Instant, days = 0): Instant => jstMidnight(at) + days * DAY + 10 * HOUR + HOUR / 2;
