/** The centre's tables in memory, for tests of the exchange: a handle, and ways to put a case there or make a query fail. */
import { PGlite } from '@electric-sql/pglite';
import { Kysely, type KyselyPlugin, PGliteDialect } from 'kysely';
import type { CaseState } from '../../src/record/case.ts';
import { contentId } from '../../src/record/digest.ts';
import type { CentreTables } from '../../src/record/tables/centre.ts';

const DDL = `
create table finding (id text primary key, round text not null, isp text not null, kind text not null, line_key text not null,
  port integer not null, protocol text not null, at bigint not null, vendor text, model text, rule_codes text not null,
  sealed text not null);
create table "case" (id text primary key, isp text not null, kind text not null, line_key text not null, port integer not null,
  protocol text not null, vendor text, model text, state text not null, returned boolean not null, first_seen bigint not null,
  last_seen bigint not null, rounds_unseen integer not null, closed_at bigint, finding_id text not null,
  code_generation integer not null);
create table bundle (isp text not null, seq integer not null, prev text not null, digest text not null, sealed text not null,
  rows integer not null, month text not null, created_at bigint not null, state text not null, delivered_at bigint,
  acknowledged_at bigint, primary key (isp, seq));
create table bundle_row (isp text not null, seq integer not null, case_id text not null, type text not null, finding_id text,
  primary key (isp, seq, case_id));
create table receipt (isp text not null, seq integer not null, digest text not null, accepted integer not null,
  rejected integer not null, at bigint not null, primary key (isp, seq));
create table feedback (isp text not null, case_id text not null, revision integer not null, verdict text not null,
  action text not null, day text not null, received_at bigint not null, primary key (isp, case_id, revision));
`;

export interface TestCentre {
  readonly db: Kysely<CentreTables>;
  /** From now on the n-th query (from 0) fails, as if the process died there; undefined: none does. Returns queries seen. */
  failAt(n: number | undefined): number;
  clear(): Promise<void>;
  close(): Promise<void>;
}

export class Died extends Error {}

export async function openTestCentre(): Promise<TestCentre> {
  const pglite = await PGlite.create();
  await pglite.exec(DDL);
  let seen = 0;
  let fatal: number | undefined;
  // Inside a transaction the server rolls back by itself when its client is gone, as kysely does when this throws.
  const dying: KyselyPlugin = {
    transformQuery: ({ node }) => {
      if (seen++ === fatal) throw new Died();
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  const db = new Kysely<CentreTables>({ dialect: new PGliteDialect({ pglite }), plugins: [dying] });
  return {
    db,
    failAt: n => {
      const before = seen;
      seen = 0;
      fatal = n;
      return before;
    },
    clear: async () => {
      await pglite.exec('truncate finding, "case", bundle, bundle_row, receipt, feedback');
    },
    close: () => db.destroy(),
  };
}

export interface PutCase {
  readonly n: number;
  readonly isp?: string;
  readonly state?: CaseState;
  readonly returned?: boolean;
  /** The finding's round; another round is another finding. */
  readonly round?: string;
  readonly sealed?: string;
}

export const caseIdOf = (n: number): string => contentId('case', n);

/** Puts a case with its finding there, or changes it. */
export async function putCase(db: Kysely<CentreTables>, put: PutCase): Promise<string> {
  const { n, isp = 'isp-a', state = 'open', returned = false, round = 'r1' } = put;
  const about = { isp, kind: 'guessable', line_key: `line-${n}`, port: 2323, protocol: 'telnet' } as const;
  const finding = { ...about, id: contentId('finding', [round, n]), round, at: 1_000 + n, vendor: 'Acme', model: null };
  await db
    .insertInto('finding')
    .values({ ...finding, rule_codes: '[]', sealed: put.sealed ?? `evidence ${round} ${n}` })
    .onConflict(c => c.column('id').doNothing())
    .execute();
  const facts = { state, returned, closed_at: state === 'open' ? null : 2_000, finding_id: finding.id };
  const row = {
    ...about,
    ...facts,
    id: caseIdOf(n),
    vendor: 'Acme',
    model: null,
    first_seen: 1_000,
    last_seen: finding.at,
  };
  await db
    .insertInto('case')
    .values({ ...row, rounds_unseen: 0, code_generation: 0 })
    .onConflict(c => c.column('id').doUpdateSet(facts))
    .execute();
  return row.id;
}
