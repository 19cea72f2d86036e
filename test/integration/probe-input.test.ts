/**
 * `notice probe` on ten thousand lines, good and bad: each bad one named, the good ones done once, again skipped; a reader
 * that does not read; a start that is broken off; exit codes. Real processes, a real signed paper, devices on loopback.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyAudit } from '../../src/mandate/audit.ts';
import { formatIpv4, parseIpv4 } from '../../src/record/address.ts';
import { NOTICE } from '../fixtures/command.ts';
import { paperToday } from '../fixtures/paper-today.ts';
import type { Lab } from '../mandate/lab-paper.ts';
import { type FarEnd, farEnd, linesOf, probing, rowsOf, targetLine, until } from './probe-far-end.ts';

const BASE = parseIpv4('127.95.0.0') ?? 0;
const at = (n: number): string => formatIpv4(BASE + n);
const WEAK = { user: 'root', password: '123456' };
const DEVICES = Array.from({ length: 24 }, (_, n) => ({
  address: at(1 + n * 37),
  protocol: 'telnet' as const,
  key: n % 4 === 0 ? WEAK : null,
}));
const dir = mkdtempSync(join(tmpdir(), 'notice-probe-input-'));
let far: FarEnd;
let lab: Lab;
before(async () => {
  far = await farEnd(DEVICES);
  lab = paperToday({
    isps: { 'isp-a': ['127.95.0.0/18'] },
    ports: { telnet: [far.ports.telnet], http: [far.ports.http] },
    limits: { gapMs: 5 },
    deadlines: { settleMs: 40 },
  });
});
after(async () => {
  await far.close();
  lab.remove();
  rmSync(dir, { recursive: true, force: true });
});

let states = 0;
const newState = (): string => join(dir, `state-${states++}`);
const args = (state: string, ...more: string[]): string[] => ['--mandate', lab.mandate, '--state', state, ...more];

/** What it said of bad lines, as `line: why` by kind. */
function named(err: string, file: string): { readonly [kind: string]: number } {
  const kinds: Record<string, number> = {};
  const numbers = new Set<string>();
  for (const line of linesOf(err)) {
    const [, where, number, why] = /^notice: (.+?):(\d+): ([^;]+); the other lines are done$/.exec(line) ?? [];
    if (number === undefined || why === undefined) continue;
    assert.equal(where, file);
    assert.ok(!numbers.has(number), `line ${number} is named once`);
    numbers.add(number);
    kinds[why] = (kinds[why] ?? 0) + 1;
  }
  return kinds;
}

test('ten thousand lines: the good ones once, every bad one named, and once more nothing is sent', async () => {
  const good = Array.from({ length: 8_000 }, (_, n) => targetLine(at(n), far.ports.telnet));
  const lines = Array.from({ length: 10_000 }, (_, n) => {
    if (n % 10 < 8) return good[((n - (n % 10)) / 10) * 8 + (n % 10)] as string;
    const k = (n - (n % 10)) / 10;
    if (n % 10 === 9)
      return k % 2 ? `{"address":"127.95.0.${k}","port":\n` : targetLine(formatIpv4(BASE + (1 << 16) + k), 23);
    return k % 2
      ? (good[k * 8] as string)
      : `${JSON.stringify({ address: at(k), port: far.ports.telnet, protocol: 'http' })}\n`;
  });
  const file = join(dir, 'targets.ndjson');
  writeFileSync(file, lines.join(''));
  const state = newState();
  const command = args(state, '--targets', file, '--concurrency', '200');
  const first = probing(command);
  assert.equal(await first.ended, 4, first.said.err);
  const expected = {
    'is not JSON': 500,
    'the same service stands in an earlier line': 500,
    'is outside the mandate (port-not-named)': 1_000,
  };
  assert.deepEqual(named(first.said.err, file), expected);
  assert.match(
    first.said.err,
    /\nnotice: \S+: 500 lines were malformed, 500 lines stood twice, 1000 lines were outside the mandate; [^\n]+ \(exit 4\)\n$/,
  );
  const rows = rowsOf(first.said.out);
  const count = (reported: string): number => rows.filter(row => row.reported === reported).length;
  assert.deepEqual([count('clear'), rows.filter(row => 'sealed' in row).length], [18, 6]);
  assert.deepEqual([count('inconclusive'), count('out-of-mandate')], [8_000 - 24, 1_000]);
  const refs = rows.flatMap(row => (typeof row.ref === 'string' ? [row.ref] : []));
  assert.equal(new Set(refs).size, refs.length, 'no line twice');
  for (const text of [first.said.out, first.said.err]) assert.ok(!text.includes('127.95.'), 'no address is told');
  for (const one of far.seen.values()) assert.equal(one.mostOpen, 1);

  const connections = far.connections();
  const again = probing(command);
  assert.equal(await again.ended, 4);
  assert.deepEqual(named(again.said.err, file), expected);
  assert.equal(again.said.out, '', 'nothing is printed twice');
  assert.match(again.said.err, /done: 0 checked, 0 positive, 8000 done before and skipped/);
  assert.equal(far.connections(), connections, 'nothing is sent twice');
  // No file of what is done is a list of devices.
  const journal = readFileSync(join(state, 'probe', readdirSync(join(state, 'probe'))[0] as string, 'journal'));
  assert.equal(journal.length, 9_000 * 16);
  assert.ok(verifyAudit(join(state, 'audit.log')).ok);
});

