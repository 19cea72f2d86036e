import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Insertable, Kysely } from 'kysely';
import type { FindingKind } from '../record/glossary.ts';
import { instantOf } from '../record/instant.ts';
import type { CentreTables } from '../record/tables/centre.ts';
import { openStore, type Store } from '../store/open.ts';
import { countMonth } from './count.ts';
import { releaseOf } from './release.ts';

const dir = mkdtempSync(join(tmpdir(), 'notice-count-'));
const at = (text: string) => instantOf(`${text}+09:00`) as number;
const KNOWN = { rehearsal: true, isps: 2, ports: 3, rechecked: 1, inquiries: [{ outcome: 'solved', count: 2 }] };
let store: Store;
let db: Kysely<CentreTables>;

const round = (id: string, month: string): CentreTables['round'] => ({
  id,
  month,
  mandate_id: 'm',
  mandate_digest: 'd',
  addresses: 4096,
  started_at: at(`${month}-02T01:00`),
  finished_at: null,
  state: 'done',
});
const sweep = (of: string, shard: number, answered: number): CentreTables['sweep_count'] => ({
  round: of,
  shard,
  total: 100,
  sent: 100,
  excluded: 0,
  answered,
  done: true,
});
let serial = 0;
const finding = (
  of: string,
  kind: FindingKind,
  vendor: string | null,
  model: string | null,
): CentreTables['finding'] => ({
  id: `f${serial++}`,
  round: of,
  isp: 'isp-a',
  kind,
  line_key: `line${serial}`,
  port: 23,
  protocol: 'telnet',
  at: at('2026-11-02T02:00'),
  vendor,
  model,
  rule_codes: '[]',
  sealed: 'x',
});
const seen = (of: string, prompt: boolean): CentreTables['observation'] => ({
  id: `o${serial++}`,
  round: of,
  shard: 0,
  isp: 'isp-a',
  line_key: `line${serial}`,
  port: 23,
  protocol: 'telnet',
  at: at('2026-11-02T02:00'),
  reported: 'clear',
  prompt,
  vendor: null,
  model: null,
  firmware_state: null,
  catalogue_version: '1',
  clears: '[]',
});
const caseRow = (
  id: string,
  first: string,
  change: Partial<Insertable<CentreTables['case']>> = {},
): Insertable<CentreTables['case']> => ({
  id,
  isp: 'isp-a',
  kind: 'guessable',
  line_key: id,
  port: 23,
  protocol: 'telnet',
  vendor: null,
  model: null,
  state: 'open',
  returned: false,
  first_seen: at(first),
  last_seen: at(first),
  rounds_unseen: 0,
  closed_at: null,
  finding_id: 'f',
  code_generation: 0,
  ...change,
});
const bundle = (isp: string, seq: number, month: string): CentreTables['bundle'] => ({
  isp,
  seq,
  prev: '',
  digest: '',
  sealed: '',
  rows: 1,
  month,
  created_at: at(`${month}-03T00:00`),
  state: 'queued',
  delivered_at: null,
  acknowledged_at: null,
});
const answer = (
  case_id: string,
  revision: number,
  verdict: CentreTables['feedback']['verdict'],
  action: CentreTables['feedback']['action'],
  day: string,
): CentreTables['feedback'] => ({ isp: 'isp-a', case_id, revision, verdict, action, day, received_at: 0 });

