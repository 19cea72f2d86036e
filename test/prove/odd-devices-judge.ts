/**
 * Holds what a check said of a device, and what the device counted, against what is right. Pure. Out: findings of fault by
 * kind, and for each personality how often the right thing was said.
 */
import type { Count } from '../../src/rehearsal/odd-devices/count.ts';
import { idOf, nameOf } from '../../src/rehearsal/odd-devices/device.ts';
import type { Place } from '../../src/rehearsal/odd-devices/open.ts';
import type { CheckResult } from '../../src/survey/credential/check.ts';
import { LIMITS } from './odd-devices-survey.ts';

export interface Checked {
  readonly place: Place;
  /** Undefined: it never came to an end. */
  readonly result: CheckResult | undefined;
  readonly late: boolean;
  readonly count: Count;
}

export interface Tally {
  readonly personality: string;
  readonly honest: boolean;
  /** Devices with a right pair, and how many of them were found as they should be. */
  guessable: number;
  found: number;
  /** Devices with a wrong pair, and of how many was said what is right. */
  others: number;
  right: number;
  /** What was said instead, for whoever looks for the reason. */
  readonly instead: Map<string, number>;
}

export interface Judgement {
  readonly claims: string[];
  readonly exceptions: string[];
  hangs: number;
  afterAccept: number;
  overBudget: number;
  twoAtOnce: number;
  /** Devices that do take a pair of the catalogue, and are called clear. Listed, so that nobody forgets them. */
  falseClear: number;
  readonly tallies: readonly Tally[];
}

/** The least share of right answers for a personality. */
export const ENOUGH = 0.98;

export function judge(all: readonly Checked[], secondSource: boolean): Judgement {
  const tallies = new Map<string, Tally>();
  const judgement: Omit<Judgement, 'tallies'> = {
    claims: [],
    exceptions: [],
    hangs: 0,
    afterAccept: 0,
    overBudget: 0,
    twoAtOnce: 0,
    falseClear: 0,
  };
  for (const { place, result, late, count } of all) {
    const { personality, guessable } = place;
    const name = `${idOf(personality)} ${personality.title}`;
    const tally = tallies.get(name) ?? {
      personality: name,
      honest: personality.nature === 'honest',
      guessable: 0,
      found: 0,
      others: 0,
      right: 0,
      instead: new Map<string, number>(),
    };
    tallies.set(name, tally);
    if (count.afterAccept > 0 || count.intrusions > 0) judgement.afterAccept++;
    if (count.mostOpen > 1) judgement.twoAtOnce++;
    if (count.tries.length > Math.min(result?.tries ?? 0, LIMITS.triesPerDevicePerDay)) judgement.overBudget++;
    if (!result || late) {
      judgement.hangs++;
      continue;
    }
    const expected = guessable ? personality.right : personality.wrong;
    const said = `${result.verdict}/${result.outcome}`;
    const isRight = expected.verdicts.includes(result.verdict);
    const mayBe = expected.verdicts.some(one => one === 'WEAK' || one === 'NO_AUTH');
    if (result.kinds.some(kind => kind !== 'firmware') && !(mayBe && isRight)) {
      const excused = personality.needsSecondSource === true && !secondSource;
      (excused ? judgement.exceptions : judgement.claims).push(`${nameOf(personality)}: ${said}`);
      if (excused) continue;
    }
    const takesPair = guessable && personality.nature !== 'deceptive' && personality.takesNone !== true;
    if (takesPair && result.reported === 'clear') judgement.falseClear++;
    if (guessable) {
      tally.guessable++;
      if (isRight) tally.found++;
    } else {
      tally.others++;
      if (isRight) tally.right++;
    }
    if (!isRight) {
      const key = `${guessable ? 'right' : 'wrong'} pair: ${said}`;
      tally.instead.set(key, (tally.instead.get(key) ?? 0) + 1);
    }
  }
  return { ...judgement, tallies: [...tallies.values()] };
}

/** How many right answers a personality lacks of enough; of deceptive ones too, though nothing was claimed. */
export function missedOf({ guessable, found, others, right }: Tally): number {
  const short = (all: number, good: number) => (good < ENOUGH * all ? all - good : 0);
  return short(guessable, found) + short(others, right);
}

/** Several parts as one: figures of the same personality added up. */
export function addTallies(all: readonly Tally[]): Tally[] {
  const sums = new Map<string, Tally>();
  for (const one of all) {
    const sum = sums.get(one.personality);
    if (!sum) {
      sums.set(one.personality, { ...one });
      continue;
    }
    sum.guessable += one.guessable;
    sum.found += one.found;
    sum.others += one.others;
    sum.right += one.right;
  }
  return [...sums.values()];
}
