import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readVerdicts } from '../isp/assignment/verdict-audit.ts';
import { makeSigningKey, type SigningKey, signBody, writeKey } from '../mandate/keys.ts';
import { digestOf } from '../record/digest.ts';
import type { Fault } from '../record/fault.ts';
import { DAY, dayOf, instantOf, isoOf, monthOf } from '../record/instant.ts';
import { type ApprovalBody, checkApproval } from './isp-approval.ts';
import { countAsk } from './isp-ask-count.ts';

const dir = mkdtempSync(join(tmpdir(), 'notice-cli-ask-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const program = fileURLToPath(new URL(`./notice${extname(import.meta.url)}`, import.meta.url));
const notice = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'isp', ...args], {
    cwd: dir,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};

const put = (file: string, value: unknown): string => {
  writeFileSync(join(dir, file), typeof value === 'string' ? value : JSON.stringify(value));
  return file;
};
const AT = '2026-11-22T10:30:00+09:00';
/** Not of a rehearsal, and nobody's any more (RFC 7526). */
const SOMEBODY = '192.88.99.9';
put(
  'lines.csv',
  [
    'address,subscriber,from,to',
    '127.64.0.9,HK-1,2026-01-01T00:00:00+09:00,',
    '127.64.0.10,HK-2,2026-01-01T00:00:00+09:00,2026-11-22T10:29:58+09:00',
    '127.64.0.10,HK-3,2026-11-22T10:29:59+09:00,',
    `${SOMEBODY},the-neighbour,2026-01-01T00:00:00+09:00,`,
  ].join('\n'),
);
put('pools.json', [
  { prefix: '127.64.0.0/16', pool: 'dedicated', log: 'csv' },
  { prefix: '192.88.99.0/24', pool: 'dedicated', log: 'csv' },
]);
const through = isoOf(Date.now() + DAY);
const into = notice('import', '--format', 'csv', '--dir', 'logs', '--through', through, 'lines.csv');
assert.equal(into.status, 0, into.stderr);

const ask = (address: string, ...more: string[]) =>
  notice('ask', '--dir', 'logs', '--pools', 'pools.json', '--address', address, '--port', '2323', '--at', AT, ...more);

test("a rehearsal's address: what the logs say, why, and what would help", () => {
  const clear = ask('127.64.0.9');
  assert.equal(clear.status, 0, clear.stderr);
  assert.match(clear.stdout, /^unique: line HK-1\n {2}one line held the address, and no other could have\.\n/);
  assert.match(clear.stdout, /pool 127\.64\.0\.0\/16\): 2026-11-22 10:29:57 to 2026-11-22 10:30:03 JST, by csv/);
  assert.match(clear.stdout, /HK-1 +csv +2026-01-01 00:00:00 to /);
  const edge = ask('127.64.0.10');
  assert.match(edge.stdout, /^ambiguous_edge\n/);
  assert.match(edge.stdout, /What would make it unique: a finding further from the change/);
  const record = JSON.parse(ask('127.64.0.10', '--json').stdout);
  assert.deepEqual(
    [record.verdict, record.steps[0].holds[0].line, 'subscriber' in record],
    ['ambiguous_edge', 'HK-2', false],
  );
  assert.equal(existsSync(join(dir, 'logs/asks')), false, 'nothing of a rehearsal is counted');
});

test("a pools file that leads a rehearsal's address to somebody's answers nothing", () => {
  const map = [{ kind: 'map-e', ipv4Prefix: '127.64.0.9/32', ipv6Prefix: '100::/56', eaBits: 0 }];
  put('led.json', [
    { prefix: '127.64.0.0/16', pool: 'dedicated', log: 'csv', map },
    { prefix: '100::/32', pool: 'dynamic', log: 'csv' },
  ]);
  const led = notice(
    'ask',
    '--dir',
    'logs',
    '--pools',
    'led.json',
    '--address',
    '127.64.0.9',
    '--port',
    '9000',
    '--at',
    AT,
  );
  assert.deepEqual([led.status, led.stdout], [3, '']);
});

