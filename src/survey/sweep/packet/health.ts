/**
 * Whether this machine and the network still keep up with what is sent. In: counters as they stand, once a window. Out:
 * the share of the mandate's pace to go on with (halved on alarm, recovering slowly), or that it is better to stop, and
 * why. Pure: no clock, no I/O.
 *
 * Alarms: replies that the kernel dropped before we read them; frames it would not take; canaries that no longer answer;
 * routers that say we are filtered (ICMP "administratively prohibited": types 3/9, 3/10, 3/13), which is a request to go
 * away that a survey should hear.
 */
export interface Counters {
  readonly kernelDrops: number;
  readonly sent: number;
  readonly faults: number;
  readonly canariesSent: number;
  readonly canariesAnswered: number;
  readonly replies: number;
  readonly prohibited: number;
}

export interface Health {
  readonly factor: number;
  readonly alarms: readonly string[];
  /** Set when it should stop. */
  readonly stop?: string;
}

/** Frames refused of those submitted. */
const MOST_FAULTS = 0.05;
/** Canaries of a window (at least this many) that must answer. */
const LEAST_CANARIES = 8;
const LEAST_RECALL = 0.8;
const LEAST_REPLIES = 50;
const MOST_PROHIBITED = 0.5;
/** Slowest pace, and how many windows with an alarm at that pace are enough. */
const SLOWEST = 1 / 16;
const ENOUGH = 12;
/** Good windows before it goes faster, and by how much. */
const GOOD = 3;
const FASTER = 1.25;

export interface HealthWatch {
  look(now: Counters): Health;
}

/** Which alarms the differences of one window give; canaries are gathered until there are enough to judge by. */
export function alarmsOf(d: Counters): string[] {
  const alarms: string[] = [];
  if (d.kernelDrops > 0) alarms.push(`the kernel dropped ${d.kernelDrops} replies`);
  if (d.faults > MOST_FAULTS * (d.sent + d.faults)) alarms.push(`${d.faults} frames were not taken by the kernel`);
  if (d.canariesSent >= LEAST_CANARIES && d.canariesAnswered < LEAST_RECALL * d.canariesSent)
    alarms.push(`${d.canariesAnswered} of ${d.canariesSent} canaries answered`);
  if (d.replies >= LEAST_REPLIES && d.prohibited > MOST_PROHIBITED * d.replies)
    alarms.push(`${d.prohibited} of ${d.replies} answers say that we are filtered`);
  return alarms;
}

const NONE: Counters = {
  kernelDrops: 0,
  sent: 0,
  faults: 0,
  canariesSent: 0,
  canariesAnswered: 0,
  replies: 0,
  prohibited: 0,
};

export function makeHealth(): HealthWatch {
  let before = NONE;
  let factor = 1;
  let good = 0;
  let bad = 0;
  return {
    look(now) {
      const names = Object.keys(NONE) as (keyof Counters)[];
      const difference = Object.fromEntries(names.map(name => [name, now[name] - before[name]])) as unknown as Counters;
      const enough = difference.canariesSent >= LEAST_CANARIES;
      before = enough ? now : { ...now, canariesSent: before.canariesSent, canariesAnswered: before.canariesAnswered };
      const alarms = alarmsOf(difference);
      if (alarms.length === 0) {
        bad = 0;
        if (++good >= GOOD && factor < 1) {
          factor = Math.min(1, factor * FASTER);
          good = 0;
        }
        return { factor, alarms };
      }
      good = 0;
      bad = factor <= SLOWEST ? bad + 1 : 0;
      factor = Math.max(SLOWEST, factor / 2);
      return bad >= ENOUGH ? { factor, alarms, stop: alarms.join('; ') } : { factor, alarms };
    },
  };
}
