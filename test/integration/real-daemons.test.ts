/**
 * One round, as a programme would run it, against daemons nobody here wrote: telnetd with a real login(1), lighttpd, dropbear.
 * Their own records are compared with ours: the verdicts are right, every attempt was counted, nothing came after a success.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSealed } from '../../src/exchange/envelope.ts';
import { verifyAudit } from '../../src/mandate/audit.ts';
import { readSalts } from '../../src/mandate/audit-salts.ts';
import { makeSigningKey } from '../../src/mandate/keys.ts';
import { DAY, isoOf } from '../../src/record/instant.ts';
import type { Evidence, SpoolRecord } from '../../src/record/observation.ts';
import type { RoundReport } from '../../src/record/progress.ts';
import { lineKeyOf } from '../../src/role/evidence.ts';
import { openProber } from '../../src/role/prober.ts';
import { readSpool, spoolFile } from '../../src/role/spool.ts';
import { CATALOGUE, paperToday } from '../fixtures/paper-today.ts';
import { KEYS, pinOf } from '../mandate/lab-paper.ts';
import { compileNeedles } from '../prove/needles.ts';
import { type Daemon, freePort } from '../real/daemon.ts';
import { startDropbear } from '../real/dropbear.ts';
import { type Lighttpd, startLighttpd } from '../real/lighttpd.ts';
import { startTelnetd, type Telnetd } from '../real/telnetd.ts';

const WEAK = { user: 'admin', password: '123456' };
const STRONG = { user: 'admin', password: 'Kaki-no-ki-47-and-long' };
const AT = {
  telnetWeak: '127.92.0.3',
  telnetStrong: '127.92.0.4',
  httpWeak: '127.92.0.6',
  httpStrong: '127.92.0.7',
  dropbear: '127.92.0.9',
} as const;
/** Outside the mandate: here the test itself logs in and says too much. */
const CONTROL = '127.92.1.1';
const ROUND = { type: 'round', id: 'real-2026', month: '2026-11', permutationKey: '5a'.repeat(32) } as const;

const dir = mkdtempSync(join(tmpdir(), 'notice-real-'));
const state = join(dir, 'state');
const signing = makeSigningKey();
const recognition = randomBytes(32);
const daemons: { readonly stop: () => Promise<void> }[] = [];
let telnet: { weak: Telnetd; strong: Telnetd };
let http: { weak: Lighttpd; strong: Lighttpd };
let dropbear: Daemon;
let ports: { telnet: number; http: number };
let report: RoundReport;
let spool: SpoolRecord[];

const folder = (name: string): string => {
  const made = join(dir, name);
  mkdirSync(made);
  return made;
};
function kept<T extends { readonly stop: () => Promise<void> }>(daemon: T): T {
  daemons.push(daemon);
  return daemon;
}

before(async () => {
  assert.equal(process.getuid?.(), 0, 'run as root: telnetd gets a mount namespace and a root folder of its own');
  ports = { telnet: await freePort(AT.telnetWeak), http: await freePort(AT.httpWeak) };
  telnet = {
    weak: kept(await startTelnetd(folder('telnet-weak'), AT.telnetWeak, ports.telnet, [WEAK])),
    strong: kept(await startTelnetd(folder('telnet-strong'), AT.telnetStrong, ports.telnet, [STRONG])),
  };
  const web = (name: string, at: string, { user, password }: typeof WEAK) =>
    startLighttpd(folder(name), at, ports.http, user, password, 'Settings');
  http = {
    weak: kept(await web('http-weak', AT.httpWeak, WEAK)),
    strong: kept(await web('http-strong', AT.httpStrong, STRONG)),
  };
  dropbear = kept(await startDropbear(folder('ssh'), AT.dropbear, ports.telnet));

  const now = Date.now();
  const paper = paperToday({
    isps: { 'isp-a': ['127.92.0.0/29'], 'isp-b': ['127.92.0.8/29'] },
    ports: { telnet: [ports.telnet], http: [ports.http] },
    // login(1) lets one who was wrong wait about three seconds before it says so.
    deadlines: { settleMs: 400, conversationMs: 15_000, checkMs: 150_000 },
    body: { period: { from: isoOf(now - DAY), to: isoOf(now + DAY) } },
  });
  const prober = openProber({
    state,
    files: { mandate: paper.mandate },
    clocks: { calendar: Date.now, monotonic: () => performance.now() },
    calendarOffsetMs: 0,
    random: n => randomBytes(n),
    signing,
    recognition,
    driver: 'auto',
  });
  try {
    report = await prober.round(ROUND, new AbortController().signal, () => {});
  } finally {
    prober.close();
    paper.remove();
  }
  spool = [...readSpool(spoolFile(state, ROUND.id))];
  // lighttpd writes its access log when it ends; what login(1) still had to write is written by now.
  for (const daemon of daemons) await daemon.stop();
});
after(async () => {
  for (const daemon of daemons) await daemon.stop();
  rmSync(dir, { recursive: true, force: true });
});

