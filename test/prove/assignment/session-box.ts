/**
 * An access server (RADIUS) or a carrier NAT with port blocks: what it writes of the stays it serves. Session ids may begin anew at
 * each boot; interim records may be off; a reboot is said by one record, by one for each session, or not at all.
 */
import type { LogEvent } from '../../../src/isp/assignment/event.ts';
import { type Chance, oneOf } from './chance.ts';
import type { Clock } from './clock.ts';
import type { Written } from './faults.ts';
import type { Box, Slot, Stay } from './truth.ts';

export interface SessionHabits {
  /** ms between interim records; 0: none. */
  readonly interim: number;
  /** Whether interim and end say how long the session has lasted. */
  readonly lasted: boolean;
  readonly idsBeginAnew: boolean;
  /** The customer and the ports are all that a record says of its session, as carrier NATs log blocks. */
  readonly nameless?: boolean;
  readonly reboot: 'reset' | 'each' | 'silent';
  /** The error that records admit, ms. */
  readonly declared: number;
}

export const sessionHabits = (chance: Chance): SessionHabits => {
  const lasted = chance() < 0.7;
  return {
    interim: oneOf(chance, [0, 300_000, 600_000, 1_800_000]),
    lasted,
    // Without a duration nothing tells a session from another of the same id.
    idsBeginAnew: lasted && chance() < 0.5,
    reboot: oneOf(chance, ['reset', 'each', 'silent']),
    declared: oneOf(chance, [0, 0, 5_000, 120_000]),
  };
};

export function sessionRecords(
  chance: Chance,
  habits: SessionHabits,
  stays: readonly Stay[],
  slots: readonly Slot[],
  boxes: readonly Box[],
  clocks: readonly Clock[],
  named: (line: string, at: number) => string = line => line,
): Written[] {
  const out: Written[] = [];
  const counts = new Map<string, number>();
  const idOf = (stay: Stay): string => {
    // As nat/mapping.ts marks them when the box numbers its records.
    if (habits.nameless) return `${named(stay.line, stay.from)} ${stay.slot}!`;
    const boot = habits.idsBeginAnew ? 0 : (boxes[stay.box]?.filter(d => d.from <= stay.from).length ?? 0);
    const after = boxes[stay.box]?.findLast(d => d.to <= stay.from)?.to ?? 0;
    const key = habits.idsBeginAnew ? `${stay.box} ${after}` : `${stay.box} ${boot}`;
    const n = (counts.get(key) ?? 0) + 1;
    counts.set(key, n);
    return habits.idsBeginAnew ? String(n) : `${boot}-${n}`;
  };
  for (const stay of stays) {
    const clock = clocks[stay.box] as Clock;
    const common = {
      holder: (slots[stay.slot] as Slot).holder,
      session: idOf(stay),
      subscriber: named(stay.line, stay.from),
      exporter: `box-${stay.box}`,
    };
    const write = (what: 'begin' | 'alive' | 'end', at: number) => {
      const errorMs = habits.declared;
      const stamped = clock.stamp(at);
      const event = { ...common, what, at: stamped, errorMs } as LogEvent;
      const lasted = Math.round((at - stay.from) / 1_000) * 1_000;
      out.push({
        at,
        event: habits.lasted && what !== 'begin' ? ({ ...event, since: stamped - lasted } as LogEvent) : event,
      });
    };
    write('begin', stay.from);
    if (habits.interim > 0)
      for (let at = stay.from + habits.interim * (0.2 + chance()); at < stay.to; at += habits.interim)
        write('alive', at);
    if (!stay.cut) write('end', stay.to);
    else if (habits.reboot === 'each') out.push(endedBy(stay, common, boxes, clock, habits.declared));
  }
  return [...out, ...(habits.reboot === 'reset' ? resets(boxes, clocks, habits.declared) : [])];
}

type Common = Pick<Extract<LogEvent, { what: 'begin' }>, 'holder' | 'session' | 'subscriber' | 'exporter'>;

/** As FreeRADIUS closes rows: at recovery, with no word of when it really ended. */
function endedBy(stay: Stay, common: Common, boxes: readonly Box[], clock: Clock, errorMs: number): Written {
  const back = boxes[stay.box]?.find(d => d.from >= stay.to)?.to ?? stay.to;
  return { at: back, event: { ...common, what: 'ended-by', at: clock.stamp(back), errorMs } };
}

const resets = (boxes: readonly Box[], clocks: readonly Clock[], errorMs: number): Written[] =>
  boxes.flatMap((box, n) =>
    box.map(d => ({
      at: d.to,
      event: { what: 'reset' as const, at: (clocks[n] as Clock).stamp(d.to), errorMs, exporter: `box-${n}` },
    })),
  );
