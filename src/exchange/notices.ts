/**
 * "This is not mine", passed on: what an owner or the support centre said about a case goes to the ISP that was handed it, and to no
 * other. In: the centre's tables, whose key asks, now. Out: case and day. ISPs pull it like everything else; there is no
 * place in it for who said so, and the centre knows no address that could be.
 */
import { type Kysely, sql } from 'kysely';
import type { Notice } from '../record/incident.ts';
import { DAY, dayOf, type Instant } from '../record/instant.ts';
import type { CentreTables } from '../record/tables/centre.ts';

/** As long as the public edge keeps them. */
const KEPT = 90 * DAY;
export const NOTICES_MOST = 1_000;

interface Row {
  readonly id: string;
  readonly case_id: string;
  readonly told_by: 'owner' | 'desk';
  readonly told_at: number;
}

/** Newest first, all that are kept: an ISP takes each once by its id, so nothing is lost with an answer that got lost. */
export async function noticesFor(db: Kysely<CentreTables>, isp: string, now: Instant): Promise<Notice[]> {
  const { rows } = await sql<Row>`
    select d.id, d.case_id, d.told_by, d.told_at from web.dispute d
    where d.told_at > ${now - KEPT}
      and exists (select 1 from bundle_row r where r.case_id = d.case_id and r.isp = ${isp})
    order by d.told_at desc, d.id limit ${NOTICES_MOST}`.execute(db);
  return rows.map(({ id, case_id: caseId, told_by: by, told_at }) => ({
    id,
    notice: 'disputed',
    caseId,
    by,
    day: dayOf(Number(told_at)),
  }));
}
