/** One ISP from sealed bundle to mail and letter, on the real parts: envelopes, logs, SMTP, Typst, PGlite. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect, sql } from 'kysely';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { FIRST_PREV, openBundle, sealBundle } from '../exchange/bundle.ts';
import { sealTo } from '../exchange/envelope.ts';
import { SAMPLE_ISSUER } from '../isp/alert/sample.ts';
import { importAssignments } from '../isp/assignment/import.ts';
import { customersFile } from '../isp/contact/customers.ts';
import { makeSealingKey, makeSigningKey } from '../mandate/keys.ts';
import type { BundleRow } from '../record/bundle.ts';
import type { FindingKind } from '../record/glossary.ts';
import type { Notice } from '../record/incident.ts';
import { DAY, HOUR, type Instant } from '../record/instant.ts';
import type { IspTables } from '../record/tables/isp.ts';
import { type IspOptions, type IspRole, startIsp } from './isp.ts';
import type { FeedbackItem } from './isp-feedback.ts';

const root = mkdtempSync(join(tmpdir(), 'notice-isp-'));
const centre = makeSigningKey();
const prober = makeSigningKey();
const own = { signing: makeSigningKey(), sealing: makeSealingKey() };
/** Tuesday 24 November 2026, 10:00 JST. */
const START = Date.UTC(2026, 10, 24, 1);
let now = START;

const mails: { to: string; messageId: string; text: string }[] = [];
let onMail = async () => {};
let answer: Error | undefined;
const sink = new SMTPServer({
  authOptional: true,
  closeTimeout: 500,
  disabledCommands: ['STARTTLS', 'AUTH'],
  onData: async (stream, session, done) => {
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(part as Buffer);
    if (answer) return done(answer);
    const mail = await simpleParser(Buffer.concat(parts));
    mails.push({
      to: session.envelope.rcptTo[0]?.address ?? '',
      messageId: mail.messageId ?? '',
      text: mail.text ?? '',
    });
    await onMail();
    done();
  },
});
sink.on('error', () => {});
await new Promise<void>(resolve => sink.listen(0, '127.0.0.1', resolve));

const engine = await PGlite.create();
const db = new Kysely<IspTables>({ dialect: new PGliteDialect({ pglite: engine }) });
await engine.exec(`
  create table bundle (seq integer primary key, digest text, received_at double precision, rows integer);
  create table "case" (id text primary key, kind text, protocol text, vendor text, model text, alert_code text, address text,
    port integer, seen_at double precision, clock_error_ms double precision, state text, closed_reason text,
    closed_at double precision, verdict text, why text, subscriber text, feedback_revision integer, feedback_sent boolean,
    bundle_seq integer, verdict_at double precision, sources text, verdict_digest text, disputed_at double precision);
  create table alert (id text primary key, case_id text, subscriber text, channel text, message text, due_at double precision,
    state text, sent_at double precision, ended_reason text, delivered_to text, outcome text);
  create table incident (id text primary key, case_id text, told_by text, opened_at double precision, state text, record text,
    acts text);
  create table quarantine (source text, incident_id text, since double precision, cleared_at double precision,
    primary key (source, incident_id));
  create table halt (id text primary key, since double precision, reason text, released_by text, released_at double precision);`);

const queue: { sealed: string; digest: string }[] = [];
const receipts: number[] = [];
const notices: Notice[] = [];
const told: FeedbackItem[] = [];
const exchange: IspOptions['exchange'] = {
  async *pull(last) {
    for (const { sealed } of queue.slice(last?.seq ?? 0)) yield await openBundle(sealed, own.sealing, [centre]);
  },
  notices: async () => notices,
  receipt: async of => void receipts.push(of.seq),
  feedback: async items => {
    told.push(...items);
    return { stored: items.length, repeated: 0, conflicting: 0, unknown: 0 };
  },
};

const caseId = (n: number) => `case-${String(n).padStart(32, '0')}`;
async function found(
  n: number,
  address: string,
  at: Instant,
  over: { kind?: FindingKind; port?: number; signer?: typeof prober; change?: 'new' | 'confirmed' } = {},
): Promise<BundleRow> {
  const { kind = 'guessable', port = 2323, signer = prober, change = 'new' } = over;
  const evidence = {
    format: 'notice-evidence/1',
    kind,
    address,
    port,
    transport: 'tcp',
    protocol: 'telnet',
    at,
    clockErrorMs: 1000,
    source: { address: '127.0.0.1', port: 1 },
    ruleCodes: ['LT8'],
    catalogueVersion: 'v',
    device: { confidence: 1 },
  };
  const sealed = await sealTo(JSON.stringify(evidence), own.sealing.publicKey, signer);
  const alertCode = `12345678${String(n).padStart(4, '0')}0`;
  return {
    type: 'case',
    caseId: caseId(n),
    change,
    kind,
    protocol: 'telnet',
    vendor: null,
    model: null,
    alertCode,
    sealed,
  };
}
async function bundle(...rows: BundleRow[]): Promise<void> {
  const manifest = {
    format: 'notice-bundle/1',
    isp: 'minato',
    seq: queue.length + 1,
    prev: queue.at(-1)?.digest ?? FIRST_PREV,
    createdAt: now,
    month: '2026-11',
    rows: rows.length,
    auditRoot: '0'.repeat(64),
  } as const;
  queue.push(await sealBundle({ manifest, rows, recipient: own.sealing.publicKey, signer: centre }));
}

