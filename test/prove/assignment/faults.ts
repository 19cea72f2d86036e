/**
 * What becomes of records between box and log server. In: events with the true instant at which they were written. Out: the events
 * in the order in which they arrive: some lost, some twice, some late.
 */
import type { LogEvent } from '../../../src/isp/assignment/event.ts';
import { type Chance, spread } from './chance.ts';
import type { Down } from './truth.ts';

export interface Written {
  readonly at: number;
  readonly event: LogEvent;
  /** The log server writes it itself: it is never lost. */
  readonly kept?: boolean;
}

export interface Faults {
  readonly loss: number;
  readonly lossOfEnds: number;
  readonly twice: number;
  readonly late: number;
  /** Up to so much any record is held up, ms; 0 where the log server writes them itself. */
  readonly jitter: number;
  /** Nothing at all arrives in these, and nobody says so. */
  readonly silences: readonly Down[];
}

const HOUR = 3_600_000;

export interface Arrival {
  /** True instants of arrival and of writing. */
  readonly at: number;
  readonly written: number;
  readonly event: LogEvent;
}

export const arrived = (chance: Chance, written: readonly Written[], faults: Faults): LogEvent[] =>
  arrivals(chance, written, faults).map(a => a.event);

export function arrivals(chance: Chance, written: readonly Written[], faults: Faults): Arrival[] {
  const come: Arrival[] = [];
  // Most are held up for a minute; some wait in a buffer for hours.
  const held = () => (chance() < 0.9 ? chance() * 100_000 : spread(chance, HOUR));
  const delay = () => (chance() < faults.late ? held() : chance() * faults.jitter);
  for (const { at, event, kept } of written) {
    const isEdge = event.what === 'begin' || event.what === 'end' || event.what === 'release';
    const lost = chance() < (isEdge ? faults.lossOfEnds : faults.loss);
    if (!kept && (lost || faults.silences.some(s => s.from <= at && at < s.to))) continue;
    come.push({ at: at + delay(), written: at, event });
    if (chance() < faults.twice) come.push({ at: at + delay(), written: at, event });
  }
  return come.sort((a, b) => a.at - b.at);
}

/**
 * A box that numbers its records: whatever is lost, the next that arrives shows. In: what it wrote. Out: what arrived, in order, with
 * a word of every loss.
 */
export function numbered(chance: Chance, written: readonly Written[], loss: number): LogEvent[] {
  const out: LogEvent[] = [];
  const missing = new Map<string, boolean>();
  const heard = new Map<string, number>();
  for (const { event } of written.toSorted((a, b) => a.at - b.at)) {
    const { exporter } = event;
    if (chance() < loss) {
      missing.set(exporter, true);
      continue;
    }
    const from = heard.get(exporter) ?? 0;
    if (missing.get(exporter))
      out.push({ what: 'lost', exporter, errorMs: 0, from: Math.min(from, event.at), at: event.at });
    missing.set(exporter, false);
    heard.set(exporter, event.at);
    out.push(event);
  }
  return out;
}