const observed = (address: string) => {
  const line = lineKeyOf(recognition, address);
  const all = spool.flatMap(r => (r.type === 'observation' && r.observation.lineKey === line ? [r.observation] : []));
  assert.equal(all.length, 1, address);
  return all[0];
};

/** What the audit log committed to, opened with its salts. */
function acts(
  address: string,
): { readonly type: string; readonly account?: string; readonly ordinal?: number | null }[] {
  const file = join(state, 'audit.log');
  const types = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => (JSON.parse(line) as { type: string }).type);
  return [...readSalts(file)].flatMap(salt => {
    const data = salt?.data as { address: string; account?: string; ordinal?: number | null };
    return data.address === address ? [{ ...data, type: types[(salt?.seq ?? 0) - 1] as string }] : [];
  });
}
const tries = (address: string) => acts(address).filter(({ type }) => type === 'attempt' || type === 'decoy');

test('the sweep reaches every address once and finds the five daemons', () => {
  assert.deepEqual([report.total, report.sent, report.excluded], [32, 32, 0]);
  assert.deepEqual([report.answered, report.checked, report.stopped], [5, 5, null]);
});

test('weak passwords are found, strong ones are not, and SSH is no telnet login', () => {
  const reported = (at: string) => [observed(at)?.reported, observed(at)?.prompt];
  assert.deepEqual(reported(AT.telnetWeak), ['positive', true]);
  assert.deepEqual(reported(AT.telnetStrong), ['clear', true]);
  assert.deepEqual(reported(AT.httpWeak), ['positive', true]);
  assert.deepEqual(reported(AT.httpStrong), ['clear', true]);
  assert.equal(observed(AT.dropbear)?.prompt, false);
  assert.ok(['inconclusive', 'not-a-login'].includes(observed(AT.dropbear)?.reported ?? ''), 'no login is found');
  assert.deepEqual(observed(AT.telnetStrong)?.clears, ['guessable', 'no-login']);
  assert.deepEqual(observed(AT.httpStrong)?.clears, ['guessable', 'no-login']);
});

test('two findings, each sealed to the ISP, say where and what', async () => {
  const findings = spool.flatMap(r => (r.type === 'finding' ? [r.finding] : []));
  const opened = await Promise.all(
    findings.map(
      async ({ sealed }) => JSON.parse(await openSealed(sealed, KEYS.sealing, [pinOf(signing)])) as Evidence,
    ),
  );
  const seen = opened.map(e => [e.address, e.port, e.kind, e.protocol, e.source.address, e.ruleCodes.includes('LT8')]);
  assert.deepEqual(seen.sort(), [
    [AT.telnetWeak, ports.telnet, 'guessable', 'telnet', '127.0.0.1', true],
    [AT.httpWeak, ports.http, 'guessable', 'http', '127.0.0.1', true],
  ]);
  assert.deepEqual(
    spool.flatMap(r => (r.type === 'pair' ? [r.pair.ordinal] : [])),
    [4, 4],
  );
});

test('login(1) recorded what the audit log recorded, and not a byte came after the login', () => {
  const weak = tries(AT.telnetWeak);
  const strong = tries(AT.telnetStrong);
  assert.deepEqual([telnet.weak.sessions(), telnet.strong.sessions()], [1, 0]);
  assert.equal(telnet.weak.failures(), weak.length - 1, 'all but the one that fitted');
  assert.equal(telnet.strong.failures(), strong.length);
  // Swept, then one connection a try: the first rides on that of the look. A slow machine makes the sweep ask again.
  for (const [daemon, made] of [
    [telnet.weak, weak],
    [telnet.strong, strong],
  ] as const) {
    const swept = daemon.connections() - made.length;
    assert.ok(swept >= 1 && swept <= 3, `${daemon.connections()} connections for ${made.length} tries`);
  }
  assert.deepEqual([telnet.weak.received(), telnet.strong.received()], ['', '']);
  const last = weak.slice(-2).map(({ type, account, ordinal }) => [type, account, ordinal]);
  assert.deepEqual(last, [
    ['attempt', WEAK.user, 4],
    ['decoy', WEAK.user, null],
  ]);
});

