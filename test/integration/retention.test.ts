/**
 * Invariant 9: every datum has a greatest age. One of each is put where its role keeps it; the calendar goes on day by day,
 * every role forgets, and tables and files are searched. A row of the retention table that nobody enforces fails here.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Kysely, sql } from 'kysely';
import { SAMPLE_ISSUER } from '../../src/isp/alert/sample.ts';
import { customersFile } from '../../src/isp/contact/customers.ts';
import { makeSealingKey, makeSigningKey } from '../../src/mandate/keys.ts';
import { RETENTION } from '../../src/mandate/retention.ts';
import { DAY, type Instant, monthStart } from '../../src/record/instant.ts';
import type { Centre } from '../../src/role/centre.ts';
import { freezeMonth } from '../../src/role/centre-month.ts';
import { forgetAtCentre } from '../../src/role/centre-retention.ts';
import { workAtCentre } from '../../src/role/centre-serve.ts';
import { startIsp } from '../../src/role/isp.ts';
import { forgetAtIsp } from '../../src/role/isp-retention.ts';
import { verdictBook } from '../../src/role/isp-verdict-book.ts';
import { openProber } from '../../src/role/prober.ts';
import { forgetAtProber } from '../../src/role/prober-retention.ts';
import { keepOrder, keepReport } from '../../src/role/round-files.ts';
import { roundFolder } from '../../src/role/spool.ts';
import { startWeb, type Web } from '../../src/role/web.ts';
import { countMonth } from '../../src/statistics/count.ts';
import { openStore, type Store } from '../../src/store/open.ts';
import { paperToday } from '../fixtures/paper-today.ts';
import { HASH_KEY, sampleSite } from '../pages/sample-site.ts';
import * as rows from '../retention/rows.ts';
import { bytesIn, leaveTraces, MARK, namesIn, REPORT } from '../retention/traces.ts';

/** Tuesday 24 November 2026, 10:00 JST. */
/** On the first day of a window of assignments (isp/assignment/window.ts): what ended then goes on the very day. */
const START = Date.UTC(2026, 10, 27, 1);
const OLDEST = Math.max(...RETENTION.map(row => row.days));
let now: Instant = START;
const clocks = { calendar: () => now, monotonic: () => now };
const dir = mkdtempSync(join(tmpdir(), 'notice-retention-'));
const at = (...names: string[]) => join(dir, ...names);
const kept = { lettersDir: at('letters'), assignments: { dir: at('assignments') } };
let store: Store;
let web: Web;