const [asker, lead, stranger] = [makeSigningKey(), makeSigningKey(), makeSigningKey()];
const pin = ({ key, publicKey }: SigningKey) => ({ key, publicKey });
put('trust.json', { format: 'notice-isp-trust/1', asker: [pin(asker)], lead: [pin(lead)] });
const soon = (ms: number) => isoOf(Date.now() + ms);
const BODY: ApprovalBody = {
  format: 'notice-isp-approval/1',
  address: SOMEBODY,
  port: 2323,
  at: AT,
  reason: 'ticket 4711: the customer rang about it',
  expires: soon(DAY),
};
const paper = (more: Partial<ApprovalBody> = {}, keys: readonly [SigningKey, SigningKey] = [asker, lead]) => {
  const body = { ...BODY, ...more };
  return { body, signatures: [signBody(body, 'asker', keys[0]), signBody(body, 'lead', keys[1])] };
};
const byPaper = (value: unknown, trust = 'trust.json', address = SOMEBODY) =>
  ask(address, '--approval', put('paper.json', value), '--trust', trust);

const check = (value: unknown, trust = 'trust.json') =>
  checkApproval(
    join(dir, put('paper.json', value)),
    join(dir, trust),
    { address: SOMEBODY, port: 2323, at: instantOf(AT) as number },
    Date.now(),
  );

test("somebody's address: every paper that is not whole is refused with its reason, and nothing is counted", () => {
  const refusals: readonly (readonly [RegExp, () => unknown])[] = [
    [/no valid signature by the lead/, () => check(paper({}, [asker, stranger]))],
    [/no valid signature by the lead/, () => check(paper({}, [asker, asker]))],
    [/no valid signature by the asker/, () => check(paper({}, [lead, lead]))],
    [/no valid signature by the lead/, () => check({ body: BODY, signatures: [signBody(BODY, 'asker', asker)] })],
    [
      /no valid signature by the asker/,
      () => check({ ...paper(), body: { ...BODY, reason: 'something else altogether' } }),
    ],
    [/about another address/, () => check(paper({ address: '192.88.99.10' }))],
    [/about another port/, () => check(paper({ port: 80 }))],
    [/about another instant/, () => check(paper({ at: '2026-11-22T10:31:00+09:00' }))],
    [/the paper expired/, () => check(paper({ expires: soon(-1_000) }))],
    [/more than a week/, () => check(paper({ expires: soon(8 * DAY) }))],
    [/too short to be a reason/, () => check(paper({ reason: 'because' }))],
    [/must be "notice-isp-approval\/1"/, () => check(paper({ format: 'notice-consent/1' as ApprovalBody['format'] }))],
    [
      /is of asker and lead/,
      () =>
        check(
          paper({}, [lead, lead]),
          put('both.json', { format: 'notice-isp-trust/1', asker: [pin(lead)], lead: [pin(lead)] }),
        ),
    ],
    [
      /is not of its key/,
      () =>
        check(
          paper(),
          put('bent.json', {
            format: 'notice-isp-trust/1',
            asker: [pin(asker)],
            lead: [{ ...pin(lead), key: asker.key }],
          }),
        ),
    ],
  ];
  for (const [why, run] of refusals)
    assert.throws(run, (fault: Fault) => why.test(fault.message) && fault.exit === 3, String(why));
  assert.equal(check(paper()), digestOf(paper().body));
  const refused = (why: RegExp, { status, stdout, stderr }: ReturnType<typeof notice>) => {
    assert.match(stderr, why);
    assert.deepEqual([status, stdout], [3, '']);
  };
  refused(/verified bundle/, ask(SOMEBODY));
  refused(/paper\.json: the paper expired/, byPaper(paper({ expires: soon(-1_000) })));
  refused(/none\.json: is missing/, ask(SOMEBODY, '--approval', 'none.json', '--trust', 'trust.json'));
  assert.equal(ask(SOMEBODY, '--approval', put('paper.json', paper())).status, 2, '--trust is missing');
  assert.equal(existsSync(join(dir, 'logs/asks/count.json')), false);
});

