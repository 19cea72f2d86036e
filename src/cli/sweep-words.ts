/** What `notice sweep` reads from its options and says about its work; pure, so that it can be tried without a sweep. */
import { Fault } from '../record/fault.ts';
import type { MandateBody } from '../record/mandate.ts';
import type { Hit, ReplyClass } from '../record/observation.ts';
import type { RawCounts, SweepProgress, SweepResult } from '../survey/sweep/sweep.ts';
import { table } from './table.ts';

/** The mandate's ports that may be swept, or those of them in a list such as `23,80`. Fault for any other. */
export function portsToSweep(mandate: MandateBody, list: string | undefined): number[] {
  const allowed = mandate.ports.filter(port => port.acts.includes('sweep')).map(port => port.port);
  if (allowed.length === 0)
    throw new Fault(
      'mandate-refused',
      'the mandate names no port to sweep',
      'have a mandate signed that names the act "sweep" for a port',
    );
  if (list === undefined) return allowed;
  const named = list.split(',').map(text => text.trim());
  const odd = named.find(text => !/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > 65535);
  if (odd !== undefined) throw new Fault('usage', `"${odd}" is no port`, 'write them as 23,80');
  const ports = [...new Set(named.map(Number))];
  const foreign = ports.find(port => !allowed.includes(port));
  if (foreign !== undefined)
    throw new Fault(
      'mandate-refused',
      `the mandate does not allow a sweep of port ${foreign}`,
      `choose among ${allowed.join(', ')}`,
    );
  return ports;
}

const n = (value: number): string => Math.round(value).toLocaleString('en');

export const minutes = (seconds: number): string =>
  seconds < 3600
    ? `${Math.floor(seconds / 60)}:${String(Math.floor(seconds) % 60).padStart(2, '0')}`
    : `${Math.floor(seconds / 3600)} h ${String(Math.floor(seconds / 60) % 60).padStart(2, '0')} min`;

const leftOf = (p: SweepProgress): number | undefined =>
  p.perSecond > 0 ? Math.ceil((p.total - p.done) / p.perSecond) : undefined;
const percentOf = (p: SweepProgress): number => (p.total > 0 ? Math.floor((p.done / p.total) * 100) : 100);

/** `sweep 2026-11  63 %  18,240/s  412 open  3 refused by mandate  0:41 left` */
export function progressText(month: string, p: SweepProgress): string {
  const left = leftOf(p);
  return [
    `sweep ${month}`,
    ...((p.pass ?? 1) > 1 ? [`pass ${p.pass}`] : []),
    `${percentOf(p)} %`,
    `${n(p.perSecond)}/s`,
    `${n(p.answered)} open`,
    `${n(p.excluded)} refused by mandate`,
    ...((p.drops ?? 0) > 0 ? [`${n(p.drops ?? 0)} replies lost`] : []),
    ...(left === undefined ? [] : [`${minutes(left)} left`]),
  ].join('  ');
}

/** The same for machines: one JSON object a line. */
export function progressRecord(month: string, p: SweepProgress, over: boolean, record?: string): string {
  return JSON.stringify({
    stage: over ? 'done' : 'sweep',
    month,
    pass: p.pass ?? 1,
    total: p.total,
    done: p.done,
    sent: p.sent,
    excluded: p.excluded,
    known: p.known ?? 0,
    perSecond: Math.round(p.perSecond),
    hits: p.answered,
    drops: p.drops ?? 0,
    percent: percentOf(p),
    secondsLeft: over ? 0 : (leftOf(p) ?? null),
    ...(record === undefined ? {} : { record }),
  });
}

/** One answer: for machines always the same members, null where the driver cannot see; for people what they can use. */
export function answerLine(
  answer: Hit & { readonly class: ReplyClass; readonly code?: number },
  json: boolean,
): string {
  const { address, port, at, ttl, window, options, code } = answer;
  if (!json) return `${address}  ${port}${answer.class === 'syn-ack' ? '' : `  ${answer.class}`}\n`;
  return `${JSON.stringify({
    address,
    port,
    class: answer.class,
    at: Math.round(at),
    ttl: ttl ?? null,
    window: answer.class === 'icmp' ? null : (window ?? null),
    options: answer.class === 'icmp' ? null : (options ?? null),
    ...(code === undefined ? {} : { code }),
  })}\n`;
}

const shareOf = (part: number, whole: number): string => `${((part / whole) * 100).toFixed(1)} %`;

/** The short table at the end; lines that are zero and would only worry are left out. */
export function summary(month: string, r: SweepResult, ms: number, dry: boolean): string {
  const { tally, raw } = r;
  const rows: [string, number | string, boolean][] = [
    ['addresses × ports', r.total, true],
    [dry ? 'would be sent' : 'sent', r.sent, true],
    ['not sent: refused by mandate', tally.excluded, true],
    ['not sent: had answered before', r.known, r.known > 0],
    ['not sent: this machine could not', tally.unsent, tally.unsent > 0],
    ['answered', r.answered, !dry],
    ['refused the connection', tally.refused, !dry],
    ['no answer', tally.silent, !dry],
    ['cannot be reached', tally.unreachable, tally.unreachable > 0],
    ['tried again for want of resources', r.faults, r.faults > 0],
    ...(raw ? rawRows(raw) : []),
    ['seconds', n(ms / 1000), true],
  ];
  const driver = r.driver === 'dry' ? '' : `  driver ${r.driver}${r.why === '' ? '' : `: ${r.why}`}\n`;
  const note = r.note === '' ? '' : `  ${r.note} (notice doctor says more)\n`;
  return (
    table(
      ['sweep', month],
      rows.filter(([, , shown]) => shown).map(([what, count]) => [what, typeof count === 'number' ? n(count) : count]),
    ) +
    driver +
    note +
    (raw?.alarms ?? []).map(alarm => `  slowed down: ${alarm}\n`).join('')
  );
}

function rawRows(raw: RawCounts): [string, number | string, boolean][] {
  const { canaries } = raw;
  return [
    ['unreachable on purpose', raw.prohibited, raw.prohibited > 0],
    ['replies lost by the kernel', raw.kernelDrops, raw.kernelDrops > 0],
    ['replies that were not ours', raw.badCookie + raw.outOfScope, raw.badCookie + raw.outOfScope > 0],
    ['canaries that answered', canaries.sent > 0 ? shareOf(canaries.answered, canaries.sent) : '', canaries.sent > 0],
  ];
}
