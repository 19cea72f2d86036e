/**
 * How often a person asked by hand: at most twenty a day, and by month for the transparency report. In: the folder of the index,
 * now. Out: the ordinal of this question on its day; it is on the disk before the question is answered, so that a crash never
 * gives one away for nothing. The caller has the folder's lock.
 */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { readJson, shaped } from '../mandate/json-file.ts';
import { Fault, fileFault } from '../record/fault.ts';
import { DAY, dayOf, type Instant, monthOf } from '../record/instant.ts';

export const MOST_A_DAY = 20;
/** Days are kept as long as a clock may be wrong; months for good. */
const DAYS_KEPT = 40;

interface Counts {
  readonly days: Readonly<Record<string, number>>;
  readonly months: Readonly<Record<string, number>>;
}

const SHAPE = z.strictObject({
  format: z.literal('notice-isp-asks/1'),
  days: z.record(z.string(), z.int().min(0)),
  months: z.record(z.string(), z.int().min(0)),
});

/** `seen`: questions of this day that another record knows of; the greater counts. */
export function countAsk(file: string, now: Instant, seen: number): number {
  const known: Counts = existsSync(file)
    ? shaped(SHAPE, readJson(file, 'audit', 'restore it from a copy'), 'a count of questions', 'restore it from a copy')
    : { days: {}, months: {} };
  const day = dayOf(now);
  const month = monthOf(now);
  const asked = Math.max(known.days[day] ?? 0, seen);
  if (asked >= MOST_A_DAY)
    throw new Fault('mandate-refused', `${asked} questions were asked by hand today`, 'ask again tomorrow');
  const oldest = dayOf(now - DAYS_KEPT * DAY);
  const days = Object.fromEntries(Object.entries(known.days).filter(([name]) => name >= oldest));
  const counts = {
    format: 'notice-isp-asks/1',
    days: { ...days, [day]: asked + 1 },
    months: { ...known.months, [month]: (known.months[month] ?? 0) + 1 },
  };
  replace(file, `${JSON.stringify(counts, null, 2)}\n`);
  return asked + 1;
}

function replace(file: string, text: string): void {
  try {
    const fd = openSync(`${file}.new`, 'w', 0o600);
    try {
      writeSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(`${file}.new`, file);
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
}
