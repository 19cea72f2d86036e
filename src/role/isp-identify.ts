/**
 * Whose line each open case is. In: cases without a verdict, or whose log was not there yet, and those seen on the same device in the
 * same bundle. Out: verdicts in `case`, each first in the audit of verdicts, and the counts of this run. Everything is decided by
 * isp/assignment; this only carries. A disputed case is not asked about.
 */
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Logs } from '../isp/assignment/hold.ts';
import { isShared } from '../isp/assignment/pool.ts';
import { parseIpv4 } from '../record/address.ts';
import type { IdentificationVerdict } from '../record/assignment.ts';
import type { Instant } from '../record/instant.ts';
import type { IspTables } from '../record/tables/isp.ts';
import { type Decided, decide } from './isp-verdict.ts';
import type { VerdictBook } from './isp-verdict-book.ts';

export interface Identified {
  identified: number;
  refused: Partial<Record<IdentificationVerdict, number>>;
}

export interface Asking {
  readonly db: Kysely<IspTables>;
  readonly index: Logs;
  readonly book: VerdictBook;
  readonly now: Instant;
}

type CaseRow = Selectable<IspTables['case']>;

const AT_ONCE = 100;

export async function quarantinedIn(db: Kysely<IspTables>): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom('quarantine').select('source').where('cleared_at', 'is', null).execute();
  return new Set(rows.map(row => row.source));
}

/**
 * One device is what one bundle saw at one address; behind a shared address at one port, since two ports there may be two
 * customers. Rows from before bundles were noted stand alone.
 */
export function deviceOf(index: Logs, one: CaseRow): string {
  if (one.bundle_seq === 0) return one.id;
  const address = parseIpv4(one.address);
  const pool = address === undefined ? undefined : index.pools.of(address, one.seen_at);
  return `${one.bundle_seq} ${one.address} ${pool && isShared(pool) ? one.port : ''}`;
}

const isWaiting = ({ verdict }: CaseRow) => verdict === null || verdict === 'log_pending';

const openCases = (db: Kysely<IspTables>) =>
  db
    .selectFrom('case')
    .selectAll()
    .where('state', '=', 'open')
    .where('disputed_at', 'is', null)
    .where('address', '!=', '');

export async function identifyCases(asking: Asking): Promise<Identified> {
  const { db, index } = asking;
  const done: Identified = { identified: 0, refused: {} };
  const quarantined = await quarantinedIn(db);
  const devices = Map.groupBy(await openCases(db).orderBy('id').execute(), one => deviceOf(index, one));
  const waiting = [...devices.values()].filter(cases => cases.some(isWaiting));
  for (let from = 0; from < waiting.length; from += AT_ONCE) {
    // Asked, and written down on the disk, before the unit of work: nothing but the transaction is awaited inside one.
    const some = waiting.slice(from, from + AT_ONCE).map(cases => ({ cases, ...answer(asking, quarantined, cases) }));
    asking.book.sync();
    await db.transaction().execute(async tx => {
      for (const { cases, decided, digests } of some)
        for (const [n, one] of cases.entries()) await take(tx, one, decided, digests[n] as string, asking.now, done);
    });
  }
  return done;
}

function answer({ index, book, now }: Asking, quarantined: ReadonlySet<string>, cases: readonly CaseRow[]) {
  const decided = decide(index, quarantined, cases, now);
  const digests = decided.asked.map((asked, n) => {
    const one = cases[n] as CaseRow;
    return book.note(now, one.id, { ...asked, answer: { verdict: decided.verdict, why: decided.why } }, one);
  });
  return { decided, digests };
}

async function take(
  tx: Transaction<IspTables>,
  one: CaseRow,
  { verdict, why, subscriber, sources }: Decided,
  verdict_digest: string,
  now: Instant,
  done: Identified,
): Promise<void> {
  if (
    verdict === one.verdict &&
    why === one.why &&
    subscriber === one.subscriber &&
    verdict_digest === one.verdict_digest
  )
    return;
  const told = verdict === one.verdict ? {} : { feedback_sent: false };
  await tx
    .updateTable('case')
    .set({ verdict, why, subscriber, verdict_at: now, sources: JSON.stringify(sources), verdict_digest, ...told })
    .where('id', '=', one.id)
    .where('state', '=', 'open')
    .where('disputed_at', 'is', null)
    .execute();
  if (verdict === one.verdict) return;
  if (verdict === 'unique') done.identified++;
  else done.refused[verdict] = (done.refused[verdict] ?? 0) + 1;
}

/**
 * Asked again at the moment an alert is about to leave: a log that came late may say otherwise now. True when each of the cases is
 * still this line's and nobody else's; else what is so now is written down and nothing leaves.
 */
export async function stillUnique(asking: Asking, caseIds: readonly string[], subscriber: string): Promise<boolean> {
  const { db, index } = asking;
  const quarantined = await quarantinedIn(db);
  const places = db.selectFrom('case').select('address').where('id', 'in', caseIds);
  const near = await openCases(db).where('address', 'in', places).orderBy('id').execute();
  const all = Map.groupBy(near, one => deviceOf(index, one));
  const devices = [...all.values()].filter(cases => cases.some(one => caseIds.includes(one.id)));
  const asked = devices.map(cases => ({ cases, ...answer(asking, quarantined, cases) }));
  asking.book.sync();
  const done: Identified = { identified: 0, refused: {} };
  await db.transaction().execute(async tx => {
    for (const { cases, decided, digests } of asked)
      for (const [n, one] of cases.entries()) await take(tx, one, decided, digests[n] as string, asking.now, done);
  });
  const sure = asked.flatMap(({ cases, decided }) =>
    decided.verdict === 'unique' && decided.subscriber === subscriber ? cases.map(one => one.id) : [],
  );
  return caseIds.every(id => sure.includes(id));
}
