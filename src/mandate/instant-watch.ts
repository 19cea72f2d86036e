/**
 * The part of a gate that depends on nothing but the instant: stopped, clock jumped, period, publication, hours. In: mandate,
 * clocks, two numbers of shared memory. Out: the refusal that holds at an instant. A jump seen by one thread, and a stop,
 * hold in every thread that shares the memory, for good.
 */
import type { Clocks, Instant } from '../record/instant.ts';
import type { MandateBody } from '../record/mandate.ts';
import type { Refusal } from './authority.ts';
import { CLOCK_JUMP } from './ceilings.ts';
import { scheduleOf } from './schedule.ts';

const STOPPED = 0;
const JUMPED = 1;

export const watchMemory = (): Int32Array => new Int32Array(new SharedArrayBuffer(8));

export interface InstantWatch {
  refuses(now: Instant): Refusal | undefined;
  stop(): void;
}

export function watchInstant(mandate: MandateBody, control: Int32Array, clocks: Clocks): InstantWatch {
  const schedule = scheduleOf(mandate);
  const drift = clocks.calendar() - clocks.monotonic();
  let spell = schedule(clocks.calendar());
  return {
    refuses(now) {
      if (Atomics.load(control, STOPPED) !== 0) return 'stopped';
      const moved = now - clocks.monotonic() - drift;
      // Written so that NaN counts as a jump too.
      if (!(moved <= CLOCK_JUMP && moved >= -CLOCK_JUMP)) Atomics.store(control, JUMPED, 1);
      if (Atomics.load(control, JUMPED) !== 0) return 'clock-jumped';
      if (!(now >= spell.since && now < spell.until)) spell = schedule(now);
      return spell.refusal;
    },
    stop: () => void Atomics.store(control, STOPPED, 1),
  };
}
