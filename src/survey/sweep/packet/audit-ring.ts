/**
 * Where frames are copied to be judged by another thread: one of 1,024, before they are submitted. The sender's end copies
 * and asks whether it may go on: not while a copy is unjudged, and never again once one was wrong. So of a fault that a
 * copy shows, no more leaves than the batch it was in. The auditor's end takes copies in order and says what it found.
 */
import type { Slots } from './packet-driver.ts';

/** Numbers in shared memory. */
const OFFERED = 0;
const JUDGED = 1;
const STOPPED = 2;
const HEAD = 64;

/** A batch has at most 256 frames, so two copies at the most; more would be a sender that did not ask. */
const ENTRIES = 16;
const ENTRY = 128;
/** In an entry: instant (8 bytes), length of the frame (4), the frame. */
const FRAME_AT = 16;

export const SAMPLED = 1_024;
/** ms the sender waits here for a judgement; then it looks to its messages, and comes again. */
const WAIT = 20;

export interface AuditRing {
  readonly memory: SharedArrayBuffer;
}

export const makeAuditRing = (): AuditRing => ({ memory: new SharedArrayBuffer(HEAD + ENTRIES * ENTRY) });

export interface Sampler {
  /** Slots 0 … count-1 are filled and about to be submitted. */
  offer(count: number): void;
  /** Whether the next batch may be begun; waits a little for a judgement that is due. */
  mayGoOn(): boolean;
}

/**
 * `length`: of a frame. `random`: 32-bit numbers, which say which frame of each 1,024 it is; the very first is always one, so
 * that no sweep is too small to be seen.
 */
export function makeSampler(
  ring: AuditRing,
  slots: Slots,
  length: number,
  calendar: () => number,
  random: () => number,
): Sampler {
  const head = new Int32Array(ring.memory, 0, 4);
  const bytes = new Uint8Array(ring.memory);
  const view = new DataView(ring.memory);
  if (length > ENTRY - FRAME_AT) throw new RangeError('a frame is longer than its place in the ring');
  let due = 0;
  let within = 0;

  function copy(slot: number): void {
    const offered = Atomics.load(head, OFFERED);
    if (offered - Atomics.load(head, JUDGED) >= ENTRIES) {
      // Nobody may fill batch after batch without asking: there is no more room to be seen in.
      Atomics.store(head, STOPPED, 1);
      return;
    }
    const at = HEAD + (offered % ENTRIES) * ENTRY;
    const from = slot * slots.stride + slots.offset;
    view.setFloat64(at, calendar(), true);
    view.setUint32(at + 8, length, true);
    bytes.set(slots.memory.subarray(from, from + length), at + FRAME_AT);
    Atomics.store(head, OFFERED, offered + 1);
    Atomics.notify(head, OFFERED);
  }

  return {
    offer(count) {
      while (due < count) {
        copy(due);
        const next = random() % SAMPLED;
        due += SAMPLED - within + next;
        within = next;
      }
      due -= count;
    },
    mayGoOn() {
      const offered = Atomics.load(head, OFFERED);
      const judged = Atomics.load(head, JUDGED);
      if (judged !== offered) Atomics.wait(head, JUDGED, judged, WAIT);
      // In this order: a wrong frame stops first, and counts as judged after.
      return Atomics.load(head, JUDGED) === offered && Atomics.load(head, STOPPED) === 0;
    },
  };
}

export interface Samples {
  /** Judges the next copy; sleeps up to `ms` for one. False when there was none. */
  next(judge: (frame: Uint8Array, at: number) => boolean, ms: number): boolean;
  readonly judged: number;
  readonly stopped: boolean;
  stop(): void;
}

/** The auditor's end, and with `next` left alone anybody's who wants to know. `judge` says whether a frame was right. */
export function makeSamples(ring: AuditRing): Samples {
  const head = new Int32Array(ring.memory, 0, 4);
  const bytes = new Uint8Array(ring.memory);
  const view = new DataView(ring.memory);
  const stop = (): void => {
    Atomics.store(head, STOPPED, 1);
    Atomics.notify(head, JUDGED);
  };
  return {
    next(judge, ms) {
      const judged = Atomics.load(head, JUDGED);
      if (Atomics.load(head, OFFERED) === judged) Atomics.wait(head, OFFERED, judged, ms);
      if (Atomics.load(head, OFFERED) === judged) return false;
      const at = HEAD + (judged % ENTRIES) * ENTRY;
      const length = Math.min(view.getUint32(at + 8, true), ENTRY - FRAME_AT);
      const right = judge(bytes.slice(at + FRAME_AT, at + FRAME_AT + length), view.getFloat64(at, true));
      if (!right) stop();
      // After the verdict: who sees that it was judged sees that it was wrong.
      Atomics.store(head, JUDGED, judged + 1);
      Atomics.notify(head, JUDGED);
      return true;
    },
    get judged() {
      return Atomics.load(head, JUDGED);
    },
    get stopped() {
      return Atomics.load(head, STOPPED) !== 0;
    },
    stop,
  };
}
