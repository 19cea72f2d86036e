/**
 * Whose line one device was on, seen at several instants. In: the logs and a question for each instant. Out: one verdict. Every
 * instant is a chance for `unique` and a check of the others:
 *
 * - Every `unique` must name one line. Two lines are `conflict_sources` on a dedicated pool, where the holder does not change,
 *   and `ambiguous_edge` elsewhere: nothing says which of the two has the device now.
 * - A refusal contradicts a `unique` when by it the line was not there though the device was (`none_gap`, `none_unassigned`), only
 *   others can have been (`ambiguous_*` without that line), nobody's line can have been (`not_mine`, `infrastructure`,
 *   `shared_port_impossible`, `shared_no_port`), or the logs themselves cannot be believed (`conflict_sources`, `clock_untrusted`).
 * - `log_pending` waits: what comes may contradict. `log_gap`, `stale_log`, `expired` and `malformed` say nothing either way.
 * - `revoked` beats everything.
 */
import type { Identification } from '../../record/assignment.ts';
import type { Logs } from './hold.ts';
import { identify, type Step } from './identify.ts';
import { no, type Question, type Refusal } from './refusals.ts';

export interface Asked {
  readonly question: Question;
  readonly answer: Identification;
  readonly steps: readonly Step[];
}

const WEIGHT: Readonly<Record<Refusal, 'silent' | 'waits' | 'nobody' | 'others' | 'stands'>> = {
  none_gap: 'nobody',
  none_unassigned: 'nobody',
  ambiguous_overlap: 'others',
  ambiguous_edge: 'others',
  ambiguous_soft_end: 'others',
  shared_no_port: 'stands',
  shared_port_impossible: 'stands',
  log_gap: 'silent',
  log_pending: 'waits',
  stale_log: 'silent',
  conflict_sources: 'stands',
  clock_untrusted: 'stands',
  not_mine: 'stands',
  infrastructure: 'stands',
  expired: 'silent',
  revoked: 'stands',
  malformed: 'silent',
};

export function identifyAll(logs: Logs, questions: readonly Question[], asked: Asked[] = []): Identification {
  for (const question of questions) {
    const steps: Step[] = [];
    asked.push({ question, answer: identify(logs, question, steps), steps });
  }
  return together(asked);
}

/** Pure: from the answers at single instants to the one verdict. */
export function together(asked: readonly Asked[]): Identification {
  const refused = asked.filter(a => a.answer.verdict !== 'unique');
  const named = asked.filter(a => a.answer.verdict === 'unique');
  const weighed = (weight: string) => refused.find(a => WEIGHT[a.answer.verdict as Refusal] === weight)?.answer;
  const revoked = refused.find(a => a.answer.verdict === 'revoked');
  if (revoked) return revoked.answer;
  const one = named[0];
  // What stands, or says that nobody was there, would contradict whatever a wait could bring.
  if (!one)
    return (
      weighed('stands') ??
      weighed('nobody') ??
      weighed('waits') ??
      refused.at(-1)?.answer ??
      no('malformed', 'no instant is named')
    );
  const lines = new Set(named.map(a => a.answer.subscriber));
  if (lines.size > 1) return severalLines(named, lines.size);
  const stands = weighed('stands');
  if (stands) return stands;
  if (weighed('nobody'))
    return no('conflict_sources', 'the device answered at an instant at which, by our logs, nobody held the address');
  const elsewhere = refused.find(
    a => WEIGHT[a.answer.verdict as Refusal] === 'others' && !named.some(b => mayBe(a, b)),
  );
  if (elsewhere) return severalLines([...named, elsewhere], 2);
  return weighed('waits') ?? one.answer;
}

/**
 * Whether the holds that the refusal rests on leave it open that the line of `named` was there: compared at the same step, since
 * before the last one a hold stands for an inside address. A refusal without holds (a rule that changes) leaves everything open.
 */
function mayBe(refused: Asked, named: Asked): boolean {
  const holds = refused.steps.at(-1)?.holds ?? [];
  const own = named.steps[refused.steps.length - 1]?.holds[0]?.subscriber;
  return holds.length === 0 || own === undefined || holds.some(h => h.subscriber === own);
}

const severalLines = (asked: readonly Asked[], lines: number): Identification =>
  asked.some(a => a.steps[0]?.kind === 'dedicated')
    ? no('conflict_sources', `our logs name ${lines} lines for one device on a line that keeps its address`)
    : no('ambiguous_edge', `the address changed hands between the instants of the finding (${lines} lines)`);
