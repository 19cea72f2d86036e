/**
 * What an ISP has not been told yet, read from the tables. `bundle_row` is the truth about what was handed over: the last
 * row of a case says what the ISP believes, the case says what is so, and the difference is what the next bundle carries.
 */
import type { Kysely } from 'kysely';
import type { BundleRow } from '../record/bundle.ts';
import type { CaseState } from '../record/case.ts';
import type { FindingKind, Protocol } from '../record/glossary.ts';
import type { CentreTables } from '../record/tables/centre.ts';
import type { ChainEnd } from './bundle.ts';
import { FIRST_PREV } from './bundle.ts';
import type { Coded } from './codes.ts';

export interface Pending {
  readonly id: string;
  readonly state: CaseState;
  readonly returned: boolean;
  readonly kind: FindingKind;
  readonly protocol: Protocol;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly findingId: string;
  readonly generation: number;
  readonly sealed: string | null;
  /** Whether the ISP has had this case before. */
  readonly known: boolean;
}

/** The end of an ISP's chain; seq 0 and 64 zeros before the first bundle. */
export async function chainEndOf(db: Kysely<CentreTables>, isp: string): Promise<ChainEnd> {
  const last = await db
    .selectFrom('bundle')
    .select(['seq', 'digest'])
    .where('isp', '=', isp)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last ?? { seq: 0, digest: FIRST_PREV };
}

/** At most `limit` cases; those that ended first, because they stop alerts. */
export async function pendingOf(db: Kysely<CentreTables>, isp: string, limit: number): Promise<Pending[]> {
  const rows = await db
    .with('told', q =>
      q
        .selectFrom('bundle_row')
        .distinctOn('case_id')
        .select(['case_id', 'type', 'finding_id'])
        .where('isp', '=', isp)
        .orderBy('case_id')
        .orderBy('seq', 'desc'),
    )
    .selectFrom('case')
    .leftJoin('told', 'told.case_id', 'case.id')
    .leftJoin('finding', 'finding.id', 'case.finding_id')
    .select(['case.id', 'case.state', 'case.returned', 'case.kind', 'case.protocol', 'case.vendor', 'case.model'])
    .select(['case.finding_id as findingId', 'case.code_generation as generation'])
    .select(['told.type as told', 'finding.sealed as sealed'])
    .where('case.isp', '=', isp)
    .where(e =>
      e.or([
        // Ended since the ISP was told of it.
        e.and([e('case.state', '!=', 'open'), e('told.type', '=', 'case')]),
        // Open, and the ISP has not had this finding. One whose evidence is gone cannot be handed over.
        e.and([
          e('case.state', '=', 'open'),
          e('finding.sealed', 'is not', null),
          e.or([
            e('told.type', 'is', null),
            e('told.type', '!=', 'case'),
            e('told.finding_id', 'is distinct from', e.ref('case.finding_id')),
          ]),
        ]),
      ]),
    )
    .orderBy(e => e.case().when('case.state', '=', 'open').then(1).else(0).end())
    .orderBy('case.id')
    .limit(limit)
    .execute();
  return rows.map(({ told, ...row }) => ({ ...row, known: told !== null }));
}

/** The row that tells the difference. `code` is asked for only when the row shows one. */
export function rowOf(one: Pending, code: () => string): BundleRow {
  if (one.state === 'withdrawn') return { type: 'revoke', caseId: one.id, reason: 'withdrawn by the centre' };
  if (one.state !== 'open') return { type: 'close', caseId: one.id, reason: one.state };
  return {
    type: 'case',
    caseId: one.id,
    change: one.known ? 'confirmed' : one.returned ? 'returned' : 'new',
    kind: one.kind,
    protocol: one.protocol,
    vendor: one.vendor,
    model: one.model,
    alertCode: code(),
    sealed: one.sealed ?? '',
  };
}

/** Every case that was ever handed over, of any ISP: its code is out. */
export async function codedCases(db: Kysely<CentreTables>): Promise<Coded[]> {
  return await db
    .selectFrom('case')
    .select(['id', 'code_generation as generation'])
    .where('id', 'in', q => q.selectFrom('bundle_row').select('case_id'))
    .execute();
}
