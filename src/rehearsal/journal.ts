/**
 * Where a rehearsal is, on disk after every step, so that an interrupted one goes on where it was. With the options, the
 * owners' deeds are all a replay of the country needs.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, fileFault } from '../record/fault.ts';
import { type Instant, nextMonth } from '../record/instant.ts';
import type { RoundReport } from '../record/progress.ts';
import type { Ports } from './personality.ts';
import type { Judgement } from './truth.ts';
import type { Repaired } from './world.ts';

export interface Options {
  readonly seed: string;
  readonly addresses: number;
  readonly devices: number;
  readonly rounds: number;
}

export type MonthJudged = Judgement & { readonly month: string };

export interface Journal {
  readonly format: 'notice-rehearsal/1';
  readonly options: Options;
  readonly ports: Ports;
  readonly sitePort: number;
  /** The month being worked on, or the last one when `step` is `end`. */
  month: string;
  step: 'round' | 'days' | 'end';
  /** The country's calendar at the last completed step. */
  at: Instant;
  repairs: Repaired[];
  /** Whatever the owners still mean to do; opaque here. */
  owners: unknown;
  reports: RoundReport[];
  /** What each ISP's tick did, summed. */
  sent: { mails: number; letters: number };
  inquiries: number;
  /** Times an owner pressed “check again” on an open case. */
  checks: number;
  /** Re-checks the centre decided; counted each day, because the site forgets them after their time. */
  rechecked: number;
  /** The day after the round that was begun and not yet ended: a process that dies in it leaves deeds undone and unsaid. */
  begun: number | null;
  /** What was found beside what was true, month by month. */
  judged: MonthJudged[];
  seconds: number;
  peakMb: number;
}

export const FIRST_MONTH = '2026-09';

export const lastMonth = (rounds: number): string => {
  let month = FIRST_MONTH;
  for (let i = 1; i < rounds; i++) month = nextMonth(month);
  return month;
};

const fileIn = (folder: string) => join(folder, 'journal.json');

/** The journal of an earlier start; undefined when there is none. Another size under the same seed is refused. */
export function readJournal(folder: string, options: Options): Journal | undefined {
  const file = fileIn(folder);
  if (!existsSync(file)) return undefined;
  const journal = parse(file);
  const names = ['addresses', 'devices', 'rounds'] as const;
  const other = names.find(name => journal.options[name] !== options[name]);
  if (other)
    throw new Fault(
      'usage',
      `this rehearsal was begun with --${other} ${journal.options[other]}`,
      `use that again, another --seed, or --fresh to start over`,
      { where: folder },
    );
  return journal;
}

function parse(file: string): Journal {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Journal;
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw fileFault(thrown, file);
    throw new Fault('input', 'the journal is damaged', 'start over with --fresh', { where: file, cause: thrown });
  }
}

export function writeJournal(folder: string, journal: Journal): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(`${fileIn(folder)}.part`, JSON.stringify(journal), { mode: 0o600 });
  renameSync(`${fileIn(folder)}.part`, fileIn(folder));
}
