/**
 * What the index says, beside what real clients held. In: the index, their stays. Out: how many instants were asked, how many of
 * them were unique, and every one that named another client than the one that was there.
 */
import { identify } from '../../src/isp/assignment/identify.ts';
import type { AssignmentIndex } from '../../src/isp/assignment/index.ts';
import { isoOf } from '../../src/record/instant.ts';
import type { Stay } from '../real/udhcpc.ts';

export interface Truth {
  readonly name: string;
  readonly stays: readonly Stay[];
}

export interface Compared {
  asked: number;
  unique: number;
  /** Instants at which the log proves who was there: well after the grant and before the last renewal. */
  deep: number;
  deepUnique: number;
  readonly wrong: string[];
  readonly missed: string[];
}

/** The server writes whole seconds, and a client is told a moment later. */
const AWAY = 2_500;

export function compare(
  index: AssignmentIndex,
  nameOf: (number: number) => string | undefined,
  truths: readonly Truth[],
  everyMs = 250,
): Compared {
  const all: Compared = { asked: 0, unique: 0, deep: 0, deepUnique: 0, wrong: [], missed: [] };
  for (const truth of truths)
    for (const stay of truth.stays)
      for (let at = stay.from; at <= stay.to; at += everyMs) {
        const answer = identify(index, { address: stay.address, port: 23, at, clockErrorMs: 100 });
        const named = answer.verdict === 'unique' ? nameOf(Number(answer.subscriber)) : undefined;
        const deep = at >= stay.from + AWAY && at <= stay.renewed - AWAY;
        const text = `${stay.address} ${isoOf(at)}: ${truth.name} was there, ${answer.verdict} ${named ?? ''} (${answer.why})`;
        all.asked++;
        if (deep) all.deep++;
        if (answer.verdict !== 'unique') {
          if (deep) all.missed.push(text);
          continue;
        }
        all.unique++;
        if (deep) all.deepUnique++;
        if (named !== truth.name) all.wrong.push(text);
      }
  return all;
}