before(async () => {
  store = await openStore({ dir: at('store') });
  await store.addIsp('minato');
  const { deps } = sampleSite();
  const { issuer, mandate: mandateFacts } = deps;
  web = await startWeb({
    db: store.web(),
    clocks,
    port: 0,
    host: '127.0.0.1',
    hashKey: HASH_KEY,
    issuer,
    mandateFacts,
  });
});
after(async () => {
  await web?.close();
  await store?.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Every row of every table of every compartment, as text. */
async function everyTable(): Promise<string> {
  const compartments = { centre: store.centre(), web: store.web(), isp_minato: store.isp('minato') };
  let text = '';
  for (const [schema, compartment] of Object.entries(compartments)) {
    const db = compartment as unknown as Kysely<never>;
    const tables = await sql<{
      name: string;
    }>`select tablename as name from pg_tables where schemaname = ${schema}`.execute(db);
    assert.ok(tables.rows.length > 2, schema);
    for (const { name } of tables.rows)
      text += JSON.stringify((await sql`select * from ${sql.table(name)}`.execute(db)).rows);
  }
  return text;
}

test('each datum of the table is there a day before its time and gone a day after, wherever it was', async () => {
  const places = {
    store,
    isp: 'minato',
    prober: at('prober'),
    letters: kept.lettersDir,
    assignments: kept.assignments.dir,
    verdicts: at('verdicts', 'verdicts.audit'),
    clocks,
  };
  const book = verdictBook(places.verdicts, randomBytes);
  const { of, budget } = await leaveTraces(places, START);
  assert.deepEqual([...of.keys()].sort(), RETENTION.map(row => row.datum).sort());
  for (const [datum, trace] of of) assert.equal(await trace.left(), trace.marks, `${datum} was put down`);
  const search = async () =>
    [await everyTable(), ...['prober', 'letters', 'assignments', 'verdicts'].map(name => bytesIn(at(name)))].join('\n');
  assert.ok((await search()).split(MARK).length > of.size);

  for (let day = 1; day <= OLDEST + 1; day++) {
    now = START + day * DAY;
    // Forgetting asks only what day it is, so days on which nothing nears its time need no pass.
    if (day % 10 !== 0 && !RETENTION.some(row => Math.abs(row.days - day) <= 1)) continue;
    await forgetAtCentre(store.centre(), now);
    await web.forget();
    await forgetAtIsp({ db: store.isp('minato'), ...kept, book }, now);
    forgetAtProber(at('prober'), now);
    budget.forget();
    for (const { datum, days } of RETENTION) {
      const trace = of.get(datum);
      assert.ok(trace, datum);
      if (day === days - 1) assert.equal(await trace.left(), trace.marks, `${datum}, a day before its time`);
      if (day === days + 1) assert.equal(await trace.left(), 0, `${datum}, a day after its time`);
    }
  }
  budget.close();

  const left = await search();
  assert.equal(left.indexOf(MARK), -1, left.slice(left.indexOf(MARK) - 200, left.indexOf(MARK) + 100));
  for (const address of ['127.98.76.54', '127.12.34.56']) assert.ok(!left.includes(address), address);
  // What still serves its purpose is there: the open case with its pair and its page, its alert, who holds a line, the chain.
  const centre = store.centre();
  assert.deepEqual(
    (await centre.selectFrom('case').select('id').execute()).map(c => c.id),
    ['open'],
  );
  assert.equal((await centre.selectFrom('matched_pair').selectAll().execute()).length, 1);
  assert.deepEqual(await centre.selectFrom('bundle').select(['seq', 'prev', 'digest', 'sealed']).execute(), [
    { seq: 1, prev: 'p', digest: 'd1', sealed: '' },
  ]);
  assert.deepEqual(
    (await store.web().selectFrom('code').select('code_hash').execute()).map(c => c.code_hash),
    ['of-open'],
  );
  assert.equal((await store.isp('minato').selectFrom('alert').select('id').execute()).length, 1);
  assert.deepEqual(namesIn(kept.assignments.dir), ['still-there']);
  assert.ok(!left.includes('still-there'), 'no name of a line lies in the open');
  const undecided = await store.isp('minato').selectFrom('incident').select('id').orderBy('id').execute();
  assert.deepEqual(
    undecided.map(i => i.id),
    ['log-not-repaired', 'undecided'],
  );
  assert.deepEqual(Object.values(await forgetAtCentre(centre, now)), [0, 0, 0, 0, 0]);
  const again = await forgetAtIsp({ db: store.isp('minato'), ...kept, book }, now);
  assert.deepEqual([...new Set(Object.values(again))], [0]);
});

test('a month counts the same whether its observations are gone, and a frozen one stays as it was', async () => {
  const db = store.centre();
  const known = { rehearsal: true, isps: 1, ports: 3 };
  const more = { ...known, rechecked: 0, inquiries: [] };
  const surveyed = monthStart('2027-08') + 2 * DAY;
  await db
    .insertInto('round')
    .values(rows.round('r-08', '2027-08', surveyed))
    .execute();
  const seen = Array.from({ length: 1_203 }, (_, n) =>
    rows.observation(`o${n}`, surveyed + n, { round: 'r-08', prompt: n % 3 > 0 }),
  );
  for (let from = 0; from < seen.length; from += 200)
    await db
      .insertInto('observation')
      .values(seen.slice(from, from + 200))
      .execute();
  const found = ['a', 'b', 'c'].map(id => rows.finding(id, surveyed, { round: 'r-08' }));
  await db.insertInto('finding').values(found).execute();
  const cases = [
    rows.caseRow('still', surveyed, { finding_id: 'a' }),
    rows.caseRow('over', surveyed, { finding_id: 'b', state: 'fixed', closed_at: surveyed + DAY }),
  ];
  await db.insertInto('case').values(cases).execute();
  const counted = await countMonth(db, more, '2027-08');
  assert.equal(counted.prompts, 802);
  assert.equal(counted.detected.guessable, 3);

  now = surveyed + 30 * DAY + 600;
  assert.equal((await forgetAtCentre(db, now))['clean observations'], 601);
  assert.deepEqual(await countMonth(db, more, '2027-08'), counted);
  now = surveyed + 31 * DAY;
  assert.deepEqual(await forgetAtCentre(db, now), {
    'clean observations': 602,
    'closed cases': 0,
    'sealed findings': 0,
    'which pair matched': 0,
    'bundles handed over': 0,
  });
  assert.deepEqual(await countMonth(db, more, '2027-08'), counted);

  const frozen = await freezeMonth(db, known, '2027-08', now);
  now += DAY;
  // Now nothing but the open case needs a finding.
  assert.equal((await forgetAtCentre(db, now))['sealed findings'], 2);
  now = surveyed + 400 * DAY;
  await forgetAtCentre(db, now);
  assert.notDeepEqual(await countMonth(db, more, '2027-08'), counted);
  const again = await freezeMonth(db, known, '2027-08', now);
  assert.deepEqual([again.figures, again.digest], [frozen.figures, frozen.digest]);
});

test('a bundle nobody fetched is kept until the findings in it are too old', async () => {
  const db = store.centre();
  await db
    .insertInto('bundle')
    .values({ ...rows.bundle('minato', 2, now, 'waiting'), state: 'queued', acknowledged_at: null })
    .execute();
  const sealed = async () => (await db.selectFrom('bundle').select('sealed').where('seq', '=', 2).execute())[0]?.sealed;
  await forgetAtCentre(db, now + 179 * DAY);
  assert.equal(await sealed(), 'waiting');
  await forgetAtCentre(db, now + 180 * DAY);
  assert.equal(await sealed(), '');
});

test('a centre that stays up forgets once a day', async () => {
  const db = store.centre();
  const stop = new AbortController();
  await db.insertInto('observation').values(rows.observation('today', now)).execute();
  now += 31 * DAY;
  let turns = 0;
  let put = 0;
  const centre = {
    handOver: async () => new Map(),
    rechecks: async () => {
      // Old as it is, what comes later on the same day waits for the next.
      if (++turns === 2)
        put = (await db.insertInto('observation').values(rows.observation('late', 0)).execute()).length;
      if (turns === 4) stop.abort();
      return 1;
    },
  } as unknown as Centre;
  await workAtCentre({
    centre,
    db,
    clocks,
    proberState: at('none'),
    addresses: 0,
    known: { rehearsal: true, isps: 1, ports: 1 },
    signal: stop.signal,
    say: () => {},
  });
  assert.equal(put, 1);
  assert.deepEqual(
    (await db.selectFrom('observation').select('id').execute()).map(o => o.id),
    ['late'],
  );
});

test('an ISP forgets in its tick', async () => {
  const db = store.isp('minato');
  writeFileSync(at('pools.json'), '[]');
  writeFileSync(at('customers.csv'), 'subscriber,name,email,postcode,address1,address2,language\n');
  await db
    .insertInto('case')
    .values(rows.ispCase('gone', now - 90 * DAY, { state: 'revoked', closed_at: now - 90 * DAY }))
    .execute();
  const isp = await startIsp({
    id: 'minato',
    db,
    clocks,
    exchange: {
      async *pull() {},
      notices: async () => [],
      receipt: async () => {},
      feedback: async () => ({ stored: 0, repeated: 0, conflicting: 0, unknown: 0 }),
    },
    keys: { signing: makeSigningKey(), sealing: makeSealingKey() },
    centreKeys: [],
    proberKeys: [],
    ...kept,
    poolsFile: at('pools.json'),
    contacts: customersFile(at('customers.csv')),
    smtp: { host: '127.0.0.1', port: 1 },
    issuer: SAMPLE_ISSUER,
    deskCapacityPerDay: 1,
    domain: 'minato.example',
  });
  try {
    await isp.tick();
  } finally {
    await isp.close();
  }
  assert.deepEqual(await db.selectFrom('case').select('id').where('id', '=', 'gone').execute(), []);
});

test('a prober forgets when it starts and on each new day', () => {
  const state = at('second-prober');
  const paper = paperToday({ isps: { 'isp-a': ['127.92.0.0/29'] }, ports: { telnet: [23] } });
  let today = Date.now();
  const begun = (id: string, begunAt: Instant) => {
    mkdirSync(roundFolder(state, id), { recursive: true });
    keepOrder(state, { type: 'round', id, month: '2026-11', permutationKey: '00' }, begunAt);
    keepReport(state, { ...REPORT, round: id, month: '2026-11' });
  };
  begun('long-ago', today - 91 * DAY);
  begun('tomorrow', today - 90 * DAY + 1_000);
  const prober = openProber({
    state,
    files: { mandate: paper.mandate },
    clocks: { calendar: () => today, monotonic: () => performance.now() },
    calendarOffsetMs: 0,
    random: n => randomBytes(n),
    signing: makeSigningKey(),
    recognition: randomBytes(32),
    driver: 'auto',
  });
  try {
    const there = () => ['long-ago', 'tomorrow'].map(id => existsSync(roundFolder(state, id)));
    assert.deepEqual(there(), [false, true]);
    prober.forget();
    assert.deepEqual(there(), [false, true]);
    today += DAY;
    prober.forget();
    assert.deepEqual(there(), [false, false]);
  } finally {
    prober.close();
  }
});
