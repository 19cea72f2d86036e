/** From a prober's spool into the centre's tables. Re-delivery of any line changes nothing: every row has a content id. */
import { existsSync, rmSync } from 'node:fs';
import type { Kysely } from 'kysely';
import type { SpoolRecord } from '../record/observation.ts';
import type { CentreTables } from '../record/tables/centre.ts';
import { readSpool } from './spool.ts';

/** Rows in one transaction: a unit of work stays short on the embedded store. */
const BATCH = 200;

export interface Ingested {
  readonly observations: number;
  readonly findings: number;
}

async function commit(db: Kysely<CentreTables>, records: readonly SpoolRecord[]): Promise<void> {
  const observations = records.flatMap(r => (r.type === 'observation' ? [r.observation] : []));
  const findings = records.flatMap(r => (r.type === 'finding' ? [r.finding] : []));
  const pairs = records.flatMap(r => (r.type === 'pair' ? [r.pair] : []));
  const sweeps = records.flatMap(r => (r.type === 'sweep' ? [r.sweep] : []));
  await db.transaction().execute(async tx => {
    if (observations.length)
      await tx
        .insertInto('observation')
        .values(
          observations.map(o => ({
            id: o.id,
            round: o.round,
            shard: o.shard,
            isp: o.isp,
            line_key: o.lineKey,
            port: o.port,
            protocol: o.protocol,
            at: o.at,
            reported: o.reported,
            prompt: o.prompt,
            vendor: o.vendor,
            model: o.model,
            firmware_state: o.firmwareState,
            catalogue_version: o.catalogueVersion,
            clears: JSON.stringify(o.clears),
          })),
        )
        .onConflict(c => c.column('id').doNothing())
        .execute();
    if (findings.length)
      await tx
        .insertInto('finding')
        .values(
          findings.map(f => ({
            id: f.id,
            round: f.round,
            isp: f.isp,
            kind: f.kind,
            line_key: f.lineKey,
            port: f.port,
            protocol: f.protocol,
            at: f.at,
            vendor: f.vendor,
            model: f.model,
            rule_codes: JSON.stringify(f.ruleCodes),
            sealed: f.sealed,
          })),
        )
        .onConflict(c => c.column('id').doNothing())
        .execute();
    if (pairs.length)
      await tx
        .insertInto('matched_pair')
        .values(
          pairs.map(p => ({ finding_id: p.findingId, catalogue_version: p.catalogueVersion, ordinal: p.ordinal })),
        )
        .onConflict(c => c.column('finding_id').doNothing())
        .execute();
    // A shard's count only grows; the last word of a resumed shard replaces the earlier one.
    for (const s of sweeps) {
      const { round, shard, ...counts } = s;
      await tx
        .insertInto('sweep_count')
        .values({ round, shard, ...counts })
        .onConflict(c => c.columns(['round', 'shard']).doUpdateSet(counts))
        .execute();
    }
  });
}

/** Reads the whole spool, commits it, and then removes it: from here on the centre's tables are the record. */
export async function ingestSpool(db: Kysely<CentreTables>, file: string): Promise<Ingested> {
  const counts = { observations: 0, findings: 0 };
  if (!existsSync(file)) return counts;
  let batch: SpoolRecord[] = [];
  for (const record of readSpool(file)) {
    counts.observations += Number(record.type === 'observation');
    counts.findings += Number(record.type === 'finding');
    if (batch.push(record) < BATCH) continue;
    await commit(db, batch);
    batch = [];
  }
  if (batch.length) await commit(db, batch);
  rmSync(file, { force: true });
  return counts;
}
