/**
 * One of every datum in the retention table, put where its role keeps it, each with a mark that can be searched for. In: a
 * store, folders, an instant from which every age runs. Out: by datum, where its traces are.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { importAssignments } from '../../src/isp/assignment/import.ts';
import { readManifest } from '../../src/isp/assignment/manifest.ts';
import { openSubscribers } from '../../src/isp/assignment/subscribers.ts';
import { openSalts, saltsDirOf } from '../../src/mandate/audit-salts.ts';
import { type KeptBudget, openBudget } from '../../src/mandate/budget.ts';
import { openTriedBefore } from '../../src/mandate/tried-before.ts';
import { type Clocks, DAY, type Instant, isoOf } from '../../src/record/instant.ts';
import type { RoundReport } from '../../src/record/progress.ts';
import type { CentreTables } from '../../src/record/tables/centre.ts';
import { letterFile } from '../../src/role/isp-alert-rows.ts';
import { verdictBook } from '../../src/role/isp-verdict-book.ts';
import { answerOrder, giveOrder } from '../../src/role/orders.ts';
import { openJournal } from '../../src/role/probe-journal.ts';
import { keepOrder, keepReport, openHits } from '../../src/role/round-files.ts';
import { noneReported, roundFolder, spoolFile } from '../../src/role/spool.ts';
import type { Store } from '../../src/store/open.ts';
import { labBody } from '../mandate/lab-paper.ts';
import * as rows from './rows.ts';

export interface Places {
  readonly store: Store;
  readonly isp: string;
  readonly prober: string;
  readonly letters: string;
  readonly assignments: string;
  /** In a folder of its own. */
  readonly verdicts: string;
  readonly clocks: Clocks;
}

/** Every line that an index can still name: its files hold no name in the open. */
export function namesIn(assignments: string): string[] {
  const { nameOf } = openSubscribers(assignments);
  const numbers = Array.from({ length: readManifest(assignments).numbers }, (_, n) => n + 1);
  return numbers.map(nameOf).filter(name => name !== undefined);
}

export interface Trace {
  /** Of its marks, how many are still there. */
  left(): Promise<number>;
  readonly marks: number;
}

export interface Traces {
  readonly of: ReadonlyMap<string, Trace>;
  readonly budget: KeptBudget;
}

export const MARK = 'tracemark';
export const REPORT: Omit<RoundReport, 'round' | 'month'> = {
  total: 1,
  sent: 1,
  excluded: 0,
  answered: 1,
  checked: 1,
  tries: 1,
  prompts: 1,
  findings: 0,
  reported: noneReported(),
  resumed: false,
  stopped: null,
};

/** The text of every file under a folder. */
export const bytesIn = (folder: string): string =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .map(name => join(folder, name))
        .filter(file => statSync(file).isFile())
        .map(file => `${file}\n${readFileSync(file, 'latin1')}`)
        .join('\n')
    : '';

