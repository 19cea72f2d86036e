/**
 * Whether a class of devices bears our tries. Pure. In: what happened to devices of one class (a model, or what is unknown
 * behind one protocol), one event at a time, with the day. Out: the class's new state, and what a person must be told.
 *
 * - *broken*: devices that had a completed try and then no longer took a connection. When they are five or more and a
 *   tenth of those that were asked again, no device of the class gets a try until a person releases it. Those counts are
 *   halved every day, so that a fault that shows slowly is seen too and an old one is forgotten.
 * - *slowed*: a lockout sign today. The model gets half its tries for the rest of the day.
 * - *alarm*: three lockouts today and more than one in a thousand of those seen today: said once a day.
 */
export type ClassEvent = 'seen' | 'locked' | 'asked-again' | 'gone-silent';

export interface ClassState {
  /** JST day number that `seen`, `locked` and `alarmed` belong to. */
  readonly day: number;
  readonly seen: number;
  readonly locked: number;
  readonly alarmed: boolean;
  readonly askedAgain: number;
  readonly goneSilent: number;
  /** Until a person releases it. */
  readonly broken: boolean;
}

export const LEAST_SILENT = 5;
export const SILENT_SHARE = 0.1;
export const LEAST_LOCKED = 3;
export const LOCKED_SHARE = 0.001;

export const FRESH: ClassState = {
  day: 0,
  seen: 0,
  locked: 0,
  alarmed: false,
  askedAgain: 0,
  goneSilent: 0,
  broken: false,
};

/** The state as it stands on a day; a day before the state's own, of a calendar set back, changes nothing. */
export function onDay(state: ClassState, day: number): ClassState {
  if (day <= state.day) return state;
  const left = 0.5 ** (day - state.day);
  const { askedAgain, goneSilent, broken } = state;
  return { ...FRESH, day, broken, askedAgain: askedAgain * left, goneSilent: goneSilent * left };
}

export function after(state: ClassState, event: ClassEvent, day: number): ClassState & { news?: 'broken' | 'alarm' } {
  const was = onDay(state, day);
  if (event === 'seen') return { ...was, seen: was.seen + 1 };
  const now = {
    ...was,
    locked: was.locked + Number(event === 'locked'),
    askedAgain: was.askedAgain + Number(event === 'asked-again'),
    goneSilent: was.goneSilent + Number(event === 'gone-silent'),
  };
  const tooMany = now.goneSilent >= LEAST_SILENT && now.goneSilent >= SILENT_SHARE * now.askedAgain;
  if (event === 'gone-silent' && tooMany && !now.broken) return { ...now, broken: true, news: 'broken' };
  const often = now.locked >= LEAST_LOCKED && now.locked > LOCKED_SHARE * now.seen;
  if (event === 'locked' && often && !now.alarmed) return { ...now, alarmed: true, news: 'alarm' };
  return now;
}

/** Tries a slowed model gets instead of `most`: half, but one. */
export const triesOf = (state: ClassState, most: number): number =>
  state.locked > 0 ? Math.max(1, Math.floor(most / 2)) : most;
