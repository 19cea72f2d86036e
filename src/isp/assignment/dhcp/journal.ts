/**
 * How far one server's journal was read without a break. In: where a file begins and ends, and where a list of all that is held ends.
 * Out: whether records may have been missed, so that what was open before is known to its last evidence only.
 *
 * A server that compacts starts a journal every so often and later drops the old one; a list of what is held then remains. So a
 * journal that was never read spans at least that time, and one that begins sooner after the end of the last, or after a list, is
 * the next. Of a journal that was read while it was written, nobody knows what came at its end.
 */
import type { Instant } from '../../../record/instant.ts';

export interface Journal {
  /** First and last instant of the records of journals. */
  first: Instant;
  latest: Instant;
  /** The file that was read last was read to its end. */
  ended: boolean;
  /** The file begins before what was read: what in it is new was missed before. */
  doubtful: boolean;
  /** The number of the list being read, its entries so far and the last instant in it. */
  round: number;
  listed: number;
  listReach: Instant;
  /** The same of the last list that was read whole. */
  lastRound: number;
  lastList: Instant;
}

export const newJournal = (): Journal => ({
  first: Number.POSITIVE_INFINITY,
  latest: Number.NEGATIVE_INFINITY,
  ended: false,
  doubtful: false,
  round: 0,
  listed: 0,
  listReach: Number.NEGATIVE_INFINITY,
  lastRound: -2,
  lastList: Number.NEGATIVE_INFINITY,
});

/** Everything that was open is in doubt, but what the list of number `except` named. */
export interface Broken {
  readonly except: number;
}

/** A list that says nothing new was not read now: the file was known. */
export function endOfList(journal: Journal, at: Instant): Broken | undefined {
  if (journal.listed === 0) return undefined;
  const { round, latest } = journal;
  Object.assign(journal, { lastRound: round, lastList: at, round: round + 1, listed: 0 });
  journal.listReach = Number.NEGATIVE_INFINITY;
  return at > latest ? { except: round } : undefined;
}

export function startOfFile(journal: Journal, at: Instant, spanMs: number): Broken | undefined {
  const { latest, lastList, lastRound, ended } = journal;
  journal.doubtful = at < latest;
  if (at < latest || (ended && at - latest < spanMs)) return undefined;
  return { except: at >= lastList && at - lastList < spanMs ? lastRound : -2 };
}
