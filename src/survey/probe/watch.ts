/**
 * Asks the gate for every conversation under way, twice a second and all in one go: an exclusion, a revoked mandate or a
 * stop must bite within a second. In: conversations as they begin and end. Out: `checkGate` calls.
 */
import { type Alarm, arm, disarm, NEVER } from './alarms.ts';

export interface Watched {
  checkGate(): void;
}

/** ms */
const EVERY = 500;

const underWay = new Set<Watched>();
const heard = new WeakSet<AbortSignal>();

const askAll = () => {
  for (const conversation of underWay) conversation.checkGate();
};

const round: Alarm = {
  due: NEVER,
  placed: NEVER,
  seat: 0,
  ring() {
    askAll();
    if (underWay.size > 0) arm(round, EVERY);
  },
};

/** `signal` is the one that stops this conversation; it is listened to once, however many share it. */
export function begins(conversation: Watched, signal: AbortSignal | undefined): void {
  underWay.add(conversation);
  arm(round, EVERY);
  if (!signal || heard.has(signal)) return;
  heard.add(signal);
  signal.addEventListener('abort', askAll, { once: true });
}

export function ends(conversation: Watched): void {
  underWay.delete(conversation);
  if (underWay.size === 0) disarm(round);
}
