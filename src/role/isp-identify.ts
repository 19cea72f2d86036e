/**
 * Whose line each open case is. In: cases without a verdict, or whose log was not there yet. Out: verdicts in `case`, and the
 * counts of this run. Everything is decided by isp/assignment; this only carries.
 */
import type { Kysely } from 'kysely';
import { identify } from '../isp/assignment/identify.ts';
import type { AssignmentIndex } from '../isp/assignment/index.ts';
import type { IdentificationVerdict } from '../record/assignment.ts';
import type { IspTables } from '../record/tables/isp.ts';

export interface Identified {
  identified: number;
  refused: Partial<Record<IdentificationVerdict, number>>;
}

const AT_ONCE = 100;

export async function identifyCases(
  db: Kysely<IspTables>,
  index: AssignmentIndex,
  nameOf: (number: number) => string | undefined,
): Promise<Identified> {
  const done: Identified = { identified: 0, refused: {} };
  const waiting = await db
    .selectFrom('case')
    .select(['id', 'address', 'port', 'seen_at', 'clock_error_ms', 'verdict', 'why'])
    .where('state', '=', 'open')
    .where(eb => eb.or([eb('verdict', 'is', null), eb('verdict', '=', 'log_pending')]))
    .orderBy('id')
    .execute();
  for (let from = 0; from < waiting.length; from += AT_ONCE)
    await db.transaction().execute(async tx => {
      for (const one of waiting.slice(from, from + AT_ONCE)) {
        const { address, port, seen_at: at, clock_error_ms: clockErrorMs } = one;
        const { verdict, why, subscriber } = identify(index, { address, port, at, clockErrorMs });
        if (verdict === one.verdict && why === one.why) continue;
        await tx
          .updateTable('case')
          .set({
            verdict,
            why,
            subscriber: subscriber === undefined ? null : (nameOf(Number(subscriber)) ?? null),
            ...(verdict === one.verdict ? {} : { feedback_sent: false }),
          })
          .where('id', '=', one.id)
          .where('state', '=', 'open')
          .execute();
        if (verdict === 'unique') done.identified++;
        else if (verdict !== one.verdict) done.refused[verdict] = (done.refused[verdict] ?? 0) + 1;
      }
    });
  return done;
}
