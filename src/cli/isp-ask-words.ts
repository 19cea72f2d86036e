/**
 * The answer in words: the verdict and why, what the logs say around the instant, what would make it unique. In: the answer, its
 * steps, and what a line is called. Out: lines for a person, and the same as a record.
 */
import type { Step } from '../isp/assignment/identify.ts';
import { type Identification, REMEDIES } from '../record/assignment.ts';
import { type Instant, JST } from '../record/instant.ts';
import { table } from './table.ts';

/** `2026-11-22 10:30:05`, in JST. */
const clock = (at: Instant): string =>
  Number.isFinite(at) ? new Date(at + JST).toISOString().slice(0, 19).replace('T', ' ') : 'open';

const sure = (from: Instant, to: Instant): string => (from <= to ? `${clock(from)} to ${clock(to)}` : 'nothing is');

export interface Shown {
  readonly answer: Identification;
  readonly steps: readonly Step[];
  /** Undefined: lines have no name here, and are A, B, C in the order in which they come. */
  readonly nameOf?: ((line: number) => string) | undefined;
}

function letters(): (line: number) => string {
  const known: number[] = [];
  return line => {
    if (!known.includes(line)) known.push(line);
    return line === 0 ? 'unknown' : String.fromCharCode(65 + (known.filter(n => n !== 0).indexOf(line) % 26));
  };
}

/** Whoever came first stands first, whatever the order in the index. */
const inOrder = ({ holds }: Step) =>
  holds.toSorted(
    (a, b) => a.possibleFrom - b.possibleFrom || a.possibleTo - b.possibleTo || a.subscriber - b.subscriber,
  );

function stepWords(step: Step, call: (line: number) => string): string[] {
  const window = `${clock(step.from)} to ${clock(step.to)} JST`;
  const where = `${step.place} (pool ${step.pool}): ${window}`;
  if (step.sources.length === 0) return ['', `  ${where}, by the rules of the pool`];
  const log = `${step.sources.join(', ')}${step.lacking === null ? '' : ` (${step.lacking} here)`}`;
  if (step.holds.length === 0) return ['', `  ${where}, by ${log}: nobody`];
  const rows = inOrder(step).map(h => [
    call(h.subscriber),
    h.exporter,
    sure(h.sureFrom, h.sureTo),
    `${clock(h.possibleFrom)} to ${clock(h.possibleTo)}`,
  ]);
  return ['', `  ${where}, by ${log}`, table(['line', 'box', 'sure, JST', 'possible, JST'], rows).trimEnd()];
}

export function answerWords({ answer, steps, nameOf }: Shown): string[] {
  const call = nameOf ?? letters();
  const named = answer.subscriber !== undefined && nameOf ? `: line ${nameOf(Number(answer.subscriber))}` : '';
  const remedy = answer.verdict === 'unique' ? [] : ['', `  What would make it unique: ${REMEDIES[answer.verdict]}.`];
  return [`${answer.verdict}${named}`, `  ${answer.why}.`, ...steps.flatMap(step => stepWords(step, call)), ...remedy];
}

const iso = (at: Instant): string | null => (Number.isFinite(at) ? new Date(at).toISOString() : null);

/** For machines; the line and its number only where lines have names. */
export function answerRecord({ answer, steps, nameOf }: Shown): Record<string, unknown> {
  const call = nameOf ?? letters();
  const { verdict, why, subscriber } = answer;
  return {
    verdict,
    why,
    ...(subscriber !== undefined && nameOf ? { subscriber, line: nameOf(Number(subscriber)) } : {}),
    ...(verdict === 'unique' ? {} : { remedy: REMEDIES[verdict] }),
    steps: steps.map(s => ({
      place: s.place,
      pool: s.pool,
      from: iso(s.from),
      to: iso(s.to),
      sources: s.sources,
      lacking: s.lacking,
      holds: inOrder(s).map(h => ({
        line: call(h.subscriber),
        source: h.source,
        exporter: h.exporter,
        sure: h.sureFrom <= h.sureTo ? [iso(h.sureFrom), iso(h.sureTo)] : null,
        possible: [iso(h.possibleFrom), iso(h.possibleTo)],
      })),
    })),
  };
}
