/**
 * What is wrong with the paper, the machine or the input stops the real command with one line that names file and remedy,
 * with the documented exit code, and nothing arrives at the far end: real listeners on every address of the mandate count.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { signBody } from '../../src/mandate/keys.ts';
import { Fault } from '../../src/record/fault.ts';
import { DAY, isoOf } from '../../src/record/instant.ts';
import type { MandateBody } from '../../src/record/mandate.ts';
import type { RoundReport } from '../../src/record/progress.ts';
import { listen } from '../../src/role/listen.ts';
import { notice, type Ran } from '../fixtures/command.ts';
import { type Listeners, listenOn } from '../fixtures/listeners.ts';
import { paperToday, type TodayWish } from '../fixtures/paper-today.ts';
import { type TelnetDevices, telnetDevices } from '../fixtures/telnet-devices.ts';
import { consentBody, ispKey, KEYS, type Lab } from '../mandate/lab-paper.ts';

const ISPS = { 'isp-a': ['127.93.0.0/30'], 'isp-b': ['127.93.0.4/30'] };
const ADDRESSES = Array.from({ length: 8 }, (_, n) => `127.93.0.${n}`);
const inDays = (days: number) => isoOf(Date.now() + days * DAY);
const dir = mkdtempSync(join(tmpdir(), 'notice-bad-'));

let telnet: TelnetDevices;
let http: Listeners;
before(async () => {
  const strong = { user: 'admin', password: 'Kaki-no-ki-47-and-long' };
  telnet = await telnetDevices(Object.fromEntries(ADDRESSES.map(address => [address, strong])));
  http = await listenOn(ADDRESSES);
});
after(async () => {
  await Promise.all([telnet.close(), http.close()]);
  rmSync(dir, { recursive: true, force: true });
});

/** Connections at the far end so far, on every address and port that the mandate names. */
const arrived = () => telnet.connections() + [...http.seen.values()].reduce((sum, one) => sum + one, 0);

type Bad = Lab & { readonly body: MandateBody };
const paper = (wish: Partial<TodayWish> = {}): Bad =>
  paperToday({
    isps: ISPS,
    ports: { telnet: [telnet.port], http: [http.port] },
    limits: { gapMs: 5 },
    deadlines: { settleMs: 40 },
    ...wish,
  });

let states = 0;
const newState = () => join(dir, `state-${states++}`);

/** Every command that may send something under this mandate, each in a state folder of its own. */
function everyCommand({ mandate }: Lab): Promise<Ran[]> {
  const input = ADDRESSES.map(address => `${JSON.stringify({ address, port: telnet.port })}\n`).join('');
  return Promise.all([
    notice(['round', 'run', '--mandate', mandate, '--state', newState()]),
    notice(['sweep', '--mandate', mandate, '--state', newState()]),
    notice(['probe', '--mandate', mandate, '--state', newState()], { input }),
  ]);
}

/** `notice: WHERE: WHAT; REMEDY (exit N)`, one line and nothing else. */
function oneLine({ err, out, exit }: Ran, expected: { exit: number; where: string; what: RegExp }): void {
  const { where, what } = expected;
  assert.equal(err.trimEnd().split('\n').length, 1, err);
  assert.ok(err.startsWith(`notice: ${where}`), `${err} does not begin with ${where}`);
  const [, place, words, remedy, code] = /^notice: (\S+?): (.+?); (.+) \(exit (\d)\)\n$/.exec(err) ?? [];
  assert.match(`${place}: ${words}`, what);
  assert.ok(remedy !== undefined && remedy.length > 3, `no remedy in ${err}`);
  assert.deepEqual([Number(code), exit, out], [expected.exit, expected.exit, '']);
}

test('the far end can see: the same paper unspoiled is swept and probed', async () => {
  const good = paper();
  try {
    const from = arrived();
    const [round, swept, probed] = await everyCommand(good);
    assert.deepEqual([round?.exit, swept?.exit, probed?.exit], [0, 0, 0], `${round?.err}${swept?.err}${probed?.err}`);
    assert.ok(arrived() - from > 3 * 2 * ADDRESSES.length, `${arrived() - from} arrived`);
    const before = arrived();
    const dry = await notice(['round', 'run', '--mandate', good.mandate, '--state', newState(), '--driver', 'dry']);
    assert.equal(dry.exit, 0, dry.err);
    assert.match(dry.out, /would be sent +16/);
    assert.equal(arrived(), before, 'a dry round sends nothing');
  } finally {
    good.remove();
  }
});