const poolsFile = join(root, 'pools.json');
const contactsFile = join(root, 'customers.csv');
const dir = join(root, 'logs');
const lettersDir = join(root, 'letters');
writeFileSync(
  poolsFile,
  JSON.stringify([
    { prefix: '10.0.0.0/24', pool: 'dedicated', log: 'csv' },
    { prefix: '10.0.1.0/24', pool: 'cgn', log: 'none' },
    { prefix: '10.0.2.0/24', pool: 'map-e', log: 'none' },
  ]),
);
writeFileSync(
  contactsFile,
  [
    'subscriber,name,email,postcode,address1,address2,language',
    'A,青木 葵,a@minato.example,000-0001,訓練県みなと市1-1,,ja',
    'B,馬場 清,,000-0002,訓練県みなと市1-2,,ja',
    'C,千葉 蓮,c@minato.example,000-0003,訓練県みなと市1-3,,ja',
  ].join('\n'),
);
const log = join(root, 'lines.csv');
writeFileSync(
  log,
  [
    'address,subscriber,from,to',
    ...['A', 'B', 'C', 'D'].map((s, i) => `10.0.0.${i + 1},${s},2026-01-01T00:00:00Z,`),
  ].join('\n'),
);
await importAssignments({ format: 'csv', files: [log], dir, through: START + 400 * DAY });

const start = (): Promise<IspRole> =>
  startIsp({
    id: 'minato',
    db,
    clocks: { calendar: () => now, monotonic: () => 0 },
    exchange,
    keys: own,
    centreKeys: [centre],
    proberKeys: [prober],
    assignments: { dir },
    poolsFile,
    contacts: customersFile(contactsFile),
    lettersDir,
    smtp: { host: '127.0.0.1', port: (sink.server.address() as AddressInfo).port },
    issuer: SAMPLE_ISSUER,
    deskCapacityPerDay: 50,
    domain: 'minato.example',
  });
let isp = await start();
let crashedOne: IspRole | undefined;
let letGo = () => {};
after(async () => {
  await isp.close();
  letGo();
  await crashedOne?.close();
  await new Promise<void>(resolve => sink.close(() => resolve()));
  await engine.close();
  rmSync(root, { recursive: true, force: true });
});
const states = async () =>
  (await db.selectFrom('alert').select(['case_id', 'channel', 'state']).orderBy('id').execute())
    .map(a => `${a.case_id.slice(-1)} ${a.channel} ${a.state}`)
    .sort();

test('a bundle becomes verdicts, a mail, a letter and feedback; again it changes nothing', async () => {
  await bundle(
    await found(1, '10.0.0.1', START - HOUR),
    await found(2, '10.0.0.2', START - HOUR),
    await found(4, '10.0.0.4', START - HOUR),
    await found(5, '10.0.1.5', START - HOUR),
    await found(6, '10.0.2.6', START - HOUR),
    await found(7, '10.9.9.9', START - HOUR),
    await found(8, '10.0.0.3', START - HOUR, { signer: makeSigningKey() }),
  );
  const first = await isp.tick();
  assert.deepEqual(first, {
    pulled: 1,
    opened: 6,
    closed: 0,
    disputed: 0,
    identified: 3,
    mails: 1,
    letters: 1,
    refused: { log_gap: 1, shared_port_impossible: 1, not_mine: 1 },
    waiting: { 'not-identified': 4, 'no-contact': 1 },
    badCustomers: [],
  });
  assert.equal(mails[0]?.to, 'a@minato.example');
  assert.match(mails[0]?.text ?? '', /1234-5678-00010/);
  assert.equal(readdirSync(lettersDir).length, 1);
  assert.deepEqual(receipts, [1]);
  const actions = Object.fromEntries(told.map(t => [t.caseId.slice(-1), `${t.verdict} ${t.action} ${t.revision}`]));
  assert.deepEqual(actions, {
    '1': 'unique alerted-mail 1',
    '2': 'unique alerted-letter 1',
    '4': 'unique unreachable 1',
    '5': 'log_gap none 1',
    '6': 'shared_port_impossible none 1',
    '7': 'not_mine none 1',
    '8': 'malformed none 1',
  });
  now += DAY;
  assert.deepEqual(await isp.tick(), {
    pulled: 0,
    opened: 0,
    closed: 0,
    disputed: 0,
    identified: 0,
    refused: {},
    mails: 0,
    letters: 0,
    waiting: { 'not-identified': 4, 'nothing-due': 2, 'no-contact': 1 },
    badCustomers: [],
  });
  assert.equal(told.length, 7);
});

