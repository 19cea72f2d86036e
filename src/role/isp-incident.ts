/**
 * "This is not mine". In: which case, and who said so. Out: the case stops at once with everything queued for it, the logs that
 * decided it are set aside together with every other case they decided, and an incident says what was asked and read. A person
 * clears it (the alert was right, or the log is repaired) or confirms it: somebody else was alerted, and all alerts halt.
 * One unit of work each, so that nothing is half stopped; a mail in the middle of its hand-over is the last that leaves.
 */
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Logs } from '../isp/assignment/hold.ts';
import { contentId } from '../record/digest.ts';
import type { IncidentAct, IncidentRecord, IncidentTeller } from '../record/incident.ts';
import type { Instant } from '../record/instant.ts';
import type { IspTables } from '../record/tables/isp.ts';
import { quarantinedIn } from './isp-identify.ts';
import { decide, readOf, setAside } from './isp-verdict.ts';

export interface Dispute {
  readonly id: string;
  readonly caseId: string;
  readonly toldBy: IncidentTeller;
}

export interface Disputed {
  /** repeated: this dispute opened its incident before. unknown: no such case is kept here. */
  readonly result: 'opened' | 'repeated' | 'unknown';
  /** Messages of cases that stopped: their letters hold a name for no purpose. */
  readonly ended: readonly string[];
}

const NONE = new Set<string>();
const CHUNK = 500;

export const incidentId = (of: string): string => contentId('incident', [of]);

/** Everything of this case that has not left; who was written to is erased with it. */
async function endAlerts(tx: Transaction<IspTables>, caseIds: readonly string[], why: string): Promise<string[]> {
  const ended: string[] = [];
  for (let from = 0; from < caseIds.length; from += CHUNK) {
    const some = caseIds.slice(from, from + CHUNK);
    const own = await tx.selectFrom('alert').select('id').where('case_id', 'in', some).execute();
    await tx
      .updateTable('alert')
      .set({ state: 'withdrawn', ended_reason: why, delivered_to: null })
      .where('case_id', 'in', some)
      .where('state', '=', 'due')
      .where('sent_at', 'is', null)
      .execute();
    ended.push(...own.map(alert => alert.id));
  }
  return ended;
}

export async function openIncident(
  db: Kysely<IspTables>,
  index: Logs,
  { id, caseId, toldBy }: Dispute,
  now: Instant,
): Promise<Disputed> {
  const known = await db.selectFrom('incident').select('id').where('id', '=', id).executeTakeFirst();
  if (known) return { result: 'repeated', ended: [] };
  const one = await db.selectFrom('case').selectAll().where('id', '=', caseId).executeTakeFirst();
  if (!one) return { result: 'unknown', ended: [] };
  const sent = await db
    .selectFrom('alert')
    .select(['channel', 'message', 'sent_at'])
    .where('case_id', '=', caseId)
    .where('sent_at', 'is not', null)
    .orderBy('sent_at')
    .execute();
  const record = recordOf(index, one, sent, now);
  return await db.transaction().execute(async tx => {
    await tx
      .insertInto('incident')
      .values({
        id,
        case_id: caseId,
        told_by: toldBy,
        opened_at: now,
        state: 'open',
        record: JSON.stringify(record),
        acts: '[]',
      })
      .onConflict(c => c.column('id').doNothing())
      .execute();
    await tx.updateTable('case').set({ disputed_at: now }).where('id', '=', caseId).execute();
    const ended = await endAlerts(tx, [caseId], 'disputed');
    await tx.updateTable('alert').set({ delivered_to: null }).where('case_id', '=', caseId).execute();
    if (record.sources.length > 0)
      await tx
        .insertInto('quarantine')
        .values(record.sources.map(source => ({ source, incident_id: id, since: now, cleared_at: null })))
        .onConflict(c => c.columns(['source', 'incident_id']).doNothing())
        .execute();
    return { result: 'opened', ended: [...ended, ...(await setAsideCases(tx, record.sources))] };
  });
}

type CaseRow = Selectable<IspTables['case']>;
const sourcesOf = (one: Pick<CaseRow, 'sources'>): string[] => JSON.parse(one.sources ?? '[]') as string[];

function recordOf(
  index: Logs,
  one: CaseRow,
  sent: readonly { channel: string; message: string; sent_at: Instant | null }[],
  now: Instant,
): IncidentRecord {
  const again = one.address === '' ? undefined : decide(index, NONE, [one], now);
  return {
    verdict: one.verdict,
    why: one.why,
    verdictAt: one.verdict_at,
    verdictDigest: one.verdict_digest,
    asked: again ? again.asked.map(asked => readOf(index, asked, one.subscriber)) : [],
    // What it rested on when the alert was decided; where that is not known any more, what would decide it now.
    sources: one.sources !== null && one.verdict !== null ? sourcesOf(one) : (again?.sources ?? []),
    alerts: sent.map(({ channel, message, sent_at }) => ({ channel, message, at: sent_at ?? 0 })),
  };
}

