/**
 * From bundles to the ISP's cases. In: opened bundles in chain order. Out: rows of `case`, one unit of work a bundle, so that
 * a crash leaves a bundle taken whole or not at all. A close or a revoke ends every alert that has not left, in the same
 * unit, and drops the contact data with it: nothing can overtake it.
 */
import type { Kysely, Transaction } from 'kysely';
import { z } from 'zod';
import type { OpenedBundle } from '../exchange/bundle.ts';
import { openSealed } from '../exchange/envelope.ts';
import type { SigningKey } from '../mandate/keys.ts';
import type { BundleRow } from '../record/bundle.ts';
import { Fault } from '../record/fault.ts';
import { FINDING_KINDS } from '../record/glossary.ts';
import type { Instant } from '../record/instant.ts';
import type { TrustedKey } from '../record/mandate.ts';
import type { Evidence } from '../record/observation.ts';
import type { IspTables } from '../record/tables/isp.ts';

type CaseRow = Extract<BundleRow, { type: 'case' }>;
type Seen = Pick<Evidence, 'kind' | 'address' | 'port' | 'at' | 'clockErrorMs'>;

/** What the ISP needs of the evidence; more may be in it. */
const SEEN: z.ZodType<Seen> = z.object({
  format: z.literal('notice-evidence/1'),
  kind: z.enum(FINDING_KINDS),
  address: z.string().max(45),
  port: z.int().min(0).max(65_535),
  at: z.int().min(0),
  clockErrorMs: z.int().min(0).max(86_400_000),
});

export interface Taken {
  readonly opened: number;
  readonly malformed: number;
  readonly closed: number;
  /** Messages of cases that ended: their letters can be destroyed. */
  readonly ended: readonly string[];
}

async function evidenceOf(
  row: CaseRow,
  sealing: SigningKey,
  trusted: readonly TrustedKey[],
): Promise<Seen | undefined> {
  try {
    const seen = SEEN.parse(JSON.parse(await openSealed(row.sealed, sealing, trusted)));
    return seen.kind === row.kind ? seen : undefined;
  } catch (thrown) {
    // Not our prober's word, or not a word we know: the case is kept as malformed and nobody is alerted.
    if (thrown instanceof Fault || thrown instanceof SyntaxError || thrown instanceof z.ZodError) return undefined;
    throw thrown;
  }
}

const UNTOLD = {
  verdict: null,
  why: null,
  subscriber: null,
  verdict_at: null,
  sources: null,
  verdict_digest: null,
} as const;

async function takeCase(
  tx: Transaction<IspTables>,
  row: CaseRow,
  seen: Seen | undefined,
  bundle_seq: number,
): Promise<void> {
  const { kind, protocol, vendor, model, alertCode } = row;
  const place = seen
    ? { address: seen.address, port: seen.port, seen_at: seen.at, clock_error_ms: seen.clockErrorMs, ...UNTOLD }
    : {
        address: '',
        port: 0,
        seen_at: 0,
        clock_error_ms: 0,
        ...UNTOLD,
        verdict: 'malformed' as const,
        why: 'the evidence does not open or verify',
      };
  const facts = { kind, protocol, vendor, model, alert_code: alertCode, ...place, bundle_seq, feedback_sent: false };
  const known = await tx.selectFrom('case').select('state').where('id', '=', row.caseId).executeTakeFirst();
  if (!known)
    await tx
      .insertInto('case')
      .values({
        id: row.caseId,
        ...facts,
        state: 'open',
        closed_reason: null,
        closed_at: null,
        feedback_revision: 0,
        disputed_at: null,
      })
      .execute();
  else if (known.state === 'open' || (known.state === 'closed' && row.change === 'returned'))
    // Seen again, at another instant: whose line it is now must be asked again. A dispute stays until a person decides it.
    await tx
      .updateTable('case')
      .set({ ...facts, state: 'open', closed_reason: null, closed_at: null })
      .where('id', '=', row.caseId)
      .execute();
}

async function endCase(tx: Transaction<IspTables>, row: Exclude<BundleRow, CaseRow>, at: Instant): Promise<string[]> {
  await tx
    .updateTable('case')
    .set({ state: row.type === 'revoke' ? 'revoked' : 'closed', closed_reason: row.reason, closed_at: at })
    .where('id', '=', row.caseId)
    .where('state', '!=', 'revoked')
    .execute();
  const own = await tx.selectFrom('alert').select(['id', 'delivered_to']).where('case_id', '=', row.caseId).execute();
  await tx
    .updateTable('alert')
    .set({ state: 'withdrawn', ended_reason: row.type })
    .where('case_id', '=', row.caseId)
    .where('state', '=', 'due')
    .where('sent_at', 'is', null)
    .execute();
  await tx.updateTable('alert').set({ delivered_to: null }).where('case_id', '=', row.caseId).execute();
  return own.map(alert => alert.id);
}

export async function takeBundle(
  db: Kysely<IspTables>,
  bundle: OpenedBundle,
  keys: { readonly sealing: SigningKey; readonly probers: readonly TrustedKey[] },
  at: Instant,
): Promise<Taken> {
  // Opened before the unit of work begins: nothing but the transaction is awaited inside one.
  const seen = new Map<string, Seen | undefined>();
  for (const row of bundle.rows)
    if (row.type === 'case') seen.set(row.caseId, await evidenceOf(row, keys.sealing, keys.probers));
  const ended: string[] = [];
  await db.transaction().execute(async tx => {
    for (const row of bundle.rows) {
      if (row.type === 'case') await takeCase(tx, row, seen.get(row.caseId), bundle.manifest.seq);
      else ended.push(...(await endCase(tx, row, at)));
    }
    await tx
      .insertInto('bundle')
      .values({ seq: bundle.manifest.seq, digest: bundle.digest, received_at: at, rows: bundle.manifest.rows })
      .execute();
  });
  const malformed = [...seen.values()].filter(s => s === undefined).length;
  return { opened: seen.size - malformed, malformed, closed: bundle.rows.length - seen.size, ended };
}
