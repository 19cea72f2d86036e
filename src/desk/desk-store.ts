/** What the support centre's screen reads and writes: a case by its code, its re-checks, inquiries. Never a subscriber. */
import type { Kysely } from 'kysely';
import type { CaseState } from '../record/case.ts';
import type { FindingKind, Protocol } from '../record/glossary.ts';
import type { Instant } from '../record/instant.ts';
import type { RecheckResult, RecheckState } from '../record/recheck.ts';
import type { WebTables } from '../record/tables/web.ts';
import { type Inquiries, inquiriesIn } from './inquiries.ts';

export interface DeskCase {
  readonly caseId: string;
  readonly isp: { readonly ja: string; readonly en: string };
  readonly month: string;
  readonly kind: FindingKind;
  readonly protocol: Protocol;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly state: CaseState;
}

export interface DeskRecheck {
  readonly askedAt: Instant;
  readonly state: RecheckState;
  readonly result: RecheckResult | null;
}

export interface DeskStore {
  readonly inquiries: Inquiries;
  caseOfCode(codeHash: string): Promise<DeskCase | undefined>;
  case(caseId: string): Promise<DeskCase | undefined>;
  /** Newest first, at most ten. Who asked is not part of it. */
  rechecks(caseId: string): Promise<readonly DeskRecheck[]>;
}

export function deskStoreIn(db: Kysely<WebTables>): DeskStore {
  const find = async (column: 'code_hash' | 'case_id', value: string): Promise<DeskCase | undefined> => {
    const row = await db.selectFrom('code').selectAll().where(column, '=', value).executeTakeFirst();
    if (!row) return undefined;
    const { case_id, isp_name_ja, isp_name_en, month, kind, protocol, vendor, model, state } = row;
    return { caseId: case_id, isp: { ja: isp_name_ja, en: isp_name_en }, month, kind, protocol, vendor, model, state };
  };
  return {
    inquiries: inquiriesIn(db),
    caseOfCode: hash => find('code_hash', hash),
    case: id => find('case_id', id),
    rechecks: async caseId => {
      const rows = await db
        .selectFrom('recheck')
        .select(['asked_at', 'state', 'result'])
        .where('case_id', '=', caseId)
        .orderBy('asked_at', 'desc')
        .limit(10)
        .execute();
      return rows.map(row => ({ askedAt: Number(row.asked_at), state: row.state, result: row.result }));
    },
  };
}
