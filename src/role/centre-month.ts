/** Closes a month at the centre: counts it from the record, freezes the release with its digest, publishes it. */
import { type Kysely, sql } from 'kysely';
import { type Instant, monthStart, nextMonth } from '../record/instant.ts';
import type { CentreTables } from '../record/tables/centre.ts';
import { countMonth } from '../statistics/count.ts';
import { type Release, releaseOf } from '../statistics/release.ts';
import { webOf } from './centre-cases.ts';

export interface MonthKnown {
  readonly rehearsal: boolean;
  readonly isps: number;
  readonly ports: number;
}

/** What the public edge knows of the month: re-checks that were decided, and how inquiries ended. */
async function edgeCounts(db: Kysely<CentreTables>, month: string) {
  const [from, to] = [monthStart(month), monthStart(nextMonth(month))];
  const n = sql<number>`count(*)::int`.as('n');
  const web = webOf(db);
  const rechecks = await web
    .selectFrom('recheck')
    .select(n)
    .where('state', '=', 'done')
    .where('decided_at', '>=', from)
    .where('decided_at', '<', to)
    .executeTakeFirstOrThrow();
  const outcomes = await web
    .selectFrom('inquiry')
    .select(['outcome', n])
    .where('closed_at', '>=', from)
    .where('closed_at', '<', to)
    .groupBy('outcome')
    .orderBy('outcome')
    .execute();
  return { rechecked: rechecks.n, inquiries: outcomes.map(row => ({ outcome: row.outcome ?? 'open', count: row.n })) };
}

/** Freezing a frozen month again changes nothing and returns what was frozen. */
export async function freezeMonth(
  db: Kysely<CentreTables>,
  known: MonthKnown,
  month: string,
  at: Instant,
): Promise<Release> {
  const frozen = await db
    .selectFrom('release')
    .selectAll()
    .where('month', '=', month)
    .where('state', '=', 'frozen')
    .executeTakeFirst();
  if (frozen) return frozen;
  const release = releaseOf(await countMonth(db, { ...known, ...(await edgeCounts(db, month)) }, month));
  await db
    .insertInto('release')
    .values({ ...release, state: 'frozen', frozen_at: at })
    .onConflict(c => c.column('month').doUpdateSet({ ...release, state: 'frozen', frozen_at: at }))
    .execute();
  await webOf(db)
    .insertInto('published')
    .values({ month, figures: release.figures, digest: release.digest, published_at: at })
    .onConflict(c => c.column('month').doNothing())
    .execute();
  return release;
}
