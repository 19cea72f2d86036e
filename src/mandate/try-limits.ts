/**
 * What a mandate allows of tries, its silence filled in. In: the mandate, and into how many shares an ISP's limit is
 * divided where several probers work under it. Out: numbers. Outside loopback and private space what the mandate does not
 * say is cautious; inside, where ceilings may be exceeded, only what it does say limits.
 */
import type { MandateBody } from '../record/mandate.ts';
import { isOwnScope } from './rules.ts';

export interface TryLimits {
  readonly perDevicePerDay: number;
  readonly perDevicePerRound: number;
  readonly perAccountPerDay: number;
  readonly per24PerDay: number;
  /** This prober's share. */
  readonly perIspPerDay: number;
  readonly decoysPerDevicePerDay: number;
  readonly gapMs: number;
}

/** Two tries a day for every address of it. */
const PER_24_PER_DAY = 512;
/** The whole country needs 1.2 million a month when devices are told apart first (research §0.5). */
const PER_ISP_PER_DAY = 100_000;

/** One of `of` equal shares. A share is rounded down: together they never exceed the whole. */
export interface Share {
  readonly of: number;
}

export function tryLimitsOf(mandate: MandateBody, { of }: Share = { of: 1 }): TryLimits {
  if (!(Number.isInteger(of) && of >= 1)) throw new RangeError(`${of} is not a number of shares`);
  const { limits, decoys } = mandate;
  const own = isOwnScope(mandate);
  const isp = limits.triesPerIspPerDay ?? (own ? Number.POSITIVE_INFINITY : PER_ISP_PER_DAY);
  return {
    perDevicePerDay: limits.triesPerDevicePerDay,
    perDevicePerRound: limits.triesPerDevicePerRound ?? Number.POSITIVE_INFINITY,
    perAccountPerDay: limits.triesPerAccountPerDay,
    per24PerDay: limits.triesPer24PerDay ?? (own ? Number.POSITIVE_INFINITY : PER_24_PER_DAY),
    perIspPerDay: Math.floor(isp / of),
    decoysPerDevicePerDay: decoys.permitted ? decoys.perDevicePerDay : 0,
    gapMs: limits.gapMs,
  };
}
