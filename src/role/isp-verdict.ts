/**
 * One device's verdict from the ISP's own logs, and what it rests on. In: the logs, the sources set aside, the questions of the device.
 * Out: verdict, why, line, the sources whose holds were read, and every hold for whoever asks why. A log that decided a
 * disputed case is not believed again until a person has cleared it: what it would call unique is a gap.
 */

import type { Logs } from '../isp/assignment/hold.ts';
import { type Asked, identifyAll } from '../isp/assignment/identify-all.ts';
import type { IdentificationVerdict } from '../record/assignment.ts';
import type { ReadHold, ReadQuestion } from '../record/incident.ts';
import type { Instant } from '../record/instant.ts';

export interface Sighting {
  readonly address: string;
  readonly port: number;
  readonly seen_at: Instant;
  readonly clock_error_ms: number;
}

export interface Decided {
  readonly verdict: IdentificationVerdict;
  readonly why: string;
  /** Agent-local number in decimal; null unless `unique`. */
  readonly subscriber: string | null;
  readonly sources: readonly string[];
  /** One for each sighting, in their order. */
  readonly asked: readonly Asked[];
}

const holdsOf = (asked: readonly Asked[]) => asked.flatMap(a => a.steps.flatMap(step => step.holds));

export const setAside = (source: string): string =>
  `the log "${source}" is set aside: a case that it decided is disputed`;

export function decide(
  index: Logs,
  quarantined: ReadonlySet<string>,
  sightings: readonly Sighting[],
  now: Instant,
): Decided {
  const asked: Asked[] = [];
  const questions = sightings.map(({ address, port, seen_at, clock_error_ms }) => ({
    address,
    port,
    at: seen_at,
    clockErrorMs: clock_error_ms,
    askedAt: now,
  }));
  const { verdict, why, subscriber } = identifyAll(index, questions, asked);
  const sources = [...new Set(holdsOf(asked).map(hold => hold.source))].sort();
  const aside = sources.find(source => quarantined.has(source));
  if (verdict === 'unique' && aside !== undefined)
    return { verdict: 'log_gap', why: setAside(aside), subscriber: null, sources, asked };
  return { verdict, why, subscriber: subscriber ?? null, sources, asked };
}

const finite = (at: Instant): Instant | null => (Number.isFinite(at) ? at : null);

/** What was looked at, for the incident: `line` is whom the alert went to; everybody else is only another. */
export function readOf(index: Logs, { question, answer, steps }: Asked, line: string | null): ReadQuestion {
  const whose = (subscriber: number): ReadHold['whose'] => {
    if (subscriber === 0) return 'somebody unknown';
    if (index.behindOf(subscriber)) return 'an address behind';
    return String(subscriber) === (answer.subscriber ?? line) ? 'the line alerted' : 'another line';
  };
  return {
    address: question.address,
    port: question.port,
    at: question.at,
    clockErrorMs: question.clockErrorMs,
    verdict: answer.verdict,
    why: answer.why,
    steps: steps.map(({ pool, from, to, sources, lacking, holds }) => ({
      pool,
      from,
      to,
      sources,
      lacking,
      holds: holds.map(hold => ({
        source: hold.source,
        exporter: hold.exporter,
        whose: whose(hold.subscriber),
        possibleFrom: finite(hold.possibleFrom),
        sureFrom: finite(hold.sureFrom),
        sureTo: finite(hold.sureTo),
        possibleTo: finite(hold.possibleTo),
      })),
    })),
  };
}