interface Spoilt {
  readonly what: RegExp;
  /** In the paper's folder. */
  readonly where: string;
  readonly wish?: Partial<TodayWish>;
  readonly spoil?: (lab: Bad) => void;
}
const rewritten = (change: (body: MandateBody) => object) => (lab: Bad) => lab.write(change(lab.body));
const consentOf = (lab: Lab, isp: string, prefixes: readonly string[], signedAt: number) => {
  const body = consentBody({ isp, prefixes, signedAt });
  lab.edit(`consents/${isp}.json`, () => ({ body, signatures: [signBody(body, isp, ispKey(isp))] }));
};

const MATRIX: Readonly<Record<string, Spoilt>> = {
  'an expired mandate': {
    where: 'mandate.json:',
    what: /:\d+: the mandate expired \d{4}-/,
    wish: { body: { period: { from: inDays(-40), to: inDays(-2) } } },
  },
  'a mandate that has not begun': {
    where: 'mandate.json:',
    what: /:\d+: the mandate begins \d{4}-/,
    wish: { body: { period: { from: inDays(2), to: inDays(30) } } },
  },
  'an unsigned mandate': { where: 'mandate.json:', what: /:\d+: the operator has not signed/, wish: { sign: [] } },
  'a mandate signed once': {
    where: 'mandate.json:',
    what: /:\d+: the authority has not signed/,
    wish: { sign: ['operator'] },
  },
  'a mandate signed twice by one hand': {
    where: 'mandate.json:',
    what: /:\d+: the signature of the authority does not verify/,
    spoil: lab =>
      lab.write(lab.body, [
        signBody(lab.body, 'operator', KEYS.operator),
        signBody(lab.body, 'authority', KEYS.operator),
      ]),
  },
  'a tampered mandate': {
    where: 'mandate.json:',
    what: /:\d+: the signature of the operator does not verify/,
    spoil: lab =>
      lab.edit('mandate.json', value => {
        (value.body as { limits: { gapMs: number } }).limits.gapMs = 0;
        return value;
      }),
  },
  'two ISPs that consent for the same prefix': {
    where: 'consents/isp-',
    what: /:\d+: 127\.93\.0\.\d\/\d\d of "isp-." overlaps 127\.93\.0\.\d\/\d\d of "isp-."/,
    spoil: lab => consentOf(lab, 'isp-b', ['127.93.0.0/29'], Date.now() - DAY),
  },
  'an empty file for a mandate': {
    where: 'mandate.json:1',
    what: /is not JSON/,
    spoil: lab => writeFileSync(lab.mandate, ''),
  },
  'a mandate of nothing': {
    where: 'mandate.json:1',
    what: /"body" is missing/,
    spoil: lab => writeFileSync(lab.mandate, '{}\n'),
  },
  'a mandate without targets': {
    where: 'mandate.json:',
    what: /:\d+: "body.targets" is empty/,
    spoil: rewritten(body => ({ ...body, targets: [] })),
  },
  'a mandate whose name leads out of its folder': {
    where: 'mandate.json:',
    what: /:\d+: "body.id" must be a short name/,
    spoil: rewritten(body => ({ ...body, id: '../../elsewhere' })),
  },
  'a target outside its consent': {
    where: 'mandate.json:',
    what: /:\d+: 127\.93\.0\.8\/30 is not in the consent of "isp-a"/,
    spoil: rewritten(body => ({ ...body, targets: [{ isp: 'isp-a', prefixes: ['127.93.0.8/30'] }] })),
  },
  'no mandate': { where: 'mandate.json:', what: /is missing/, spoil: lab => unlinkSync(lab.mandate) },
  'no trust file': { where: 'trust.json:', what: /is missing/, spoil: lab => unlinkSync(join(lab.dir, 'trust.json')) },
  'no exclusions file': {
    where: 'exclusions.txt:',
    what: /is missing/,
    spoil: lab => unlinkSync(join(lab.dir, 'exclusions.txt')),
  },
  'an exclusion that is no prefix': {
    where: 'exclusions.txt:2',
    what: /127\.93\.0/,
    wish: { exclusions: '# asked by their owners\n127.93.0.300 the baker\n' },
  },
  'everything excluded': {
    where: 'exclusions.txt:',
    what: /every address of the mandate is excluded/,
    wish: { exclusions: '127.93.0.0/29 all of them\n' },
  },
  'another catalogue than the one signed for': {
    where: 'catalogue.json:',
    what: /is not catalogue .+ of the mandate/,
    spoil: lab => writeFileSync(join(lab.dir, 'catalogue.json'), '{"pairs":[]}\n'),
  },
  'no catalogue': {
    where: 'catalogue.json:',
    what: /is missing/,
    spoil: lab => unlinkSync(join(lab.dir, 'catalogue.json')),
  },
  'an expired consent': {
    where: 'mandate.json:',
    what: /:\d+: consent of "isp-a" expired \d{4}-/,
    spoil: lab => consentOf(lab, 'isp-a', ISPS['isp-a'], Date.now() - 41 * DAY),
  },
  'a consent somebody else signed': {
    where: 'consents/isp-a.json:',
    what: /:\d+: consent of "isp-a" is not signed with its key/,
    spoil: lab => lab.edit('consents/isp-a.json', value => ({ ...value, signatures: [] })),
  },
  'no consents': {
    where: 'consents:',
    what: /the consents cannot be read/,
    spoil: lab => rmSync(join(lab.dir, 'consents'), { recursive: true }),
  },
  'sources published too recently': {
    where: 'mandate.json:',
    what: /:\d+: the source addresses are published since .+, less than seven days/,
    wish: { body: { sources: { addresses: ['127.0.0.1'], publishedAt: inDays(-6), publishedAs: 'a page' } } },
  },
};

