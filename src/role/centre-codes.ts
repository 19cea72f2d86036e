/** Publishes what the code page may say of a case: the code only as a keyed hash, and never where the device is. */
import type { Kysely } from 'kysely';
import type { CodeRow } from '../exchange/outbox.ts';
import type { Instant } from '../record/instant.ts';
import { monthOf } from '../record/instant.ts';
import type { CentreTables } from '../record/tables/centre.ts';
import { webOf } from './centre-cases.ts';

export interface Names {
  readonly ja: string;
  readonly en: string;
}

/** Publishing a case again changes nothing but its state. */
export async function publishCodes(
  db: Kysely<CentreTables>,
  ispNames: ReadonlyMap<string, Names>,
  at: Instant,
  codes: readonly CodeRow[],
): Promise<void> {
  if (codes.length === 0) return;
  const cases = await db
    .selectFrom('case')
    .select(['id', 'isp', 'kind', 'protocol', 'vendor', 'model', 'state', 'first_seen', 'closed_at'])
    .where(
      'id',
      'in',
      codes.map(code => code.caseId),
    )
    .execute();
  const byId = new Map(cases.map(one => [one.id, one]));
  const web = webOf(db);
  for (const { caseId, codeHash } of codes) {
    const one = byId.get(caseId);
    if (!one) continue;
    // Published again, a closed case is as old as it was: its page goes by the age of its last change.
    const updated_at = one.closed_at ?? at;
    const name = ispNames.get(one.isp) ?? { ja: one.isp, en: one.isp };
    await web
      .insertInto('code')
      .values({
        code_hash: codeHash,
        case_id: one.id,
        isp: one.isp,
        isp_name_ja: name.ja,
        isp_name_en: name.en,
        month: monthOf(one.first_seen),
        kind: one.kind,
        protocol: one.protocol,
        vendor: one.vendor,
        model: one.model,
        state: one.state,
        updated_at,
      })
      .onConflict(c => c.column('code_hash').doUpdateSet({ state: one.state, updated_at }))
      .execute();
  }
}
