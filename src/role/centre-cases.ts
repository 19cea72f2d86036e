/**
 * Folds a round into cases, closes what a re-check found fixed, and keeps the public edge's code rows in step. All in the
 * centre's compartment but for `web.code`, which the centre may write and the site only reads.
 */
import type { Kysely, Selectable } from 'kysely';
import { foldRound } from '../finding/fold.ts';
import type { Case, CaseChange } from '../record/case.ts';
import type { FindingKind } from '../record/glossary.ts';
import type { Instant } from '../record/instant.ts';
import type { Observation, RuleCode, SealedFinding } from '../record/observation.ts';
import type { CentreTables } from '../record/tables/centre.ts';
import type { WebTables } from '../record/tables/web.ts';

type Row<T extends keyof CentreTables> = Selectable<CentreTables[T]>;

const caseOf = (r: Row<'case'>): Case => ({
  id: r.id,
  isp: r.isp,
  kind: r.kind,
  lineKey: r.line_key,
  port: r.port,
  protocol: r.protocol,
  vendor: r.vendor,
  model: r.model,
  state: r.state,
  returned: r.returned,
  firstSeen: r.first_seen,
  lastSeen: r.last_seen,
  roundsUnseen: r.rounds_unseen,
  closedAt: r.closed_at,
  findingId: r.finding_id,
});

const findingOf = (r: Row<'finding'>): SealedFinding => ({
  id: r.id,
  round: r.round,
  isp: r.isp,
  kind: r.kind,
  lineKey: r.line_key,
  port: r.port,
  protocol: r.protocol,
  at: r.at,
  vendor: r.vendor,
  model: r.model,
  ruleCodes: JSON.parse(r.rule_codes) as RuleCode[],
  sealed: r.sealed,
});

const observationOf = (r: Row<'observation'>): Observation => ({
  id: r.id,
  round: r.round,
  shard: r.shard,
  lineKey: r.line_key,
  port: r.port,
  protocol: r.protocol,
  at: r.at,
  reported: r.reported,
  prompt: r.prompt,
  vendor: r.vendor,
  model: r.model,
  firmwareState: r.firmware_state,
  catalogueVersion: r.catalogue_version,
  clears: JSON.parse(r.clears) as FindingKind[],
  isp: r.isp,
});

const rowOf = (c: Case) => ({
  isp: c.isp,
  kind: c.kind,
  line_key: c.lineKey,
  port: c.port,
  protocol: c.protocol,
  vendor: c.vendor,
  model: c.model,
  state: c.state,
  returned: c.returned,
  first_seen: c.firstSeen,
  last_seen: c.lastSeen,
  rounds_unseen: c.roundsUnseen,
  closed_at: c.closedAt,
  finding_id: c.findingId,
});

const CLOSED = ['fixed', 'not-seen', 'withdrawn'] as const;

export const webOf = (db: Kysely<CentreTables>): Kysely<WebTables> =>
  (db as unknown as Kysely<WebTables>).withSchema('web');

/** Folds one finished round. Running it again on the same round changes nothing. */
export async function foldIntoCases(
  db: Kysely<CentreTables>,
  round: string,
  at: Instant,
): Promise<ReadonlyMap<CaseChange, number>> {
  const [cases, findings, observations] = await Promise.all([
    db.selectFrom('case').selectAll().execute(),
    db.selectFrom('finding').selectAll().where('round', '=', round).execute(),
    db.selectFrom('observation').selectAll().where('round', '=', round).execute(),
  ]);
  const already = await db.selectFrom('round').select('state').where('id', '=', round).executeTakeFirst();
  const counts = new Map<CaseChange, number>();
  if (already?.state === 'done') return counts;
  const folded = foldRound(cases.map(caseOf), findings.map(findingOf), observations.map(observationOf), {
    id: round,
    at,
  });
  const changed = new Set(folded.changes.map(change => change.caseId));
  for (const { change } of folded.changes) counts.set(change, (counts.get(change) ?? 0) + 1);
  await db.transaction().execute(async tx => {
    for (const one of folded.cases.filter(c => changed.has(c.id)))
      await tx
        .insertInto('case')
        .values({ id: one.id, code_generation: 0, ...rowOf(one) })
        .onConflict(c => c.column('id').doUpdateSet(rowOf(one)))
        .execute();
    await tx.updateTable('round').set({ state: 'done', finished_at: at }).where('id', '=', round).execute();
  });
  await afterClosing(db, at);
  return counts;
}

/** A re-check completed a conversation with a clear refusal: the case is over. */
export async function closeFixed(db: Kysely<CentreTables>, caseId: string, at: Instant): Promise<void> {
  await db
    .updateTable('case')
    .set({ state: 'fixed', closed_at: at })
    .where('id', '=', caseId)
    .where('state', '=', 'open')
    .execute();
  await afterClosing(db, at);
}

/** What closes with a case: the matched pair is erased, and the code page says so. */
async function afterClosing(db: Kysely<CentreTables>, at: Instant): Promise<void> {
  await db
    .deleteFrom('matched_pair')
    .where('finding_id', 'in', q => q.selectFrom('case').select('finding_id').where('state', 'in', CLOSED))
    .execute();
  const closed = await db.selectFrom('case').select(['id', 'state']).where('state', 'in', CLOSED).execute();
  const web = webOf(db);
  for (const state of CLOSED) {
    const ids = closed.filter(c => c.state === state).map(c => c.id);
    if (ids.length)
      await web
        .updateTable('code')
        .set({ state, updated_at: at })
        .where('case_id', 'in', ids)
        .where('state', '!=', state)
        .execute();
  }
}