/** Every case that one of these logs made unique is not, until the log is believed again. */
async function setAsideCases(tx: Transaction<IspTables>, sources: readonly string[]): Promise<string[]> {
  const unique = await tx
    .selectFrom('case')
    .select(['id', 'sources'])
    .where('state', '=', 'open')
    .where('disputed_at', 'is', null)
    .where('verdict', '=', 'unique')
    .execute();
  const ended: string[] = [];
  for (const source of sources) {
    const ids = unique.filter(one => sourcesOf(one).includes(source)).map(one => one.id);
    for (let from = 0; from < ids.length; from += CHUNK)
      await tx
        .updateTable('case')
        .set({ verdict: 'log_gap', why: setAside(source), subscriber: null, feedback_sent: false })
        .where('id', 'in', ids.slice(from, from + CHUNK))
        .execute();
    ended.push(...(await endAlerts(tx, ids, 'log set aside')));
  }
  return ended;
}

/** `not-open`: cleared or confirmed before. */
export type Acted = 'done' | 'unknown' | 'not-open';

type IncidentRow = Selectable<IspTables['incident']>;
const withAct = (one: IncidentRow, act: IncidentAct): string =>
  JSON.stringify([...(JSON.parse(one.acts) as IncidentAct[]), act]);

const find = (tx: Transaction<IspTables>, id: string) =>
  tx.selectFrom('incident').selectAll().where('id', '=', id).executeTakeFirst();

/** Somebody was alerted about a device that is not theirs. Every alert of this ISP halts until two people release it. */
export async function confirmIncident(db: Kysely<IspTables>, id: string, by: string, now: Instant): Promise<Acted> {
  return await db.transaction().execute(async tx => {
    const one = await find(tx, id);
    if (!one) return 'unknown';
    if (one.state === 'confirmed') return 'not-open';
    const acts = withAct(one, { act: 'confirmed', by, at: now, why: '' });
    await tx.updateTable('incident').set({ state: 'confirmed', acts }).where('id', '=', id).execute();
    await tx
      .insertInto('halt')
      .values({
        id: contentId('halt', [id]),
        since: now,
        reason: `${id}: somebody was alerted about another line`,
        released_by: '[]',
        released_at: null,
      })
      .onConflict(c => c.column('id').doNothing())
      .execute();
    await tx
      .updateTable('case')
      .set({
        disputed_at: now,
        verdict: 'conflict_sources',
        why: 'a person found that the line was not this one',
        subscriber: null,
        feedback_sent: false,
      })
      .where('id', '=', one.case_id)
      .execute();
    await endAlerts(tx, [one.case_id], 'wrong person');
    return 'done';
  });
}

/**
 * Of an open incident: the alert was right, the case goes on and is asked about anew. Of a confirmed one: the log is repaired and is
 * believed again, and the case stays stopped for ever.
 */
export async function clearIncident(
  db: Kysely<IspTables>,
  id: string,
  by: string,
  why: string,
  now: Instant,
): Promise<Acted> {
  return await db.transaction().execute(async tx => {
    const one = await find(tx, id);
    if (!one) return 'unknown';
    const lifted = await tx
      .updateTable('quarantine')
      .set({ cleared_at: now })
      .where('incident_id', '=', id)
      .where('cleared_at', 'is', null)
      .returning('source')
      .execute();
    if (one.state === 'cleared' || (one.state === 'confirmed' && lifted.length === 0)) return 'not-open';
    const confirmed = one.state === 'confirmed';
    const acts = withAct(one, { act: confirmed ? 'log-cleared' : 'cleared', by, at: now, why });
    await tx
      .updateTable('incident')
      .set({ acts, ...(confirmed ? {} : { state: 'cleared' as const }) })
      .where('id', '=', id)
      .execute();
    const others = tx.selectFrom('incident').select('id').where('case_id', '=', one.case_id);
    const still = await others.where('id', '!=', id).where('state', '!=', 'cleared').executeTakeFirst();
    if (!confirmed && !still)
      await tx
        .updateTable('case')
        .set({ disputed_at: null, verdict: null, why: null, subscriber: null, feedback_sent: false })
        .where('id', '=', one.case_id)
        .execute();
    await believeAgain(
      tx,
      lifted.map(row => row.source),
    );
    return 'done';
  });
}

/** Cases that were refused only because a log was set aside are asked about anew. */
async function believeAgain(tx: Transaction<IspTables>, lifted: readonly string[]): Promise<void> {
  const still = await quarantinedIn(tx);
  const free = lifted.filter(source => !still.has(source)).map(setAside);
  if (free.length === 0) return;
  await tx
    .updateTable('case')
    .set({ verdict: null, why: null, verdict_digest: null })
    .where('state', '=', 'open')
    .where('disputed_at', 'is', null)
    .where('verdict', '=', 'log_gap')
    .where('why', 'in', free)
    .execute();
}
