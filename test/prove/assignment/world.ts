/** One ISP for a day: its logs, questions about true moments, and what the oracle makes of them. */

import { identify, type Question } from '../../../src/isp/assignment/identify.ts';
import type { IdentificationVerdict } from '../../../src/record/assignment.ts';
import type { FoldedLogs } from './folded-logs.ts';

export interface Asked {
  readonly question: Question;
  /** Whose device was seen. */
  readonly line: string;
}

export interface World {
  readonly kind: string;
  readonly logs: FoldedLogs;
  /** The next question; undefined when there is nothing to ask about. */
  ask(): Asked | undefined;
  /** What follows from the same logs and rules; undefined when nothing does. */
  oracle(question: Question): string | undefined;
}

export interface Tally {
  tried: number;
  wrong: number;
  missed: number;
  decidable: number;
  /** Unique though the oracle says that nothing follows: right all the same, or it would be wrong. */
  bold: number;
  /** The oracle named somebody else than the truth: then it proves nothing. */
  oracleWrong: number;
  readonly verdicts: Partial<Record<IdentificationVerdict, number>>;
  /** What went wrong or was missed, to make it again. */
  readonly examples: { readonly kind: string; readonly seed: number; readonly asked: Asked; readonly got: string }[];
}

/** Examples kept of each kind; what is wrong comes first. */
const MOST = 5;

export const emptyTally = (): Tally => ({
  ...{ tried: 0, wrong: 0, missed: 0, decidable: 0, bold: 0, oracleWrong: 0 },
  verdicts: {},
  examples: [],
});

export function examine(world: World, questions: number, tally: Tally, seed: number): void {
  for (let n = 0; n < questions; n++) {
    const asked = world.ask();
    if (!asked) return;
    const answer = identify(world.logs, asked.question);
    const decided = world.oracle(asked.question);
    tally.tried++;
    tally.verdicts[answer.verdict] = (tally.verdicts[answer.verdict] ?? 0) + 1;
    const got = answer.subscriber === undefined ? undefined : world.logs.lineOf(Number(answer.subscriber));
    const isWrong = answer.verdict === 'unique' && got !== asked.line;
    const isMissed = decided !== undefined && answer.verdict !== 'unique';
    if (decided !== undefined) tally.decidable++;
    const isOracleWrong = decided !== undefined && decided !== asked.line;
    if (isOracleWrong) tally.oracleWrong++;
    if (decided === undefined && answer.verdict === 'unique') tally.bold++;
    if (isWrong) tally.wrong++;
    if (isMissed) tally.missed++;
    const example = { kind: world.kind, seed, asked, got: got ?? answer.verdict };
    if (isWrong) tally.examples.unshift(example);
    else if (isOracleWrong) tally.examples.unshift({ ...example, got: `oracle: ${decided}` });
    else if (isMissed && tally.examples.length < MOST) tally.examples.push(example);
    if (tally.examples.length > MOST) tally.examples.pop();
  }
}
