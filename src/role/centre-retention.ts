/**
 * Drops at the centre what is older than the retention table allows. In: the centre's tables, now. Out: how many of each
 * datum went. In short units of work, so that others get their turn; called again it finds nothing more to do.
 * Frozen releases stay, and what a month that is not frozen yet needs is counted before it goes.
 */
import { type Kysely, type SqlBool, sql } from 'kysely';
import { daysKept } from '../mandate/retention.ts';
import { DAY, type Instant } from '../record/instant.ts';
import type { CentreTables } from '../record/tables/centre.ts';

/** Rows in one unit of work, and units in one call: what is left waits for the next day. */
const BATCH = 500;
const BATCHES = 10_000;

async function inBatches(batch: () => Promise<number>): Promise<number> {
  let all = 0;
  for (let n = 0; n < BATCHES; n++) {
    const some = await batch();
    all += some;
    if (some < BATCH) break;
  }
  return all;
}

export async function forgetAtCentre(db: Kysely<CentreTables>, at: Instant): Promise<Record<string, number>> {
  const before = (datum: string): Instant => at - daysKept(datum) * DAY;
  return {
    'clean observations': await inBatches(() => dropObservations(db, before('clean observations'))),
    'closed cases': await inBatches(() => dropCases(db, before('closed cases'))),
    'sealed findings': await inBatches(() => dropFindings(db, before('sealed findings'))),
    'which pair matched': await inBatches(() => dropPairs(db)),
    'bundles handed over': await eraseBundles(db, before('bundles handed over'), before('sealed findings')),
  };
}

async function dropObservations(db: Kysely<CentreTables>, before: Instant): Promise<number> {
  return await db.transaction().execute(async tx => {
    const gone = await tx
      .deleteFrom('observation')
      .where('id', 'in', q => q.selectFrom('observation').select('id').where('at', '<=', before).limit(BATCH))
      .returning(['round', 'prompt'])
      .execute();
    for (const [round, of] of Map.groupBy(
      gone.filter(one => one.prompt),
      one => one.round,
    ))
      await tx
        .insertInto('dropped_prompts')
        .values({ round, prompts: of.length })
        .onConflict(c =>
          c.column('round').doUpdateSet({ prompts: sql<number>`dropped_prompts.prompts + excluded.prompts` }),
        )
        .execute();
    return gone.length;
  });
}

/** A case takes with it what was handed over of it and what its ISP answered. */
async function dropCases(db: Kysely<CentreTables>, before: Instant): Promise<number> {
  return await db.transaction().execute(async tx => {
    const gone = await tx
      .deleteFrom('case')
      .where('id', 'in', q =>
        q
          .selectFrom('case')
          .select('id')
          .where('state', '!=', 'open')
          .where(e => e.fn.coalesce('closed_at', 'last_seen'), '<=', before)
          .limit(BATCH),
      )
      .returning('id')
      .execute();
    const ids = gone.map(one => one.id);
    if (ids.length === 0) return 0;
    await tx.deleteFrom('bundle_row').where('case_id', 'in', ids).execute();
    await tx.deleteFrom('feedback').where('case_id', 'in', ids).execute();
    return ids.length;
  });
}

/** Too old; or of no open case, once the round is folded into cases and its month is counted for good. */
async function dropFindings(db: Kysely<CentreTables>, before: Instant): Promise<number> {
  const counted = sql<SqlBool>`exists (select from round join release on release.month = round.month
    where round.id = finding.round and round.state = 'done' and release.state = 'frozen')`;
  const needed = sql<SqlBool>`exists (select from "case" where "case".finding_id = finding.id and "case".state = 'open')`;
  const gone = await db
    .deleteFrom('finding')
    .where('id', 'in', q =>
      q
        .selectFrom('finding')
        .select('id')
        .where(e => e.or([e('at', '<=', before), e.and([counted, e.not(needed)])]))
        .limit(BATCH),
    )
    .executeTakeFirst();
  return Number(gone.numDeletedRows);
}

/** Of no open case: closed, or seen again with another finding. A finding that is not folded yet has no case so far. */
async function dropPairs(db: Kysely<CentreTables>): Promise<number> {
  const needed = sql<SqlBool>`exists (select from "case"
    where "case".finding_id = matched_pair.finding_id and "case".state = 'open')`;
  const unfolded = sql<SqlBool>`exists (select from finding join round on round.id = finding.round
    where finding.id = matched_pair.finding_id and round.state <> 'done')`;
  const gone = await db
    .deleteFrom('matched_pair')
    .where('finding_id', 'in', q =>
      q
        .selectFrom('matched_pair')
        .select('finding_id')
        .where(e => e.and([e.not(needed), e.not(unfolded)]))
        .limit(BATCH),
    )
    .executeTakeFirst();
  return Number(gone.numDeletedRows);
}

/** Only the bytes: number, digest and the digest before stay, so that the chain can be followed. */
async function eraseBundles(db: Kysely<CentreTables>, acknowledged: Instant, any: Instant): Promise<number> {
  const erased = await db
    .updateTable('bundle')
    .set({ sealed: '' })
    .where('sealed', '!=', '')
    .where(e =>
      e.or([e('created_at', '<=', any), e.and([e('state', '=', 'acknowledged'), e('created_at', '<=', acknowledged)])]),
    )
    .executeTakeFirst();
  return Number(erased.numUpdatedRows);
}