for (const [name, { where, what, wish, spoil }] of Object.entries(MATRIX))
  test(`${name}: refused by every command, nothing sent`, async () => {
    const lab = paper(wish);
    try {
      spoil?.(lab);
      const from = arrived();
      for (const ran of await everyCommand(lab)) oneLine(ran, { exit: 3, where: join(lab.dir, where), what });
      // Whatever waits in a listener's queue is counted by then.
      await sleep(30);
      assert.equal(arrived(), from, 'nothing arrived');
    } finally {
      lab.remove();
    }
  });

test('a mandate that ends among the conversations stops them; under the next one the same round goes on', async () => {
  // Twelve tries of 600 ms each: the five seconds are over in the middle.
  const ends = isoOf(Date.now() + 5_000);
  const lab = paper({ limits: { gapMs: 600 }, body: { period: { from: inDays(-10), to: ends } } });
  const args = ['--mandate', lab.mandate, '--state', newState(), '--json'];
  try {
    const ran = await notice(['round', 'run', ...args]);
    assert.match(ran.err, /\nnotice: the gate closed during the round \(expired\); [^\n]+ \(exit 3\)\n$/);
    assert.equal(ran.exit, 3);
    const at = arrived();
    await sleep(700);
    assert.equal(arrived(), at, 'nothing after its end');
    const begun = JSON.parse(ran.out) as RoundReport;
    assert.ok(begun.tries === 0 && begun.checked < begun.answered, ran.out);
    assert.equal(begun.reported['out-of-mandate'], 0, 'what was not checked is not called refused');
    lab.write({ ...lab.body, limits: { ...lab.body.limits, gapMs: 5 }, period: { from: inDays(-10), to: inDays(10) } });
    const next = await notice(['round', 'resume', ...args]);
    assert.equal(next.exit, 0, next.err);
    const { total, sent, checked, answered, reported } = JSON.parse(next.out) as RoundReport;
    assert.deepEqual([total, sent, checked, answered], [16, 16, 16, 16]);
    assert.deepEqual([reported.clear, reported['out-of-mandate']], [8, 0]);
  } finally {
    lab.remove();
  }
});

