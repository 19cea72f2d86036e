/**
 * What really happened: who held which ports of which address, when, served by which box. In: chance and the habits of a network.
 * Out: stays that never overlap on a slot. Boxes reboot, which ends every stay they serve; an address may be given away in the
 * same second.
 */
import type { Holder } from '../../../src/isp/assignment/event.ts';
import { below, type Chance, spread } from './chance.ts';

export const START = 1_790_000_000_000;
const MINUTE = 60_000;

export interface Slot {
  readonly holder: Holder;
}

export interface Stay {
  readonly slot: number;
  readonly line: string;
  /** ms, true time; on the slot in [from, to). */
  readonly from: number;
  readonly to: number;
  readonly box: number;
  /** The box went down under it: no end was ever written. */
  readonly cut: boolean;
}

export interface Down {
  readonly from: number;
  readonly to: number;
}

/** When a box was down; between them it is up. */
export type Box = readonly Down[];

export interface Habits {
  readonly lines: number;
  readonly boxes: number;
  readonly span: number;
  readonly meanStay: number;
  /** Reboots of a box in the whole span, on average. */
  readonly reboots: number;
}

export function makeBoxes(chance: Chance, { boxes, span, reboots }: Habits): Box[] {
  return Array.from({ length: boxes }, () => {
    const downs: Down[] = [];
    for (let at = START + spread(chance, span / (reboots + 0.01)); at < START + span; ) {
      const to = at + 5_000 + chance() * 5 * MINUTE;
      downs.push({ from: at, to });
      at = to + MINUTE + spread(chance, span / (reboots + 0.01));
    }
    return downs;
  });
}

const pause = (chance: Chance): number => {
  const kind = chance();
  if (kind < 0.25) return 0;
  if (kind < 0.4) return chance() * 1_000;
  if (kind < 0.6) return chance() * 10_000;
  return kind < 0.85 ? chance() * 5 * MINUTE : spread(chance, 60 * MINUTE);
};

/** `slots`: how many there are. */
export function makeStays(chance: Chance, habits: Habits, boxes: readonly Box[], slots: number): Stay[] {
  const end = START + habits.span;
  const stays: Stay[] = [];
  for (let slot = 0; slot < slots; slot++)
    for (let now = START + spread(chance, 10 * MINUTE); now < end; ) {
      const box = below(chance, boxes.length);
      const down = boxes[box]?.find(d => now < d.to && d.from <= now);
      if (down) {
        // Another box takes over at once, or everybody waits.
        now = boxes.length > 1 && chance() < 0.7 ? now + 1 : down.to + chance() * 2_000;
        continue;
      }
      const wanted = now + 200 + spread(chance, chance() < 0.2 ? MINUTE : habits.meanStay);
      const fall = boxes[box]?.find(d => now < d.from && d.from < wanted);
      const to = Math.min(fall?.from ?? wanted, end);
      stays.push({ slot, line: `L${1 + below(chance, habits.lines)}`, from: now, to, box, cut: fall !== undefined });
      now = to + (fall ? chance() * 1_000 : pause(chance));
    }
  return stays;
}
