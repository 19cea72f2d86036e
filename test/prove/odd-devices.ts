/**
 * The proof of the credential check (invariant 12): every odd device, many times over, with wrong and with right pairs in
 * orders of their own, through the real check with signed paper, gate, budget and audit. Counted at the devices' end: no
 * false claim, at least 98 % right for each personality, no hang, nothing sent after an accept, no try beyond the budget.
 * Then once more with a single source, where those who take the n-th pair of a source are the one listed exception.
 */
import { ODD_DEVICES } from '../../src/rehearsal/odd-devices/collection.ts';
import type { Personality } from '../../src/rehearsal/odd-devices/device.ts';
import { checkService } from '../../src/survey/credential/check.ts';
import { runChecks } from '../../src/survey/probe/scheduler.ts';
import { startFarEnd } from './odd-devices-far-end.ts';
import { addTallies, type Checked, type Judgement, judge, missedOf } from './odd-devices-judge.ts';
import { DEADLINES, freePorts, openSurvey } from './odd-devices-survey.ts';
import type { Proof } from './proof.ts';

export interface OddDevicesProof extends Proof {
  readonly proof: 'odd-devices';
  readonly personalities: number;
  /** Devices reported that must not be, with two sources. */
  readonly claims: number;
  readonly hangs: number;
  /** Devices to which something was sent after they had let us in. */
  readonly after_accept: number;
  readonly over_budget: number;
  readonly two_at_once: number;
  /** With one source only: those who take the n-th pair of each source, claimed, of all such. */
  readonly exceptions: { readonly claimed: number; readonly of: number };
  /** Devices that take a pair of the catalogue and are called clear all the same. */
  readonly false_clear: number;
  readonly seconds: number;
}

const AT_ONCE = 300;
/** How much later than its deadline a check may end. */
const SLACK_MS = 2_000;
/** So many devices of the second part are enough for the exception. */
const ONE_SOURCE = 10;

/** Neighbours in the list are of one kind; a survey meets them in no order. */
const mixed = <T>(all: readonly T[]): number[] => {
  const order = all.map((_, i) => i);
  for (let i = order.length - 1, x = 2_463_534_242; i > 0; i--) {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
    const j = x % (i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
};

export async function surveyOddDevices(
  personalities: readonly Personality[],
  each: number,
  sources: readonly string[],
  { deadlines = DEADLINES, firstBlock = 77 }: { deadlines?: typeof DEADLINES; firstBlock?: number } = {},
) {
  const ports = await freePorts([...new Set(personalities.map(one => one.protocol))]);
  const devices = await startFarEnd(personalities, each, ports, firstBlock);
  const { deps, tried, close } = openSurvey(ports, devices.blocks, sources, deadlines);
  const { monotonic } = deps.clocks;
  try {
    const done = new Map<number, Omit<Checked, 'place' | 'count'>>();
    const order = mixed(devices.places);
    const targets = order.map(index => {
      const { address, port, personality } = devices.places[index] as (typeof devices.places)[number];
      return { index, address, port, protocol: personality.protocol };
    });
    const began = monotonic();
    const longest = (targets.length / AT_ONCE + 1) * (deadlines.checkMs + SLACK_MS);
    let timer: NodeJS.Timeout | undefined;
    const giveUp = new Promise<void>(resolve => {
      timer = setTimeout(resolve, longest);
    });
    const run = runChecks(
      targets,
      async ({ index, address, port, protocol }) => {
        const from = monotonic();
        const result = await checkService({ address, port, protocol }, deps);
        done.set(index, { result, late: monotonic() - from > deadlines.checkMs + SLACK_MS });
      },
      { concurrency: AT_ONCE },
      () => {},
    );
    await Promise.race([run, giveUp]);
    clearTimeout(timer);
    const counts = await devices.counts();
    const checked = devices.places.map((place, i): Checked => {
      const count = counts[i];
      if (!count) throw new RangeError('a device did not count');
      return { place, count, ...(done.get(i) ?? { result: undefined, late: true }) };
    });
    const inLog = tried();
    const reported = checked.reduce((sum, one) => sum + (one.result?.tries ?? 0), 0);
    const arrived = checked.reduce((sum, one) => sum + one.count.tries.length, 0);
    return { checked, seconds: (monotonic() - began) / 1000, inLog, reported, arrived };
  } finally {
    close();
    await devices.close();
  }
}

/** `size`: devices of each personality with a wrong pair, and as many with a right one. */
export async function proveOddDevices(
  size: number,
  personalities: readonly Personality[] = ODD_DEVICES,
): Promise<OddDevicesProof> {
  // One after the other: beside another survey the answer of a slow device would come too late.
  const two = await surveyOddDevices(personalities, size, ['127.0.0.1', '127.0.0.2']);
  const one = await surveyOddDevices(personalities, Math.min(size, ONE_SOURCE), ['127.0.0.1'], { firstBlock: 60 });
  const first = judge(two.checked, true);
  // An entry for every try, and no try without: what the log says, what the checks say, and what arrived.
  const unlogged = Math.abs(two.inLog - two.reported) + Math.max(0, two.arrived - two.inLog);
  const second = judge(one.checked, false);
  const both = [first, second];
  const sum = (of: (judgement: Judgement) => number) => both.reduce((total, each) => total + of(each), 0);
  // Of both parts together: ten devices are too few for a share of 98 %.
  const tallies = addTallies(both.flatMap(each => each.tallies));
  const missed = tallies.reduce((total, tally) => total + missedOf(tally), 0);
  const found = tallies.filter(tally => tally.honest && tally.guessable > 0);
  complain(first, 'two sources');
  complain(second, 'one source');
  const claims = sum(each => each.claims.length);
  const [hangs, after, over, twice] = [
    sum(each => each.hangs),
    sum(each => each.afterAccept),
    sum(each => each.overBudget) + unlogged,
    sum(each => each.twoAtOnce),
  ];
  return {
    proof: 'odd-devices',
    tried: two.checked.length + one.checked.length,
    wrong: claims + hangs + after + over + twice,
    missed,
    ratio_found: Math.min(1, ...found.map(tally => tally.found / tally.guessable)),
    personalities: personalities.length,
    claims,
    hangs,
    after_accept: after,
    over_budget: over,
    two_at_once: twice,
    exceptions: {
      claimed: second.exceptions.length,
      of: one.checked.filter(({ place }) => place.personality.needsSecondSource).length,
    },
    false_clear: first.falseClear,
    seconds: Math.round(two.seconds + one.seconds),
  };
}

/** Whatever was not as it should be, on stderr. */
function complain({ claims, tallies }: Judgement, when: string): void {
  for (const claim of new Set(claims)) process.stderr.write(`${when}: claimed ${claim}\n`);
  for (const { personality, instead, guessable, found, others, right } of tallies)
    if (instead.size > 0)
      process.stderr.write(
        `${when}: ${personality}: ${found} of ${guessable} and ${right} of ${others} right; ${[...instead].map(([said, n]) => `${n} × ${said}`).join(', ')}\n`,
      );
}