test('the recorder behind login(1) does see a byte that is sent too late', async () => {
  const control = await startTelnetd(folder('control'), CONTROL, ports.telnet, [WEAK]);
  const socket = connect(ports.telnet, CONTROL);
  let text = '';
  socket
    .on('error', () => {})
    .on('data', chunk => {
      text += chunk.toString('latin1');
      // RFC 854: WONT for each DO, DONT for each WILL, or telnetd waits for ever.
      for (let i = chunk.indexOf(0xff); i >= 0; i = chunk.indexOf(0xff, i + 3)) {
        const [verb, option] = [chunk[i + 1] as number, chunk[i + 2] as number];
        if (verb === 0xfd || verb === 0xfb) socket.write(Buffer.from([0xff, verb === 0xfd ? 0xfc : 0xfe, option]));
      }
    });
  const until = async (word: RegExp) => {
    for (let waits = 0; !word.test(text) && waits < 200; waits++) await sleep(50);
    assert.match(text, word);
  };
  try {
    await until(/login: [^a-z]*$/);
    socket.write(`${WEAK.user}\r\n`);
    await until(/Password: $/);
    socket.write(`${WEAK.password}\r\n`);
    await until(/# $/);
    socket.write('too much\r\n');
    for (let waits = 0; control.received() === '' && waits < 100; waits++) await sleep(50);
    assert.match(control.received(), /too much/);
    assert.deepEqual([control.sessions(), control.failures()], [1, 0]);
  } finally {
    socket.destroy();
    await control.stop();
  }
});

test('lighttpd logged what the audit log recorded, and nothing with the right pair after its 200', () => {
  const basic = ({ user, password }: typeof WEAK) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const withPair = (daemon: Lighttpd) => daemon.requests().filter(line => !line.endsWith(' -'));
  for (const [daemon, at] of [
    [http.weak, AT.httpWeak],
    [http.strong, AT.httpStrong],
  ] as const) {
    assert.equal(withPair(daemon).length, tries(at).length, at);
    assert.ok(withPair(daemon).length > 1, at);
  }
  assert.ok(http.strong.requests().every(line => line.startsWith('401 ')));
  const lines = withPair(http.weak);
  const hit = lines.indexOf(`200 / ${basic(WEAK)}`);
  assert.ok(hit > 0, 'found, and not by the first try');
  const rest = lines.slice(hit + 1);
  assert.equal(rest.length, 1, 'the decoy, and nothing else');
  const [status, , , sent = ''] = rest[0]?.split(' ') ?? [];
  const [user, password] = Buffer.from(sent, 'base64').toString().split(':');
  assert.deepEqual([status, user, password?.length], ['401', WEAK.user, 7]);
  assert.equal(http.weak.requests().filter(line => line.startsWith('200 ')).length, 1);
});

test('dropbear saw connections, and nobody trying to log in', () => {
  assert.match(dropbear.log(), /Child connection from 127\.0\.0\.1/);
  assert.doesNotMatch(dropbear.log(), /password|login attempt|nonexistent user|auth succeeded/i);
  assert.deepEqual(tries(AT.dropbear), []);
});

test('the budget counts what the audit log counts, and the log holds', () => {
  const counted = readFileSync(join(state, 'budget', 'budget.log'), 'latin1').split('\n').length - 1;
  assert.equal(counted, report.tries);
  assert.equal(
    counted,
    Object.values(AT).reduce((sum, at) => sum + tries(at).length, 0),
  );
  assert.deepEqual(verifyAudit(join(state, 'audit.log')).firstBad, undefined);
});

test('no file of the prober holds a password or, once the round is over, the address of a device', () => {
  const pairs = (JSON.parse(readFileSync(CATALOGUE, 'utf8')) as { pairs: (typeof WEAK)[] }).pairs;
  const needles = [
    ...pairs
      .filter(({ password }) => password.length > 5 && password !== 'password')
      .map(({ user, password }) => ({ kind: `${user}'s`, text: `${user}:${password}` })),
    { kind: 'password', text: WEAK.password },
    { kind: 'strong password', text: STRONG.password },
    ...Object.values(AT).map(text => ({ kind: 'address', text })),
  ];
  const search = compileNeedles(needles);
  const files = globSync(`${state}/**/*`).filter(file => statSync(file).isFile());
  assert.ok(files.length >= 5, `${files.length} files searched`);
  for (const file of files) assert.deepEqual(search.in(readFileSync(file)), [], file);
});