before(async () => {
  store = await openStore({ dir: join(dir, 'store') });
  db = store.centre();
  await db
    .insertInto('round')
    .values([round('r10', '2026-10'), round('r11', '2026-11'), round('r11b', '2026-11')])
    .execute();
  await db
    .insertInto('sweep_count')
    .values([sweep('r10', 0, 900), sweep('r11', 0, 30), sweep('r11', 1, 12), sweep('r11b', 0, 5)])
    .execute();
  await db
    .insertInto('observation')
    .values([seen('r11', true), seen('r11', true), seen('r11', false), seen('r10', true)])
    .execute();
  await db
    .insertInto('finding')
    .values([
      finding('r11', 'guessable', 'Aoba', 'Cam-120'),
      finding('r11', 'guessable', 'Aoba', 'Cam-120'),
      finding('r11b', 'guessable', 'Aoba', null),
      finding('r11', 'guessable', null, null),
      finding('r11', 'firmware', 'Minato', 'R2'),
      finding('r10', 'no-login', null, null),
    ])
    .execute();
  await db
    .insertInto('case')
    .values([
      // Edges of the JST month: the last minute before it, its first, its last, the first after it.
      caseRow('old-fixed-before', '2026-10-05T00:00', { state: 'fixed', closed_at: at('2026-10-31T23:59') }),
      caseRow('old-fixed-in', '2026-10-05T00:00', { state: 'fixed', closed_at: at('2026-11-01T00:00') }),
      caseRow('new-fixed-in', '2026-11-02T02:00', { state: 'fixed', closed_at: at('2026-11-30T23:59') }),
      caseRow('new-fixed-later', '2026-11-02T02:00', { state: 'fixed', closed_at: at('2026-12-01T00:00') }),
      caseRow('gone', '2026-10-05T00:00', { state: 'not-seen', closed_at: at('2026-11-10T00:00') }),
      caseRow('open-old', '2026-10-05T00:00'),
      caseRow('open-new', '2026-11-30T23:59', { returned: true }),
      caseRow('open-next', '2026-12-01T00:00', { returned: true }),
      caseRow('withdrawn', '2026-11-02T02:00', { state: 'withdrawn', closed_at: at('2026-11-05T00:00') }),
    ])
    .execute();
  await db
    .insertInto('bundle')
    .values([bundle('isp-a', 1, '2026-10'), bundle('isp-a', 2, '2026-11'), bundle('isp-a', 3, '2026-11')])
    .execute();
  await db
    .insertInto('bundle_row')
    .values([
      { isp: 'isp-a', seq: 1, case_id: 'open-old', type: 'case', finding_id: 'f' },
      { isp: 'isp-a', seq: 2, case_id: 'open-old', type: 'case', finding_id: 'f' },
      { isp: 'isp-a', seq: 2, case_id: 'new-fixed-in', type: 'case', finding_id: 'f' },
      { isp: 'isp-a', seq: 3, case_id: 'new-fixed-in', type: 'case', finding_id: 'g' },
      { isp: 'isp-a', seq: 3, case_id: 'new-fixed-later', type: 'case', finding_id: 'f' },
      { isp: 'isp-a', seq: 3, case_id: 'gone', type: 'close', finding_id: null },
    ])
    .execute();
  await db
    .insertInto('feedback')
    .values([
      answer('new-fixed-in', 1, 'log_pending', 'none', '2026-11-04'),
      answer('new-fixed-in', 2, 'unique', 'alerted-mail', '2026-11-05'),
      answer('new-fixed-in', 3, 'unique', 'alerted-letter', '2026-11-30'),
      answer('new-fixed-later', 1, 'shared_no_port', 'none', '2026-11-05'),
      // Known only in December, and of a case of another month: neither counts in November.
      answer('open-old', 1, 'unique', 'alerted-mail', '2026-12-01'),
      answer('gone', 1, 'ambiguous_edge', 'none', '2026-11-05'),
    ])
    .execute();
});
after(async () => {
  await store?.close();
  rmSync(dir, { recursive: true, force: true });
});

test('a month is counted as by hand', async () => {
  assert.deepEqual(await countMonth(db, KNOWN, '2026-11'), {
    month: '2026-11',
    rehearsal: true,
    isps: 2,
    addresses: 8192,
    ports: 3,
    answered: 47,
    prompts: 2,
    detected: { guessable: 4, 'no-login': 0, firmware: 1, infected: 0, reflector: 0 },
    returned: 1,
    handedOver: 3,
    identified: 1,
    refused: [{ reason: 'shared_no_port', cases: 1 }],
    alertedMail: 1,
    alertedLetter: 1,
    rechecked: 1,
    fixed: 2,
    notSeen: 1,
    stillOpen: 3,
    models: [
      { label: 'Aoba Cam-120', cases: 2 },
      { label: 'Aoba', cases: 1 },
      { label: '–', cases: 1 },
    ],
    inquiries: [{ outcome: 'solved', count: 2 }],
  });
});

test('a month without a round is a month of zeros', async () => {
  const quiet = await countMonth(db, KNOWN, '2027-06');
  assert.deepEqual([quiet.addresses, quiet.answered, quiet.handedOver, quiet.models.length], [0, 0, 0, 0]);
});

test('counting again gives the same bytes, also after December has gone on', async () => {
  const first = releaseOf(await countMonth(db, KNOWN, '2026-11'));
  assert.deepEqual(releaseOf(await countMonth(db, KNOWN, '2026-11')), first);
  await db
    .updateTable('case')
    .set({ state: 'fixed', closed_at: at('2026-12-04T00:00') })
    .where('id', '=', 'open-new')
    .execute();
  await db.insertInto('round').values(round('r12', '2026-12')).execute();
  await db
    .insertInto('finding')
    .values(finding('r12', 'guessable', 'Aoba', 'Cam-120'))
    .execute();
  await db
    .insertInto('feedback')
    .values(answer('new-fixed-later', 2, 'unique', 'alerted-mail', '2026-12-02'))
    .execute();
  assert.deepEqual(releaseOf(await countMonth(db, KNOWN, '2026-11')), first);
});
