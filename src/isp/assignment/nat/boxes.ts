/**
 * The boxes that one log comes from, and the gaps in what they numbered. In: each record's box, number and instant. Out: the
 * stretch in which records are missing. A box that begins to count anew may have lost any number of them.
 */
import type { Instant } from '../../../record/instant.ts';
import type { LogEvent } from '../event.ts';

interface Box {
  /** Whether it has given a record of this format: other programs on other hosts are none of our business. */
  ours: boolean;
  number: number | undefined;
  at: Instant;
}

export interface Boxes {
  /** A record of the box at an instant; `number` where the log numbers them. Gives what is lost before it. */
  met(exporter: string, ours: boolean, at: Instant, errorMs: number, number: number | undefined): LogEvent | undefined;
  isOurs(exporter: string): boolean;
  save(): unknown;
}

/** Records that overtake each other on the way are at most so far apart. */
const LATE = 1_000;
const MOST = 10_000;

export function makeBoxes(saved?: unknown): Boxes {
  const boxes = new Map<string, Box>(isSaved(saved) ? saved : []);
  return {
    met(exporter, ours, at, errorMs, number) {
      const box = boxes.get(exporter);
      if (!box) {
        if (boxes.size < MOST) boxes.set(exporter, { ours, number, at });
        return undefined;
      }
      box.ours ||= ours;
      const last = box.number;
      const before = box.at;
      // One that counts back but is younger comes from a box that counts anew.
      const anew =
        number !== undefined && last !== undefined && number <= last && (at > before || last - number > LATE);
      const missing = anew || (number !== undefined && last !== undefined && number > last + 1);
      if (number !== undefined && (last === undefined || number > last || anew)) box.number = number;
      if (at > box.at || missing) box.at = at;
      if (!missing || !box.ours) return undefined;
      return { what: 'lost', at: Math.max(at, before), from: Math.min(at, before), errorMs, exporter };
    },
    isOurs: exporter => boxes.get(exporter)?.ours ?? false,
    save: () => [...boxes],
  };
}

const isSaved = (saved: unknown): saved is [string, Box][] =>
  Array.isArray(saved) && saved.every(pair => Array.isArray(pair) && pair.length === 2);

/** RFC 5424 §7.3.1: counts from 1 to 2147483647 and then from 1 again. */
const SEQUENCE = /\[meta (?:[^"\]]{1,80}"[^"]{0,80}" ){0,3}sequenceId="(\d{1,10})"/;

export const sequenceOf = (text: string): number | undefined => {
  const digits = text.includes('sequenceId="') ? SEQUENCE.exec(text)?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits);
};
