/**
 * The dress rehearsal as its user has it: the command in a process of its own. Run to its end, interrupted by Ctrl-C in
 * every stage and gone on with, killed at random, refused where it must be, and its doors opened. Two small countries and
 * one month of a third are made; what can be looked at together is looked at in one run.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { simpleParser } from 'mailparser';
import { sha256 } from '../../src/record/digest.ts';
import type { RoundProgress, Stage } from '../../src/record/progress.ts';
import type { Journal } from '../../src/rehearsal/journal.ts';
import type { Summary } from '../../src/rehearsal/summary.ts';
import { notice } from '../fixtures/command.ts';
import { below, commandOf, type Going, go, goOn, left, SMALL, stateOf, summaryOf } from '../fixtures/rehearsal-run.ts';

const dir = mkdtempSync(join(tmpdir(), 'notice-rehearsal-'));
after(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));

/** Folder of the complete run, of the one interrupted, of the one killed. */
const [WHOLE, CUT, KILLED] = ['whole', 'cut', 'killed'].map(name => join(dir, name)) as [string, string, string];
const journalOf = (folder: string) => stateOf<Journal>(folder, 'journal.json');
const stageOf = (folder: string): Stage | undefined => stateOf<RoundProgress>(folder, 'prober', 'progress.json')?.stage;

/** The promises, and that nobody was written to twice: the same message has the same Message-ID, whoever sends it. */
async function holds(exit: number | null, out: string, err: string, folder: string): Promise<Summary> {
  assert.equal(exit, 0, `${err}${out}`);
  const summary = summaryOf(out);
  assert.equal(summary.holds, true, out);
  assert.deepEqual([summary.falseGuessable, summary.wrongSubscribers], [0, 0]);
  assert.ok(summary.guessableFound >= 0.98, `${summary.guessableFound}`);
  const mails = readdirSync(join(folder, 'mail')).map(name => readFileSync(join(folder, 'mail', name)));
  const ids = mails.map(raw => /^Message-ID:\s+(<[^>]+>)/im.exec(raw.toString('latin1'))?.[1]);
  assert.equal(new Set(ids).size, ids.length, 'no message twice');
  assert.ok(!ids.includes(undefined));
  const said = (stage: string) => summary.after.find(row => row.stage === stage)?.found;
  const letters = readdirSync(join(folder, 'post')).flatMap(isp => readdirSync(join(folder, 'post', isp)));
  assert.deepEqual([said('alerted by e-mail'), said('alerted by letter')], [mails.length, letters.length]);
  assert.equal(new Set(letters).size, letters.length);
  assert.ok(mails.length > 0 && letters.length > 0);
  return summary;
}

let whole: Summary;

test('a complete run keeps every promise', async () => {
  const { exit, out, err } = await go(['--once', ...SMALL, '--folder', WHOLE]).ended;
  whole = await holds(exit, out, err, join(WHOLE, '1'));
  assert.equal(whole.months.length, 2);
});

test('its mails and letters are real, and marked as a rehearsal', async () => {
  const folder = join(WHOLE, '1');
  for (const name of readdirSync(join(folder, 'mail'))) {
    const mail = await simpleParser(readFileSync(join(folder, 'mail', name)));
    assert.match(mail.subject ?? '', /訓練.*REHEARSAL/, name);
  }
  for (const isp of readdirSync(join(folder, 'post')))
    for (const name of readdirSync(join(folder, 'post', isp)))
      assert.equal(
        readFileSync(join(folder, 'post', isp, name))
          .subarray(0, 5)
          .toString(),
        '%PDF-',
        name,
      );
});

