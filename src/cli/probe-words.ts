/** What `notice probe` says about its work, on stderr: the status line, the machine line, the short table, how it ends. Pure. */
import { Fault } from '../record/fault.ts';
import { REPORTED } from '../record/observation.ts';
import type { ProbeProgress, ProbeReport } from '../role/probe-run.ts';
import { minutes } from './sweep-words.ts';
import { table } from './table.ts';

/** `18,240`, without the tables of all languages, which take longer to load than a small probe takes. */
const n = (value: number): string => String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ',');

export interface Pace {
  readonly month: string;
  /** Since the first target was asked for. */
  readonly seconds: number;
  /** Of the input that was taken, 0 to 1; undefined when its length is not known. */
  readonly share: number | undefined;
  readonly malformed: number;
}

const perSecond = (p: ProbeProgress, { seconds }: Pace): number => p.checked / Math.max(0.001, seconds);
const secondsLeft = ({ seconds, share }: Pace): number | undefined =>
  share === undefined || share <= 0 ? undefined : Math.ceil((seconds * (1 - share)) / share);

/** `probe 2026-11  63 %  1,240/s  412 in flight  18,240 checked  3 positive  90 tries  2 refused by mandate  0:41 left` */
export function progressText(p: ProbeProgress, pace: Pace): string {
  const left = secondsLeft(pace);
  return [
    `probe ${pace.month}`,
    ...(pace.share === undefined ? [] : [`${Math.floor(pace.share * 100)} %`]),
    `${n(perSecond(p, pace))}/s`,
    `${n(p.inFlight)} in flight`,
    `${n(p.checked)} checked`,
    `${n(p.positive)} positive`,
    `${n(p.tries)} tries`,
    `${n(p.refused)} refused by mandate`,
    ...(left === undefined ? [] : [`${minutes(left)} left`]),
  ].join('  ');
}

/** The same for machines: one JSON object a line. Counts only, as everywhere. */
export function progressRecord(p: ProbeProgress, pace: Pace, over: boolean): string {
  const { checked, inFlight, positive, tries, refused, skipped, duplicates, outside, local, read } = p;
  return JSON.stringify({
    stage: over ? 'done' : 'probe',
    month: pace.month,
    ...{ read, checked, positive, tries, refused, skipped, duplicates, outside, local },
    malformed: pace.malformed,
    inFlight: over ? 0 : inFlight,
    perSecond: Math.round(perSecond(p, pace) * 10) / 10,
    percent: pace.share === undefined ? null : Math.floor(pace.share * 100),
    secondsLeft: over ? 0 : (secondsLeft(pace) ?? null),
    ...(over ? { reported: p.reported } : {}),
  });
}

/** Rows that are zero and would only worry are left out. */
export function summary(r: ProbeReport, pace: Pace): string {
  const rows: [string, number, boolean][] = [
    ['checked', r.checked, true],
    ...REPORTED.map((name): [string, number, boolean] => [`  ${name}`, r.reported[name], r.reported[name] > 0]),
    ['tries', r.tries, true],
    ['done before, skipped', r.skipped, r.skipped > 0],
    ['refused by mandate', r.refused, r.refused > 0],
    ['not done for want of resources', r.local, r.local > 0],
    ['lines malformed', pace.malformed, pace.malformed > 0],
    ['lines that stood twice', r.duplicates, r.duplicates > 0],
    ['seconds', pace.seconds, true],
  ];
  return table(
    ['probe', pace.month],
    rows.filter(([, , shown]) => shown).map(([what, count]) => [what, n(count)]),
  );
}

const lines = (count: number, one: string, more: string): string[] =>
  count === 0 ? [] : [`${count} ${count === 1 ? `line ${one}` : `lines ${more}`}`];

/** What the command ends with when all is not well: the gravest first. Undefined when it is. */
export function faultOf(r: ProbeReport, malformed: number, where: string): Fault | undefined {
  if (r.closed !== null)
    return new Fault(
      'mandate-refused',
      `the gate closed during the probe (${r.closed})`,
      'run notice mandate check, and the same command when it allows: what is done is skipped',
    );
  if (r.local > 0)
    return new Fault(
      'resource',
      `${n(r.local)} services were not checked because this machine ran out of open files or ports`,
      'raise ulimit -n or lower --concurrency, and run the same command again: what is done is skipped',
    );
  if (r.refused > 0 && r.refused === r.read - r.duplicates) {
    const why = [...r.refusals].map(([refusal, count]) => `${n(count)} ${refusal}`).join(', ');
    return new Fault(
      'mandate-refused',
      `every target was refused, so nothing was sent: ${why || 'excluded meanwhile'}`,
      'give targets that notice mandate check allows',
    );
  }
  const bad = [
    ...lines(malformed, 'was malformed', 'were malformed'),
    ...lines(r.duplicates, 'stood twice', 'stood twice'),
    ...lines(r.outside, 'was outside the mandate', 'were outside the mandate'),
  ];
  return bad.length === 0 ? undefined : new Fault('input', bad.join(', '), 'mend the lines named above', { where });
}
