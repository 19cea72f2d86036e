/**
 * What became of each index of a shard, as counts. Every index ends in exactly one of these, so that
 * sent + excluded = total holds by construction.
 */
export const FATES = [
  /** The gate refused it: nothing was sent. */
  'excluded',
  /** This machine could not send it, again and again, while others left: nothing was sent. */
  'unsent',
  'answered',
  'refused',
  /** No answer within the time-out. */
  'silent',
  /** A router or the host said that it cannot be reached. */
  'unreachable',
  /** Reserved before a crash under "never twice": may have been sent, and counts as sent. */
  'assumed',
  /** A later pass: it had answered in an earlier one, so nothing was sent. */
  'known',
] as const;
export type Fate = (typeof FATES)[number];
export type Tally = Readonly<Record<Fate, number>>;

export const noTally = (): Record<Fate, number> =>
  Object.fromEntries(FATES.map(fate => [fate, 0])) as Record<Fate, number>;

export const addTally = (a: Tally, b: Tally): Record<Fate, number> =>
  Object.fromEntries(FATES.map(fate => [fate, a[fate] + b[fate]])) as Record<Fate, number>;

/** Of the tally: what left this machine, and what did not. */
export const sentOf = (t: Tally): number => t.answered + t.refused + t.silent + t.unreachable + t.assumed;
export const excludedOf = (t: Tally): number => t.excluded + t.unsent;
