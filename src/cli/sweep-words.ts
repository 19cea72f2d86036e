/** What `notice sweep` reads from its options and says about its work; pure, so that it can be tried without a sweep. */
import { Fault } from '../record/fault.ts';
import type { MandateBody } from '../record/mandate.ts';
import type { SweepProgress, SweepResult } from '../survey/sweep/sweep.ts';
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

/** `sweep 2026-11  63 %  18,240/s  412 open  3 refused by mandate  0:41 left` */
export function progressText(month: string, p: SweepProgress): string {
  const percent = p.total > 0 ? Math.floor((p.done / p.total) * 100) : 100;
  const left = p.perSecond > 0 ? `  ${minutes(Math.ceil((p.total - p.done) / p.perSecond))} left` : '';
  return `sweep ${month}  ${percent} %  ${n(p.perSecond)}/s  ${n(p.answered)} open  ${n(p.excluded)} refused by mandate${left}`;
}

/** The short table at the end; lines that are zero and would only worry are left out. */
export function summary(month: string, r: SweepResult, ms: number, dry: boolean): string {
  const { tally } = r;
  const rows: [string, number, boolean][] = [
    ['addresses × ports', r.total, true],
    [dry ? 'would be sent' : 'sent', r.sent, true],
    ['not sent: refused by mandate', tally.excluded, true],
    ['not sent: this machine could not', tally.unsent, tally.unsent > 0],
    ['answered', r.answered, !dry],
    ['refused the connection', tally.refused, !dry],
    ['no answer', tally.silent, !dry],
    ['cannot be reached', tally.unreachable, tally.unreachable > 0],
    ['tried again for want of resources', r.faults, r.faults > 0],
    ['seconds', ms / 1000, true],
  ];
  const note = r.note === '' ? '' : `  ${r.note}; Node's sockets did the work (notice doctor says more)\n`;
  return (
    table(
      ['sweep', month],
      rows.filter(([, , shown]) => shown).map(([what, count]) => [what, n(count)]),
    ) + note
  );
}