test('its months are published with the digest of their bytes, and its audit log holds', async () => {
  const folder = join(WHOLE, '1');
  for (const month of ['2026-09', '2026-10']) {
    const json = await notice(['statistics', month, '--state', join(folder, 'store'), '--json']);
    assert.equal(json.exit, 0, json.err);
    assert.deepEqual([JSON.parse(json.out).month, JSON.parse(json.out).rehearsal], [month, true]);
    if (month !== '2026-09') continue;
    const shown = await notice(['statistics', month, '--state', join(folder, 'store')]);
    assert.ok(shown.out.includes(`digest ${sha256(json.out.trimEnd())}`), shown.out);
  }
  const audit = await notice(['audit', 'verify', join(folder, 'prober', 'audit.log')]);
  assert.equal(audit.exit, 0, audit.err);
});

test('Ctrl-C in the sweep, among the conversations and in the days: each time it goes on, and no other outcome', async () => {
  const folder = join(CUT, '1');
  const args = ['--once', ...SMALL, '--folder', CUT];
  const stages: [string, () => boolean, Journal['step']][] = [
    ['sweep', () => stageOf(folder) === 'sweep', 'round'],
    ['conversations', () => stageOf(folder) === 'probe', 'round'],
    ['days', () => (journalOf(folder)?.sent.mails ?? 0) > 0, 'days'],
  ];
  for (const [n, [name, so, step]] of stages.entries()) {
    const run = await goOn(args);
    assert.ok(await run.until(so), `${name}: ${run.said.err}`);
    const children = below(run.pid);
    assert.ok(children.length > 0);
    run.send('SIGINT');
    const { exit, out, err } = await run.ended;
    assert.deepEqual([exit, out], [130, ''], `${name}: ${err}`);
    assert.match(err, /stopped; the next start goes on here\n$/, name);
    assert.equal(err.includes('going on where it was interrupted'), n > 0, err);
    assert.deepEqual(await left(children, 1), [], name);
    assert.equal(journalOf(folder)?.step, step, name);
    assert.ok(!existsSync(join(folder, 'lock')), name);
  }
  const { exit, out, err } = await (await goOn(args)).ended;
  assert.match(err, /^notice: going on where it was interrupted: 2026-\d\d, days\n/);
  const summary = await holds(exit, out, err, folder);
  // The same seed in another folder, whatever happened on the way: the same country, and all of it found.
  const ports = [WHOLE, CUT].map(of => journalOf(join(of, '1'))?.ports);
  // On other ports, when another rehearsal had the usual ones, lines with a few ports each are others.
  if (isDeepStrictEqual(ports[0], ports[1])) assert.deepEqual(summary.months[0]?.rows, whole.months[0]?.rows);
});

/** A lock of a process that is no more, whose number has been given again: to this very process. */
const leaveLock = (file: string) => writeFileSync(file, `${process.pid} 1`);

test('killed at random, and its prober killed: it goes on, and nobody is written to twice', async () => {
  const folder = join(KILLED, 'other');
  const args = ['--once', ...SMALL, '--seed', 'other', '--folder', KILLED];
  const moments: ((run: Going) => Promise<unknown>)[] = [
    run => run.until(() => stageOf(folder) !== undefined).then(() => sleep(Math.random() * 3_000)),
    run => run.until(() => journalOf(folder)?.step === 'days').then(() => sleep(Math.random() * 1_500)),
    run => run.until(() => (journalOf(folder)?.sent.mails ?? 0) > 0).then(() => sleep(Math.random() * 2_500)),
  ];
  for (const [n, moment] of moments.entries()) {
    const run = await goOn(args);
    await moment(run);
    if (n === 0) {
      const second = await notice(['rehearse', ...args]);
      assert.equal(second.exit, 5);
      assert.ok(second.err.includes(`: process ${run.pid} works on this folder; `), second.err);
    }
    const children = below(run.pid);
    run.send('SIGKILL');
    assert.equal((await run.ended).exit, null, `it was over before: ${run.said.err}`);
    assert.deepEqual(await left(children), [], 'none outlives it');
    assert.ok(existsSync(join(folder, 'lock')), 'the lock is left');
  }
  leaveLock(join(folder, 'lock'));
  leaveLock(join(folder, 'store', 'store.lock'));

  // The second month's round: its prober dies.
  const run = await goOn(args);
  assert.ok(await run.until(() => journalOf(folder)?.month === '2026-10' && stageOf(folder) === 'probe'), run.said.err);
  const prober = below(run.pid).find(one => commandOf(one).includes('prober-process'));
  assert.ok(prober, 'there is one');
  const others = below(run.pid);
  process.kill(Number(prober.split(' ')[0]), 'SIGKILL');
  const broken = await run.ended;
  assert.equal(broken.exit, 5, broken.err);
  assert.match(broken.err, /\nnotice: the prober ended \(SIGKILL\); .+ \(exit 5\)\n$/);
  assert.deepEqual(await left(others), []);

  const { exit, out, err } = await (await goOn(args)).ended;
  const summary = await holds(exit, out, err, folder);
  assert.notDeepEqual(summary.months[0]?.rows, whole.months[0]?.rows, 'another seed, another country');
});

