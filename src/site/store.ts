/**
 * What the pages ask of the public edge's compartment. A code leads to the public words of its case and to nothing else.
 * In: hashes of codes, ids. Out: records. The site writes re-checks and inquiries, and reads everything else.
 */
import type { Kysely } from 'kysely';
import { inquiriesIn } from '../desk/inquiries.ts';
import type { CaseState } from '../record/case.ts';
import type { FindingKind, Protocol } from '../record/glossary.ts';
import type { Inquiry } from '../record/inquiry.ts';
import type { Instant } from '../record/instant.ts';
import type { Recheck } from '../record/recheck.ts';
import type { WebTables } from '../record/tables/web.ts';
import type { Both } from './language.ts';

/** What a code page may say. */
export interface CodeRecord {
  readonly caseId: string;
  readonly isp: Both;
  readonly month: string;
  readonly kind: FindingKind;
  readonly protocol: Protocol;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly state: CaseState;
  readonly updatedAt: Instant;
}

export interface RecheckRecord extends Recheck {
  /** Null when the case has left the look-up meanwhile. */
  readonly kind: FindingKind | null;
}

export interface PublishedMonth {
  readonly month: string;
  /** The exact bytes that were frozen. */
  readonly figures: string;
  readonly digest: string;
  readonly publishedAt: Instant;
}

export interface SiteStore {
  findCode(codeHash: string): Promise<CodeRecord | undefined>;
  /** Writes the request; what becomes of it is the centre's decision. */
  askRecheck(asked: {
    readonly id: string;
    readonly caseId: string;
    readonly visitor: string;
    readonly at: Instant;
  }): Promise<void>;
  /** The undecided request of this visitor for this case, so that a second press leads to the same page. */
  waitingRecheck(caseId: string, visitor: string): Promise<string | undefined>;
  recheck(id: string): Promise<RecheckRecord | undefined>;
  openInquiry(inquiry: Inquiry): Promise<void>;
  /** Newest first. */
  months(): Promise<readonly PublishedMonth[]>;
  month(month: string): Promise<PublishedMonth | undefined>;
}

export function storeIn(db: Kysely<WebTables>): SiteStore {
  const inquiries = inquiriesIn(db);
  const published = () => db.selectFrom('published').selectAll();
  const monthOf = (row: WebTables['published']): PublishedMonth => ({
    month: row.month,
    figures: row.figures,
    digest: row.digest,
    publishedAt: Number(row.published_at),
  });
  return {
    findCode: async codeHash => {
      const row = await db.selectFrom('code').selectAll().where('code_hash', '=', codeHash).executeTakeFirst();
      if (!row) return undefined;
      const { case_id, isp_name_ja, isp_name_en, month, kind, protocol, vendor, model, state, updated_at } = row;
      const isp = { ja: isp_name_ja, en: isp_name_en };
      return { caseId: case_id, isp, month, kind, protocol, vendor, model, state, updatedAt: Number(updated_at) };
    },
    askRecheck: async ({ id, caseId, visitor, at }) => {
      await db
        .insertInto('recheck')
        .values({ id, case_id: caseId, visitor, asked_at: at, state: 'asked', result: null, decided_at: null })
        .execute();
    },
    waitingRecheck: async (caseId, visitor) => {
      const row = await db
        .selectFrom('recheck')
        .select('id')
        .where('case_id', '=', caseId)
        .where('visitor', '=', visitor)
        .where('state', 'in', ['asked', 'running'])
        .executeTakeFirst();
      return row?.id;
    },
    recheck: async id => {
      const row = await db.selectFrom('recheck').selectAll().where('id', '=', id).executeTakeFirst();
      if (!row) return undefined;
      const code = await db.selectFrom('code').select('kind').where('case_id', '=', row.case_id).executeTakeFirst();
      return {
        id: row.id,
        caseId: row.case_id,
        askedAt: Number(row.asked_at),
        state: row.state,
        result: row.result,
        decidedAt: row.decided_at === null ? null : Number(row.decided_at),
        kind: code?.kind ?? null,
      };
    },
    openInquiry: inquiry => inquiries.open(inquiry),
    months: async () => (await published().orderBy('month', 'desc').limit(120).execute()).map(monthOf),
    month: async month => {
      const row = await published().where('month', '=', month).executeTakeFirst();
      return row && monthOf(row);
    },
  };
}