test('with both signatures: verdict and reason, never a name; counted, and in the audit', () => {
  const { status, stdout, stderr } = byPaper(paper());
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^unique\n {2}one line held/);
  assert.match(stdout, /\bA +csv +2026-01-01/);
  assert.doesNotMatch(stdout, /neighbour|HK-/);
  const record = JSON.parse(ask(SOMEBODY, '--approval', 'paper.json', '--trust', 'trust.json', '--json').stdout);
  assert.equal('subscriber' in record, false);
  assert.equal(record.steps[0].holds[0].line, 'A');
  const count = JSON.parse(readFileSync(join(dir, 'logs/asks/count.json'), 'utf8'));
  assert.deepEqual([count.days, count.months], [{ [dayOf(Date.now())]: 2 }, { [monthOf(Date.now())]: 2 }]);
  const { lines } = readVerdicts(join(dir, 'logs/asks/verdicts.audit'));
  assert.deepEqual(
    lines.map(l => [l.by, l.verdict]),
    [
      ['ask', 'unique'],
      ['ask', 'unique'],
    ],
  );
  assert.equal(lines[0]?.inputs, lines[1]?.inputs, 'asked twice, the same was looked at');
  assert.doesNotMatch(readFileSync(join(dir, 'logs/asks/verdicts.audit'), 'utf8'), /192\.88\.99|neighbour/);
});

test('twenty a day, counted whatever becomes of the answer; deleting the count does not help', () => {
  const file = join(dir, 'own-count.json');
  const now = Date.UTC(2026, 10, 22, 3);
  for (let n = 1; n <= 20; n++) assert.equal(countAsk(file, now, 0), n);
  assert.throws(() => countAsk(file, now, 0), /20 questions were asked by hand today/);
  assert.equal(countAsk(file, now + DAY, 0), 1);
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')).months, { '2026-11': 21 });
  rmSync(file);
  assert.throws(() => countAsk(file, now, 20), /20 questions/, 'the audit knows of them');
  writeFileSync(file, '{');
  assert.throws(() => countAsk(file, now, 0), /not JSON/, 'a count that cannot be read is no licence');
  const asks = join(dir, 'logs/asks/count.json');
  const full = { format: 'notice-isp-asks/1', days: { [dayOf(Date.now())]: 20 }, months: {} };
  writeFileSync(asks, JSON.stringify(full));
  const { status, stdout, stderr } = byPaper(paper());
  assert.deepEqual([status, stdout], [3, '']);
  assert.match(stderr, /ask again tomorrow/);
});

test('the paper is written by one and signed by the other as it stands', () => {
  writeKey(join(dir, 'asker.key.json'), asker);
  writeKey(join(dir, 'lead.key.json'), lead);
  rmSync(join(dir, 'logs/asks'), { recursive: true, force: true });
  const approve = (who: string, address = SOMEBODY) =>
    notice(
      ...['approve', 'made.json', '--address', address, '--port', '2323', '--at', AT, '--as', who],
      ...['--key', `${who}.key.json`, '--reason', 'ticket 4711: the customer rang'],
    );
  assert.match(approve('asker').stdout, /still to be signed by the lead/);
  assert.match(ask(SOMEBODY, '--approval', 'made.json', '--trust', 'trust.json').stderr, /signature by the lead/);
  const second = approve('lead', '192.88.99.77');
  assert.match(
    second.stdout,
    /192\.88\.99\.9 port 2323[\s\S]*signed by both/,
    'the words of the paper, not of the command line',
  );
  assert.match(ask(SOMEBODY, '--approval', 'made.json', '--trust', 'trust.json').stdout, /^unique\n/);
});