const listening = (port: number, host: string): Promise<Server> =>
  new Promise((up, down) => {
    const server = createServer(socket => socket.on('error', () => undefined));
    server.once('error', down);
    server.listen(port, host, () => up(server));
  });
const closed = (server: Server) => new Promise(done => server.close(done));

test('refused with one line and a remedy: a size there is no country of, folders that cannot be', async () => {
  const size = await notice(['rehearse', '--once', '--addresses', '5000', '--folder', dir]);
  assert.deepEqual([size.exit, size.out], [2, '']);
  assert.match(size.err, /^notice: .*5000 addresses.*; choose a power of two .+ \(exit 2\)\n$/);
  assert.equal(process.getuid?.(), 0, 'run as root: small and read-only disks are mounted in a namespace of its own');
  const place = join(dir, 'place');
  mkdirSync(place);
  const on = (mount: string) => [
    ...['unshare', '-m', '--propagation', 'private', 'sh', '-c'],
    `mount -t tmpfs -o ${mount} tmpfs "${place}" || exit 99; exec "$@"`,
    'sh',
  ];
  // Read-only; full at once; full when the store is made; full when it has been.
  for (const [mount, says] of [
    ['ro', 'may not be written'],
    ['size=4k', 'no space left'],
    ['size=2m', 'no space left'],
  ] as const) {
    const ran = await go(['--once', ...SMALL, '--folder', place], on(mount)).ended;
    assert.deepEqual([ran.exit, ran.out], [5, ''], `${mount}: ${ran.err}`);
    const line = ran.err.trimEnd().split('\n').at(-1) ?? '';
    assert.ok(line.startsWith(`notice: ${place}/`) && line.includes(says) && line.endsWith('(exit 5)'), ran.err);
    assert.ok(!ran.err.includes('    at '), ran.err);
  }
  // Where the system says that the parent is missing, and where it is no folder.
  for (const folder of ['/proc/none', join(WHOLE, '1', 'journal.json')]) {
    const ran = await notice(['rehearse', '--once', '--folder', folder]);
    assert.ok(ran.exit === 4 || ran.exit === 5, `${ran.exit} ${ran.err}`);
    assert.match(ran.err, /^notice: [^\n]+; [^\n]+\n$/);
  }
});

