/**
 * The outbox: puts what each ISP has not been told yet into its next numbered bundle. In: the centre's tables, keys, the
 * calendar's now. Out: which bundles were queued, and the hashed codes the public edge must know.
 *
 * A bundle is sealed outside the unit of work (nothing but its own transaction may be awaited in one), then written only
 * if the chain still ends where it did when the bundle was composed. A crash before the commit leaves nothing; after it,
 * everything; composing again finds nothing new to tell. Bundle numbers have no gaps because a number exists only once
 * its bundle does.
 */
import type { Kysely } from 'kysely';
import type { SigningKey } from '../mandate/keys.ts';
import type { BundleRow } from '../record/bundle.ts';
import type { Instant } from '../record/instant.ts';
import type { CentreTables } from '../record/tables/centre.ts';
import type { ChainEnd } from './bundle.ts';
import { BUNDLE_ROWS, sealBundle } from './bundle.ts';
import type { CodeBook, CodeKeys, CodeRow } from './codes.ts';
import { openCodeBook } from './codes.ts';
import type { Pending } from './pending.ts';
import { chainEndOf, codedCases, pendingOf, rowOf } from './pending.ts';

export type { CodeRow } from './codes.ts';

export interface QueueOptions extends CodeKeys {
  readonly month: string;
  /** Of `calendar`. */
  readonly now: Instant;
  /** Root of the centre's audit chain: every ISP is a witness. */
  readonly auditRoot: string;
  /** Raw X25519 key of each ISP, base64url, from its consent. An ISP without one waits: its cases stay pending. */
  readonly sealing: ReadonlyMap<string, string>;
  readonly signer: SigningKey;
  /** Rows in one bundle at most. */
  readonly rowsPerBundle?: number;
}

export interface QueuedBundle {
  readonly isp: string;
  readonly seq: number;
  readonly digest: string;
  readonly rows: number;
  /** One for each case this bundle hands over; upserting them again changes nothing. */
  readonly codes: readonly CodeRow[];
}

/** Bundles queued for one ISP in one call, and tries when another process queues at the same time. */
const BUNDLES_AT_ONCE = 1_000;
const TRIES = 5;
/** Rows of one INSERT: five columns each, well under PostgreSQL's 65,535 parameters. */
const CHUNK = 2_000;

export async function queueBundles(db: Kysely<CentreTables>, options: QueueOptions): Promise<QueuedBundle[]> {
  const queued: QueuedBundle[] = [];
  let book: CodeBook | undefined;
  let tries = 0;
  for (const isp of [...options.sealing.keys()].sort())
    for (let n = 0; n < BUNDLES_AT_ONCE; n++) {
      const end = await chainEndOf(db, isp);
      const pending = await pendingOf(db, isp, options.rowsPerBundle ?? BUNDLE_ROWS);
      if (pending.length === 0) break;
      book ??= openCodeBook(options, await codedCases(db));
      const composed = await compose(isp, end, pending, book, options);
      if (await written(db, end, composed)) queued.push(composed.told);
      else if (++tries < TRIES) book = undefined;
      else break;
    }
  return queued;
}

/** The hashed codes of everything handed over so far, for a public edge that lost some (a crash in between). */
export async function codesHandedOver(db: Kysely<CentreTables>, keys: CodeKeys): Promise<CodeRow[]> {
  const cases = await codedCases(db);
  const book = openCodeBook(keys, []);
  return cases.map(one => book.hashed(book.give(one, false).code, one.id));
}

interface Composed {
  readonly told: QueuedBundle;
  readonly bundle: CentreTables['bundle'];
  readonly rows: readonly CentreTables['bundle_row'][];
  readonly raised: readonly { readonly id: string; readonly generation: number }[];
}

async function compose(
  isp: string,
  end: ChainEnd,
  pending: readonly Pending[],
  book: CodeBook,
  options: QueueOptions,
): Promise<Composed> {
  const { month, now, auditRoot, signer, sealing } = options;
  const seq = end.seq + 1;
  const raised: { id: string; generation: number }[] = [];
  const codes: CodeRow[] = [];
  const rows: BundleRow[] = pending.map(one =>
    rowOf(one, () => {
      const { code, generation } = book.give(one, !one.known);
      if (generation !== one.generation) raised.push({ id: one.id, generation });
      codes.push(book.hashed(code, one.id));
      return code;
    }),
  );
  const { sealed, digest } = await sealBundle({
    manifest: {
      format: 'notice-bundle/1',
      isp,
      seq,
      prev: end.digest,
      createdAt: now,
      month,
      rows: rows.length,
      auditRoot,
    },
    rows,
    recipient: sealing.get(isp) as string,
    signer,
  });
  return {
    told: { isp, seq, digest, rows: rows.length, codes },
    raised,
    rows: rows.map((row, n) => ({
      isp,
      seq,
      case_id: row.caseId,
      type: row.type,
      finding_id: row.type === 'case' ? (pending[n] as Pending).findingId : null,
    })),
    bundle: {
      isp,
      seq,
      prev: end.digest,
      digest,
      sealed,
      rows: rows.length,
      month,
      created_at: now,
      state: 'queued',
      delivered_at: null,
      acknowledged_at: null,
    },
  };
}

/** One unit of work: the bundle, what it carried, raised generations. False when the chain grew meanwhile. */
function written(db: Kysely<CentreTables>, end: ChainEnd, { bundle, rows, raised }: Composed): Promise<boolean> {
  return db.transaction().execute(async tx => {
    if ((await chainEndOf(tx, bundle.isp)).digest !== end.digest) return false;
    // Two processes that pass this line together are told apart by the key (isp, seq): one of them inserts nothing.
    const inserted = await tx
      .insertInto('bundle')
      .values(bundle)
      .onConflict(c => c.columns(['isp', 'seq']).doNothing())
      .returning('seq')
      .execute();
    if (inserted.length === 0) return false;
    for (let from = 0; from < rows.length; from += CHUNK)
      await tx
        .insertInto('bundle_row')
        .values(rows.slice(from, from + CHUNK))
        .execute();
    for (const { id, generation } of raised)
      await tx.updateTable('case').set({ code_generation: generation }).where('id', '=', id).execute();
    return true;
  });
}