test('a reader that stops reading stops the taking of targets, and loses nothing', async () => {
  const state = newState();
  const input = Array.from({ length: 4_000 }, (_, n) => targetLine(at(n), far.ports.http)).join('');
  const run = probing(args(state, '--concurrency', '50'), input, true);
  const log = join(state, 'audit.log');
  const size = (): number => statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  let last = -1;
  assert.ok(await until(() => size() > 20_000), run.said.err);
  for (let same = 0; same < 4; same = size() === last ? same + 1 : 0) {
    last = size();
    await sleep(250);
  }
  const looks = linesOf(readFileSync(log, 'utf8')).filter(line => line.includes('"type":"identify"')).length;
  assert.ok(looks < 2_000, `${looks} of 4000 were begun with nobody reading`);
  assert.equal(run.child.exitCode, null);
  let out = '';
  run.child.stdout.on('data', (text: string) => {
    out += text;
  });
  assert.equal(await run.ended, 0, run.said.err);
  assert.equal(new Set(rowsOf(out).map(row => row.ref)).size, 4_000);
});

test('broken off with Ctrl-C or killed, it goes on: every line once, but those in flight at the kill', async () => {
  const state = newState();
  const all = Array.from({ length: 3_000 }, (_, n) => targetLine(at(n), far.ports.telnet)).join('');
  const refs: string[] = [];
  let inFlight = 0;
  for (const [signal, after] of [
    ['SIGINT', 300],
    ['SIGKILL', 200],
    ['SIGKILL', 400],
  ] as const) {
    const run = probing(args(state, '--concurrency', '100'), all);
    assert.ok(await until(() => linesOf(run.said.out).length >= after), run.said.err);
    run.child.kill(signal);
    const code = await run.ended;
    if (signal === 'SIGINT') {
      assert.equal(code, 0, run.said.err);
      assert.match(run.said.err, /stopped as asked: \d+ checked.*; the same command goes on/);
      assert.ok(rowsOf(run.said.out).length < 3_000);
    } else inFlight += 100;
    // A line torn by the kill is not one.
    const whole = run.said.out.slice(0, run.said.out.lastIndexOf('\n') + 1);
    refs.push(...rowsOf(whole).map(row => String(row.ref)));
  }
  const last = probing(args(state), all);
  assert.equal(await last.ended, 0, last.said.err);
  refs.push(...rowsOf(last.said.out).map(row => String(row.ref)));
  assert.equal(new Set(refs).size, 3_000, 'nothing is lost');
  assert.ok(refs.length - 3_000 <= inFlight, `${refs.length - 3_000} lines came twice`);
  assert.ok(verifyAudit(join(state, 'audit.log')).ok);
});