test('a bounce leads to a letter the next day', async () => {
  const { id } = await db.selectFrom('alert').select('id').where('channel', '=', 'mail').executeTakeFirstOrThrow();
  const dsn = [
    'To: bounce@x',
    'Content-Type: multipart/report; boundary=b',
    '',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Action: failed',
    'Status: 5.1.1',
    '',
    '--b',
    'Content-Type: text/rfc822-headers',
    '',
    `Message-ID: <${id}@minato.example>`,
    '',
    '--b--',
    '',
  ].join('\r\n');
  await isp.readBounce(dsn);
  await isp.readBounce(dsn);
  assert.deepEqual(await states(), ['1 mail bounced', '2 letter sent']);
  now += DAY;
  assert.equal((await isp.tick()).letters, 1);
  assert.equal(told.at(-1)?.action, 'alerted-letter');
  assert.equal(told.at(-1)?.revision, 2);
});

test('a closed case sends nothing more, and its letter and contact data are gone', async () => {
  await bundle(
    { type: 'close', caseId: caseId(2), reason: 'fixed' },
    { type: 'revoke', caseId: caseId(1), reason: 'withdrawn' },
  );
  const letters = readdirSync(lettersDir).length;
  assert.equal((await isp.tick()).closed, 2);
  assert.equal(readdirSync(lettersDir).length, letters - 2);
  assert.equal((await db.selectFrom('alert').select('id').where('delivered_to', 'is not', null).execute()).length, 0);
  now += 60 * DAY;
  const later = await isp.tick();
  assert.equal(later.mails + later.letters, 0);
  await bundle(await found(1, '10.0.0.1', now - HOUR, { change: 'confirmed' }));
  await isp.tick();
  assert.equal(
    (await db.selectFrom('case').select('state').where('id', '=', caseId(1)).executeTakeFirst())?.state,
    'revoked',
  );
});

test('a halt in the middle holds at once and takes two people to release', async () => {
  await isp.halt('one wrong person');
  await bundle(await found(9, '10.0.0.3', now - HOUR));
  assert.equal((await isp.tick()).mails, 0);
  assert.deepEqual(await isp.release('Aoki'), { left: 1, released: 0 });
  assert.deepEqual(await isp.release(' ＡＯＫＩ '), { left: 1, released: 0 }, 'the same person, typed otherwise');
  now += DAY;
  assert.equal((await isp.tick()).mails, 0);
  assert.deepEqual(await isp.release('Baba'), { left: 0, released: 1 });
  assert.equal((await isp.tick()).mails, 1);
});

test('a server that is busy gets it later; one that took it and a crash never lead to a second mail', async () => {
  now += 20 * DAY;
  const before = mails.length;
  answer = Object.assign(new Error('busy'), { responseCode: 451 });
  assert.equal((await isp.tick()).mails, 0);
  answer = undefined;
  // The server takes the mail, and the process ends before it can write that down.
  let cut = () => {};
  const crashed = new Promise<void>(resolve => {
    cut = resolve;
  });
  onMail = async () => {
    cut();
    await new Promise<void>(resolve => {
      letGo = resolve;
    });
  };
  crashedOne = isp;
  void crashedOne.tick().catch(() => {});
  await crashed;
  onMail = async () => {};
  assert.equal(mails.length, before + 1);
  isp = await start();
  assert.equal(isp.inDoubt, 1);
  assert.equal((await isp.tick()).mails, 0);
  now += DAY;
  assert.equal((await isp.tick()).mails, 0);
  assert.equal(mails.length, before + 1, 'nobody got it twice');
  assert.equal(new Set(mails.map(m => m.messageId)).size, mails.length);
});

test('a notice from the centre stops a case in the same tick; cleared, it goes on', async () => {
  now += 20 * DAY;
  await bundle(await found(11, '10.0.0.1', now - HOUR), await found(12, '10.0.0.3', now - HOUR));
  const day = '2027-03-01';
  notices.push({ id: `dispute-${'1'.repeat(32)}`, notice: 'disputed', caseId: caseId(11), by: 'owner', day });
  notices.push({ id: `dispute-${'2'.repeat(32)}`, notice: 'disputed', caseId: caseId(77), by: 'desk', day });
  const before = mails.length;
  const first = await isp.tick();
  assert.equal(first.disputed, 1);
  assert.equal(mails.length, before, 'one log decides both cases');
  assert.equal((await isp.tick()).disputed, 0);
  const [incident] = await db.selectFrom('incident').select(['id', 'state']).execute();
  assert.equal(await isp.clear(incident?.id ?? '', 'Aoki', 'their own router'), 'done');
  const after = await isp.tick();
  assert.equal(after.disputed, 0, 'the same notice is not heard twice');
  assert.ok(mails.length > before);
});

test('alerts without the rehearsal mark are refused', async () => {
  await assert.rejects(
    startIsp({ ...(isp as unknown as IspOptions), issuer: { ...SAMPLE_ISSUER, rehearsal: false } }),
    /signed by the authority/,
  );
  assert.ok(existsSync(lettersDir));
  await sql`select 1`.execute(db);
});
