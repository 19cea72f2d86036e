/** Rows of every compartment for the tests of retention: plain ones, with what matters as an argument. */
import type { Insertable, Kysely } from 'kysely';
import type { Instant } from '../../src/record/instant.ts';
import type { CentreTables } from '../../src/record/tables/centre.ts';
import type { IspTables } from '../../src/record/tables/isp.ts';
import type { WebTables } from '../../src/record/tables/web.ts';
import { webOf } from '../../src/role/centre-cases.ts';

type Row<T extends keyof CentreTables> = Insertable<CentreTables[T]>;
const SERVICE = { isp: 'minato', line_key: 'line', port: 23, protocol: 'telnet' } as const;
const DEVICE = { vendor: null, model: null };

export const caseRow = (id: string, at: Instant, change: Partial<Row<'case'>> = {}): Row<'case'> => ({
  id,
  ...SERVICE,
  ...DEVICE,
  kind: 'guessable',
  state: 'open',
  returned: false,
  first_seen: at,
  last_seen: at,
  rounds_unseen: 0,
  closed_at: null,
  finding_id: `finding of ${id.length}`,
  code_generation: 0,
  ...change,
});

export const observation = (id: string, at: Instant, change: Partial<Row<'observation'>> = {}): Row<'observation'> => ({
  id,
  ...SERVICE,
  ...DEVICE,
  round: 'r',
  shard: 0,
  at,
  reported: 'clear',
  prompt: true,
  firmware_state: null,
  catalogue_version: '1',
  clears: '[]',
  ...change,
});

export const finding = (id: string, at: Instant, change: Partial<Row<'finding'>> = {}): Row<'finding'> => ({
  id,
  ...SERVICE,
  ...DEVICE,
  round: 'r',
  kind: 'guessable',
  at,
  rule_codes: '[]',
  sealed: 'sealed',
  ...change,
});

export const round = (id: string, month: string, at: Instant): Row<'round'> => ({
  id,
  month,
  mandate_id: 'm',
  mandate_digest: 'd',
  addresses: 100,
  started_at: at,
  finished_at: at,
  state: 'done',
});

export const bundle = (isp: string, seq: number, at: Instant, sealed: string): Row<'bundle'> => ({
  isp,
  seq,
  prev: 'p',
  digest: `d${seq}`,
  sealed,
  rows: 1,
  month: '2026-11',
  created_at: at,
  state: 'acknowledged',
  delivered_at: at,
  acknowledged_at: at,
});

export const INQUIRY: Insertable<WebTables['inquiry']> = {
  id: '',
  channel: 'telephone',
  opened_at: 0,
  case_id: null,
  topic: 'other',
  question: '',
  callback: null,
  answered_from: null,
  outcome: null,
  closed_at: null,
};

/** What the code page shows of a case that was found fixed at this instant. */
export async function publish(centre: Kysely<CentreTables>, code_hash: string, at: Instant): Promise<void> {
  const row = {
    isp: 'minato',
    isp_name_ja: '',
    isp_name_en: '',
    month: '2026-11',
    protocol: 'telnet',
    ...DEVICE,
  } as const;
  await webOf(centre)
    .insertInto('code')
    .values([
      { ...row, kind: 'guessable', code_hash, case_id: code_hash, state: 'fixed', updated_at: at },
      { ...row, kind: 'guessable', code_hash: 'of-open', case_id: 'open', state: 'open', updated_at: at },
    ])
    .execute();
}

export const ispCase = (
  id: string,
  at: Instant,
  change: Partial<Insertable<IspTables['case']>> = {},
): Insertable<IspTables['case']> => ({
  id,
  kind: 'guessable',
  protocol: 'telnet',
  ...DEVICE,
  alert_code: '1234567890128',
  address: '10.0.0.1',
  port: 23,
  seen_at: at,
  clock_error_ms: 0,
  state: 'open',
  closed_reason: null,
  closed_at: null,
  verdict: 'unique',
  why: null,
  subscriber: null,
  feedback_revision: 1,
  feedback_sent: true,
  bundle_seq: 1,
  verdict_at: at,
  sources: '["csv"]',
  verdict_digest: null,
  disputed_at: null,
  ...change,
});

export const alert = (
  id: string,
  case_id: string,
  at: Instant,
  change: Partial<Insertable<IspTables['alert']>> = {},
): Insertable<IspTables['alert']> => ({
  id,
  case_id,
  subscriber: 'A',
  channel: 'mail',
  message: 'first',
  due_at: at,
  state: 'sent',
  sent_at: at,
  ended_reason: null,
  delivered_to: null,
  outcome: null,
  ...change,
});