test('every target refused is exit 3 with the refusals; an exclusion is no fault of the input', async () => {
  const refused = probing(args(newState()), `${targetLine(at(3), 23)}${targetLine('127.96.0.1', far.ports.telnet)}`);
  assert.equal(await refused.ended, 3);
  assert.match(
    refused.said.err,
    /\nnotice: every target was refused, so nothing was sent: 1 port-not-named, 1 outside-scope; [^\n]+ \(exit 3\)\n$/,
  );
  assert.deepEqual(
    rowsOf(refused.said.out).map(row => row.reported),
    ['out-of-mandate', 'out-of-mandate'],
  );
  const excluded = paperToday({
    isps: { 'isp-a': ['127.95.0.0/18'] },
    ports: { telnet: [far.ports.telnet] },
    exclusions: `${at(5)}\n`,
  });
  try {
    const lines = `${targetLine(at(5), far.ports.telnet)}${targetLine(at(6), far.ports.telnet)}`;
    const run = probing(['--mandate', excluded.mandate, '--state', newState()], lines);
    assert.equal(await run.ended, 0, run.said.err);
    assert.deepEqual(
      rowsOf(run.said.out)
        .map(row => row.reported)
        .sort(),
      ['excluded', 'inconclusive'],
    );
  } finally {
    excluded.remove();
  }
});

test('machines get JSON on stderr too; a file that is not there is named before anything is sent', async () => {
  const run = probing(args(newState(), '--json'), targetLine(at(7), far.ports.telnet));
  assert.equal(await run.ended, 0, run.said.err);
  const told = linesOf(run.said.err).map(line => JSON.parse(line) as Record<string, unknown>);
  const { stage, checked, read, inFlight } = told.at(-1) ?? {};
  assert.deepEqual([stage, checked, read, inFlight], ['done', 1, 1, 0]);
  const missing = probing(args(newState(), '--targets', join(dir, 'nowhere.ndjson')));
  assert.equal(await missing.ended, 4);
  assert.match(missing.said.err, /^notice: \S+nowhere\.ndjson: cannot be read \(ENOENT\); [^\n]+ \(exit 4\)\n$/);
});

test('few open files: said once, fewer at once, all done', async () => {
  const state = newState();
  const input = Array.from({ length: 300 }, (_, n) => targetLine(at(n), far.ports.telnet)).join('');
  const child = spawn('sh', [
    '-c',
    'ulimit -n 128 && exec "$0" "$@"',
    process.execPath,
    NOTICE,
    'probe',
    ...args(state),
  ]);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', text => (out += text));
  child.stderr.setEncoding('utf8').on('data', text => (err += text));
  child.stdin.end(input);
  const code = await new Promise(resolve => child.on('close', resolve));
  assert.equal(code, 0, err);
  assert.equal(rowsOf(out).length, 300);
  assert.equal(
    err.match(/^notice: 128 open files are allowed, enough for \d+ conversations at once; ulimit -n \d+ gives more$/gm)
      ?.length,
    1,
    err,
  );
});

test('open files that run out for a moment cost nothing but that moment: every service is checked, once', async () => {
  // Slow enough for something to happen meanwhile: 25 networks of 64 addresses, 40 a second in each.
  const slow = paperToday({
    isps: { 'isp-a': ['127.95.0.0/18'] },
    ports: { http: [far.ports.http] },
    limits: { per24: { perSecond: 40, burst: 4 } },
  });
  try {
    const input = Array.from({ length: 1_600 }, (_, n) => targetLine(at(n * 4), far.ports.http)).join('');
    const options = ['--mandate', slow.mandate, '--state', newState(), '--concurrency', '1000'];
    const run = probing(options, input);
    assert.ok(await until(() => run.said.out !== ''), run.said.err);
    // Taken away for a moment: for longer, the exclusions could not be read either, and everything would stop.
    const limit = (soft: number): string => `prlimit --pid ${run.child.pid} --nofile=${soft}:4096`;
    const few = spawn('sh', ['-c', `${limit(10)} && sleep 0.05; ${limit(1_024)}`], { stdio: 'inherit' });
    assert.deepEqual(await once(few, 'close'), [0, null]);
    assert.equal(await run.ended, 0, run.said.err);
    const refs = rowsOf(run.said.out).map(row => row.ref);
    assert.deepEqual([refs.length, new Set(refs).size], [1_600, 1_600]);
  } finally {
    slow.remove();
  }
});
