/**
 * One timer for everything that conversations wait for. Ten thousand timers of Node's own would cost more than the
 * conversations; here an alarm is a place in a ring of slots, and whoever looks for traffic looks in the same tick. Before
 * an alarm rings, what has already arrived is read: a loop that lags must not take its own lateness for a peer's silence.
 * In: alarms, and ms from now. Out: `ring` calls, never early, late by at most a step and the loop's lag.
 */
export interface Alarm {
  ring(): void;
  /** These belong to `arm` and `disarm`; the first two start as `NEVER`, the third as 0. */
  due: number;
  placed: number;
  /** Where in its slot it stands, so that it can be taken out: a conversation that is over is kept by nobody. */
  seat: number;
}

export const NEVER = Number.POSITIVE_INFINITY;

/** Length of a tick, ms. To wake up costs tens of microseconds, so waking less often and finding more is cheaper. */
const STEP = 4;
/** Alarms further away than the ring is long wait in its last slot and are moved on from there. */
const SLOTS = 512;

const ring: Alarm[][] = Array.from({ length: SLOTS }, () => []);
/** Alarms in the ring. */
let entries = 0;
/** Alarms that will ring. With none, and nobody looking, there is no timer and a process may end. */
let armed = 0;
/** The last tick that has been worked off. */
let hand = 0;
let timer: NodeJS.Timeout | undefined;
let timerTick = NEVER;

/** Looks for traffic: how much there was, or -1 when there is nothing left to look for. */
type Look = () => number;
const looks = new Set<Look>();

const tickNow = () => Math.floor(performance.now() / STEP);

function place(alarm: Alarm, tick: number): void {
  alarm.placed = Math.min(tick, hand + SLOTS - 1);
  const slot = ring[alarm.placed % SLOTS] as Alarm[];
  alarm.seat = slot.push(alarm) - 1;
  entries++;
  wakeBy(alarm.placed);
}

/** The last of its slot takes its seat. */
function takeOut(alarm: Alarm): void {
  if (alarm.placed === NEVER) return;
  const slot = ring[alarm.placed % SLOTS] as Alarm[];
  alarm.placed = NEVER;
  const last = slot.pop() as Alarm;
  entries--;
  if (last === alarm) return;
  slot[alarm.seat] = last;
  last.seat = alarm.seat;
}

function wakeBy(tick: number): void {
  if (tick >= timerTick) return;
  clearTimeout(timer);
  timerTick = tick;
  timer = setTimeout(wake, Math.max(1, Math.ceil(tick * STEP - performance.now())));
}

/** Between a timer and an immediate Node reads its own sockets. */
const wake = () => void setImmediate(run);

function run(): void {
  let busy = false;
  try {
    for (const look of looks) {
      const seen = look();
      if (seen < 0) looks.delete(look);
      else if (seen > 0) busy = true;
    }
    ringAll(tickNow());
  } finally {
    timerTick = NEVER;
    if (looks.size > 0) wakeBy(Math.max(hand, tickNow()) + (busy ? 1 : 2));
    for (let tick = hand + 1; armed > 0 && tick < Math.min(timerTick, hand + SLOTS); tick++)
      if ((ring[tick % SLOTS] as Alarm[]).length > 0) wakeBy(tick);
  }
}

function ringAll(now: number): void {
  // After a long stall one turn of the ring finds everything there is.
  for (let tick = Math.max(hand + 1, now - SLOTS + 1); tick <= now; tick++) {
    hand = tick;
    const slot = ring[tick % SLOTS] as Alarm[];
    // One may disarm others of its slot, and none is placed in a slot whose tick has come: it empties.
    for (let alarm = slot.at(-1); alarm; alarm = slot.at(-1)) {
      if (alarm.due > now) {
        takeOut(alarm);
        place(alarm, alarm.due);
      } else {
        disarm(alarm);
        alarm.ring();
      }
    }
  }
}

/** Rings once, `ms` from now. An alarm that is armed already keeps the earlier instant; the later one is not remembered. */
export function arm(alarm: Alarm, ms: number): void {
  if (entries === 0 && timerTick === NEVER) hand = tickNow();
  const tick = Math.max(hand + 1, Math.ceil((performance.now() + ms) / STEP));
  if (tick >= alarm.due) return;
  if (alarm.due === NEVER) armed++;
  alarm.due = tick;
  if (tick >= alarm.placed) return;
  takeOut(alarm);
  place(alarm, tick);
}

export function disarm(alarm: Alarm): void {
  if (alarm.due === NEVER) return;
  alarm.due = NEVER;
  takeOut(alarm);
  if (--armed > 0 || looks.size > 0) return;
  clearTimeout(timer);
  timerTick = NEVER;
}

/** Has `look` called every few ms, before any alarm, until it says -1. */
export function lookEveryTick(look: Look): void {
  if (looks.has(look)) return;
  if (entries === 0 && timerTick === NEVER) hand = tickNow();
  looks.add(look);
  wakeBy(hand + 1);
}