test('malformed lines are named by their number, and the good ones are done', async () => {
  const lab = paper();
  const good = (n: number) => JSON.stringify({ address: ADDRESSES[n], port: telnet.port });
  const lines = [
    good(1),
    'not json',
    '{"address":"127.93.0.300","port":23}',
    '',
    '{"address":"127.93.0.2","port":70000}',
    '{"address":"127.93.0.2"}',
    `{"address":"127.93.0.2","port":23,"protocol":"gopher"}`,
    `{"address":"${'1'.repeat(300_000)}"}`,
    good(2),
  ];
  try {
    const from = arrived();
    const ran = await notice(['probe', '--mandate', lab.mandate, '--state', newState()], {
      input: `${lines.join('\n')}\n`,
    });
    assert.equal(ran.exit, 4, ran.err);
    const told = ran.err.split('\n').filter(line => line.startsWith('notice: '));
    assert.deepEqual(
      told.map(line => /^notice: (stdin(:\d+)?): .+; .+$/.exec(line)?.[1]),
      ['stdin:2', 'stdin:3', 'stdin:5', 'stdin:6', 'stdin:7', 'stdin:8', 'stdin'],
    );
    assert.match(told.at(-1) ?? '', /6 lines were malformed; .+ \(exit 4\)$/);
    assert.equal(ran.out.trimEnd().split('\n').length, 2);
    assert.ok(arrived() > from);
    assert.equal(telnet.seen.get('127.93.0.3')?.connections, telnet.seen.get('127.93.0.4')?.connections);
  } finally {
    lab.remove();
  }
});

test('wrong usage is one line that names the help', async () => {
  const from = arrived();
  for (const args of [
    ['nonsense'],
    ['round', 'nonsense'],
    ['round', 'run', '--state', dir],
    ['round', 'run', '--mandate', 'x', '--state', dir, '--driver', 'fast'],
    ['round', 'run', '--mandate', 'x', '--state', dir, '--month', '../..'],
    ['sweep', '--mandate', 'x', '--no-such-option'],
    ['probe', '--mandate', 'x', '--concurrency', '0'],
    ['statistics', 'November', '--state', dir],
  ]) {
    const { err, out, exit } = await notice(args);
    assert.match(err, /^notice: [^\n]+; [^\n]+ \(exit 2\)\n$/, args.join(' '));
    assert.deepEqual([exit, out], [2, ''], args.join(' '));
  }
  assert.equal(arrived(), from);
});

test('a database that is down is named, with what to do', async () => {
  const ran = await notice(['statistics', '2026-11', '--state', dir], {
    env: { DATABASE_URL: `postgresql:///notice?host=${join(dir, 'no-socket-here')}` },
  });
  oneLine(ran, { exit: 5, where: join(dir, 'no-socket-here'), what: /the database does not answer/ });
  const elsewhere = await notice(['statistics', '2026-11', '--state', join(dir, 'no-store')]);
  oneLine(elsewhere, { exit: 4, where: join(dir, 'no-store'), what: /there is no store here/ });
});

test('a port that somebody has is named, and nothing is served or sent', async () => {
  const taken = createServer();
  await new Promise<void>(done => taken.listen(0, '127.0.0.1', done));
  const { port } = taken.address() as { port: number };
  const lab = paper();
  try {
    await assert.rejects(listen(new Hono(), '127.0.0.1', port), (thrown: unknown) => {
      assert.ok(thrown instanceof Fault);
      assert.deepEqual([thrown.code, thrown.exit], ['port-taken', 5]);
      return true;
    });
    const from = arrived();
    const ran = await notice([
      ...['serve', 'centre', '--mandate', lab.mandate, '--state', newState(), '--prober', newState()],
      ...['--port', String(port), '--console-port', '0'],
    ]);
    assert.match(ran.err, new RegExp(`^notice: port ${port} of 127.0.0.1 [^\\n]+; [^\\n]+ \\(exit 5\\)\\n$`));
    assert.deepEqual([ran.exit, ran.out, arrived()], [5, '', from]);
  } finally {
    lab.remove();
    taken.close();
  }
});