export async function leaveTraces(places: Places, at: Instant): Promise<Traces> {
  const { store, isp, prober, letters, assignments, verdicts, clocks } = places;
  const [centre, web, own] = [store.centre(), store.web(), store.isp(isp)];
  const of = new Map<string, Trace>();
  const add = (datum: string, left: () => Promise<number>, marks = 1) => of.set(datum, { left, marks });
  const inTable = async (db: Kysely<never>, table: string, column: string, mark: string) =>
    Number(
      (
        await sql<{
          n: number;
        }>`select count(*)::int n from ${sql.table(table)} where ${sql.ref(column)} = ${mark}`.execute(db)
      ).rows[0]?.n,
    );
  const inStore = (datum: string, db: unknown, table: string, column: string, mark: string) =>
    add(datum, () => inTable(db as Kysely<never>, table, column, mark));
  const mark = (name: string) => `${MARK}-${name}`;

  const open = rows.caseRow('open', at, { finding_id: 'finding-open' });
  const closed = rows.caseRow(mark('case'), at, { state: 'fixed', closed_at: at });
  await centre.insertInto('case').values([open, closed]).execute();
  await centre
    .insertInto('observation')
    .values(rows.observation(mark('observation'), at))
    .execute();
  inStore('clean observations', centre, 'observation', 'id', mark('observation'));
  await centre
    .insertInto('finding')
    .values(rows.finding('finding-open', at, { sealed: mark('finding') }))
    .execute();
  inStore('sealed findings', centre, 'finding', 'sealed', mark('finding'));
  const about = { isp, case_id: mark('case') };
  await centre
    .insertInto('bundle_row')
    .values({ ...about, seq: 1, type: 'case', finding_id: null })
    .execute();
  await centre
    .insertInto('feedback')
    .values({ ...about, revision: 1, verdict: 'unique', action: 'none', day: '2026-11-24', received_at: at })
    .execute();
  const ofCase = ['case', 'bundle_row', 'feedback'] as const;
  add(
    'closed cases',
    async () => {
      const counts = ofCase.map(t => inTable(centre as never, t, t === 'case' ? 'id' : 'case_id', mark('case')));
      return (await Promise.all(counts)).reduce((a, b) => a + b);
    },
    ofCase.length,
  );
  await centre
    .insertInto('matched_pair')
    .values([mark('pair'), 'finding-open'].map(finding_id => ({ finding_id, catalogue_version: '1', ordinal: 1 })))
    .execute();
  inStore('which pair matched', centre, 'matched_pair', 'finding_id', mark('pair'));
  await centre
    .insertInto('bundle')
    .values(rows.bundle(isp, 1, at, mark('bundle')))
    .execute();
  inStore('bundles handed over', centre, 'bundle', 'sealed', mark('bundle'));

  // As in life, the centre's login publishes the code.
  await rows.publish(centre as Kysely<CentreTables>, mark('code'), at);
  inStore('alert codes', web, 'code', 'code_hash', mark('code'));
  const recheck = { case_id: 'open', result: null, decided_at: null, asked_at: at };
  await web
    .insertInto('recheck')
    .values([
      { ...recheck, id: 'one', visitor: mark('visitor'), state: 'asked' },
      { ...recheck, id: mark('recheck'), visitor: null, state: 'done' },
    ])
    .execute();
  inStore("visitors' addresses", web, 'recheck', 'visitor', mark('visitor'));
  inStore('re-checks', web, 'recheck', 'id', mark('recheck'));
  const asked = { ...rows.INQUIRY, opened_at: at };
  await web
    .insertInto('inquiry')
    .values([
      { ...asked, id: 'one', callback: mark('callback') },
      { ...asked, id: mark('inquiry') },
    ])
    .execute();
  inStore('telephone numbers', web, 'inquiry', 'callback', mark('callback'));
  inStore('inquiries', web, 'inquiry', 'id', mark('inquiry'));
  await web
    .insertInto('dispute')
    .values({ id: mark('dispute'), case_id: 'open', told_by: 'owner', told_at: at })
    .execute();
  inStore('disputes', web, 'dispute', 'id', mark('dispute'));

  await own
    .insertInto('case')
    .values([
      rows.ispCase('open', at),
      rows.ispCase('closed', at, { state: 'closed', closed_at: at, subscriber: mark('subscriber') }),
      rows.ispCase('ended', at, { state: 'closed', closed_at: at + 200 * DAY }),
    ])
    .execute();
  inStore("an ISP's closed cases", own, 'case', 'subscriber', mark('subscriber'));
  const letter = `alert-${'ab'.repeat(16)}`;
  await own
    .insertInto('alert')
    .values([
      rows.alert(mark('alert'), 'ended', at),
      rows.alert('alert-told', 'closed', at, { delivered_to: mark('recipient') }),
      rows.alert(letter, 'open', at, { channel: 'letter', delivered_to: `${letter}.pdf` }),
    ])
    .execute();
  inStore('alert recipients', own, 'alert', 'delivered_to', mark('recipient'));
  inStore('ended alerts', own, 'alert', 'id', mark('alert'));
  const incident = { case_id: 'ended', told_by: 'owner', opened_at: at, acts: '[]' } as const;
  await own
    .insertInto('incident')
    .values([
      { ...incident, id: mark('incident'), state: 'cleared', record: '{}' },
      { ...incident, id: 'undecided', state: 'open', record: '{}' },
      { ...incident, id: 'log-not-repaired', state: 'confirmed', record: '{}' },
    ])
    .execute();
  await own
    .insertInto('quarantine')
    .values([
      { source: mark('quarantine'), incident_id: mark('incident'), since: at, cleared_at: at },
      { source: 'kea', incident_id: 'log-not-repaired', since: at, cleared_at: null },
    ])
    .execute();
  add(
    'incidents',
    async () =>
      (await inTable(own as never, 'incident', 'id', mark('incident'))) +
      (await inTable(own as never, 'quarantine', 'source', mark('quarantine'))),
    2,
  );
  const inFiles = (datum: string, folder: string, ...marks: string[]) =>
    add(
      datum,
      async () => {
        const text = bytesIn(folder);
        return marks.filter(one => text.includes(one)).length;
      },
      marks.length,
    );
  mkdirSync(letters, { recursive: true });
  writeFileSync(letterFile(letters, letter), mark('letter'));
  inFiles('letters', letters, mark('letter'));

  const log = join(letters, '..', 'lines.csv');
  const held = (address: string, subscriber: string, to: string) =>
    `${address},${subscriber},${isoOf(at - 9 * DAY)},${to}`;
  const list = [held('10.0.0.1', mark('line'), isoOf(at)), held('10.0.0.2', 'still-there', '')];
  writeFileSync(log, ['address,subscriber,from,to', ...list].join('\n'));
  await importAssignments({ format: 'csv', files: [log], dir: assignments, through: at + 900 * DAY });
  // Another log, which ended: it goes whole.
  writeFileSync(log, ['address,subscriber,from,to', held('10.0.0.3', mark('ended-log'), isoOf(at))].join('\n'));
  await importAssignments({ format: 'csv', source: 'old', files: [log], dir: assignments, through: at });
  writeFileSync(log, '');
  add(
    'assignments',
    async () => namesIn(assignments).filter(name => [mark('line'), mark('ended-log')].includes(name)).length,
    2,
  );
  const book = verdictBook(verdicts, randomBytes);
  const question = { address: '10.0.0.1', port: 23, at, clockErrorMs: 0 };
  const answer = { verdict: 'log_gap', why: '' } as const;
  const before = { verdict: null, verdict_digest: null };
  book.note(at, mark('verdict'), { question, answer, steps: [] }, before);
  book.close();
  inFiles('verdicts', dirname(verdicts), mark('verdict'));

  for (const id of [mark('round'), 'broken-off']) {
    mkdirSync(roundFolder(prober, id), { recursive: true });
    keepOrder(prober, { type: 'round', id, month: '2026-11', permutationKey: '00' }, at);
    writeFileSync(spoolFile(prober, id), `${mark('spool')}-${id.length}\n`);
  }
  keepReport(prober, { ...REPORT, round: mark('round'), month: '2026-11' });
  openHits(prober, 'broken-off').add({ address: '127.98.76.54', port: 23, at });
  inFiles('spool', prober, `${mark('spool')}-${mark('round').length}`, `${mark('spool')}-10`, '127.98.76.54 23');
  inFiles('finished rounds', prober, `"id":"${mark('round')}"`, `"round":"${mark('round')}"`);
  const order = { type: 'recheck', address: '127.12.34.56', port: 23, protocol: 'telnet', kind: 'guessable' } as const;
  const journal = openJournal({ state: prober, round: mark('journal'), now: at, random: randomBytes, again: false });
  journal.add([Buffer.from('a service probed')]);
  journal.close();
  inFiles('journals of probes', prober, 'a service probed');
  giveOrder(prober, { ...order, id: mark('order'), askedAt: at, pair: null });
  inFiles('orders of re-checks', prober, mark('order'), '127.12.34.56');
  answerOrder(prober, { type: 'recheck', id: mark('answer'), result: 'fixed', askedAt: at });
  inFiles('answers to re-checks', prober, mark('answer'));
  const salts = openSalts(join(prober, 'audit.log'));
  salts.keep(at, 1, 'x', '"y"');
  salts.close();
  const day = readdirSync(saltsDirOf(join(prober, 'audit.log')));
  inFiles('attempts opened', prober, ...day.map(name => `/${name}\n`));
  const ofTries = join(prober, 'budget');
  mkdirSync(ofTries);
  openTriedBefore(ofTries, randomBytes(32), at).take([{ device: '127.64.0.8', at }], at);
  inFiles('devices tried before', prober, readFileSync(join(ofTries, 'tried-before.log'), 'latin1').slice(0, 32));
  const budget = openBudget(ofTries, labBody(), clocks);
  budget.reserve('127.64.0.9', 'root', 'attempt');
  inFiles('budget of tries', prober, readFileSync(join(ofTries, 'budget.log'), 'latin1').slice(0, 32));
  const { unconfirmed } = budget;
  const marked = {
    pair: unconfirmed.mark('pair'),
    device: unconfirmed.mark('device'),
    shape: unconfirmed.mark('shape'),
  };
  unconfirmed.set('127.64.0.9:23', { ...marked, refused: false, rungs: 0 }, at);
  inFiles('hits without a control', prober, marked.pair);
  return { of, budget };
}