test('a port that something of this machine has on every address is not used, and it says why', async () => {
  let taken: Server | undefined;
  // Another test's rehearsal may have devices on it for a while.
  for (let tries = 0; taken === undefined && tries < 100; tries++)
    taken = await listening(2323, '0.0.0.0').catch(() => sleep(1_000).then(() => undefined));
  assert.ok(taken, 'port 2323 never became free');
  try {
    const run = go(['--country', ...SMALL, '--folder', join(dir, 'country')]);
    assert.ok(await run.until(() => run.said.out.includes('\n')), run.said.err);
    assert.match(run.said.err, /127\.64\.0\.0:2323 answers although no device is there: .+\n/);
    const instead = Number(/port (\d+) is used instead of 2323/.exec(run.said.err)?.[1]);
    assert.ok(instead > 2323, run.said.err);
    const { mandate } = JSON.parse(run.said.out) as { mandate: string };
    const body = JSON.parse(readFileSync(mandate, 'utf8')).body as { ports: { port: number }[] };
    assert.deepEqual([body.ports.some(p => p.port === instead), body.ports.some(p => p.port === 2323)], [true, false]);
    const children = below(run.pid);
    run.send('SIGINT');
    assert.equal((await run.ended).exit, 0);
    assert.deepEqual(await left(children, 1), []);
  } finally {
    await closed(taken);
  }
});

test('the port printed in letters is taken by another program: named, and nothing else is tried', async () => {
  const port = journalOf(join(WHOLE, '1'))?.sitePort ?? 0;
  const taken = await listening(port, '127.0.0.1');
  try {
    const ran = await (await goOn(['--once', ...SMALL, '--folder', WHOLE], false)).ended;
    assert.equal(ran.exit, 5, ran.err);
    assert.match(ran.err, new RegExp(`notice: .*port ${port} .*; .+ \\(exit 5\\)\\n$`));
  } finally {
    await closed(taken);
  }
});

/** Presses the button as a browser does, and waits for what the page says in the end. */
async function checkAgain(page: string): Promise<string | undefined> {
  const { origin } = new URL(page);
  const asked = await fetch(`${page}/recheck`, { method: 'POST', headers: { origin }, redirect: 'manual' });
  assert.equal(asked.status, 303);
  const place = new URL(asked.headers.get('location') ?? '', page);
  assert.match(place.pathname, /\/recheck\//);
  for (let tries = 0; tries < 200; tries++) {
    const result = /data-result="([a-z-]+)"/.exec(await (await fetch(place)).text())?.[1];
    if (result) return result;
    await sleep(100);
  }
  return undefined;
}

test('the doors: every address answers, links work once, the home line is the owner, Ctrl-C closes all', async () => {
  const run = await goOn([...SMALL, '--folder', WHOLE]);
  assert.ok(
    await run.until(
      () =>
        run.said.err.includes('Everything stays up') &&
        run.said.err.endsWith('\n\n') === false &&
        /home line +http\S+\n/.test(run.said.err),
    ),
    run.said.err,
  );
  assert.match(run.said.err, /this rehearsal is complete/);
  assert.deepEqual(summaryOf(run.said.out), whole, 'shown again, the same');
  const doors = new Map(
    [...run.said.err.matchAll(/^ {2}(\S.*?) +(http:\S+)$/gm)].map(([, name = '', url = '']) => [name, url]),
  );
  for (const name of ['public site', 'operator console', 'support desk', 'mail box and letters', 'home line'])
    assert.ok(doors.has(name), name);
  for (const [name, url] of doors) {
    const link = url.includes('/enter?');
    const first = await fetch(url, { redirect: 'manual' });
    if (link) {
      const cookie = (first.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
      const inside = await fetch(new URL(first.headers.get('location') ?? '/', url), { headers: { cookie } });
      assert.equal(inside.status, 200, name);
      await inside.arrayBuffer();
      assert.equal((await fetch(url, { redirect: 'manual' })).status, 403, `${name}: a second time`);
    } else assert.equal(first.status, 200, name);
    await first.arrayBuffer();
  }
  assert.equal(await checkAgain(doors.get('home line') ?? ''), 'still-open');

  const children = below(run.pid);
  assert.ok(children.some(one => commandOf(one).includes('prober-process')));
  const at = performance.now();
  run.send('SIGINT');
  const { exit, err } = await run.ended;
  assert.equal(exit, 0, err);
  assert.ok(performance.now() - at < 5_000, 'it ends at once');
  assert.deepEqual(await left(children, 1), []);
});
