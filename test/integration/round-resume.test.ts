/**
 * `notice round run`, killed with SIGKILL at random instants again and again, and gone on with by `notice round resume`:
 * in the end every address was swept or is excluded, every device that answers was checked exactly once as far as anybody
 * can see, each weak one is a finding, and neither the caps nor the audit log lost count.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSealed } from '../../src/exchange/envelope.ts';
import { verifyAudit } from '../../src/mandate/audit.ts';
import { readKey } from '../../src/mandate/keys.ts';
import { monthOf } from '../../src/record/instant.ts';
import type { Evidence } from '../../src/record/observation.ts';
import type { RoundReport } from '../../src/record/progress.ts';
import { readSpool, spoolFile } from '../../src/role/spool.ts';
import { notice, type Ran } from '../fixtures/command.ts';
import { paperToday } from '../fixtures/paper-today.ts';
import { type TelnetDevices, telnetDevices } from '../fixtures/telnet-devices.ts';
import { KEYS, type Lab, pinOf } from '../mandate/lab-paper.ts';

const WEAK = { user: 'root', password: '123456' };
const STRONG = { user: 'admin', password: 'Kaki-no-ki-47-and-long' };
const DEVICES = Array.from({ length: 10 }, (_, n) => `127.95.${n * 3}.${n * 20 + 7}`);
const EXCLUDED = ['127.95.1.0/24', '127.95.63.128/25'];
/** Addresses of the mandate, and those of them that are excluded. */
const TOTAL = 16_384;
const NOT_SENT = 256 + 128;
const TRIES_A_DAY = 60;

const dir = mkdtempSync(join(tmpdir(), 'notice-resume-'));
const state = join(dir, 'state');
const month = monthOf(Date.now());
let devices: TelnetDevices;
let lab: Lab;
before(async () => {
  devices = await telnetDevices(Object.fromEntries(DEVICES.map((at, n) => [at, n % 2 === 0 ? WEAK : STRONG])));
  lab = paperToday({
    isps: { 'isp-a': ['127.95.0.0/19'], 'isp-b': ['127.95.32.0/19'] },
    ports: { telnet: [devices.port] },
    exclusions: EXCLUDED.map(prefix => `${prefix} asked by its owner\n`).join(''),
    // Slow enough to be met at work: about three seconds of sweep, then as many of conversations.
    limits: {
      total: { perSecond: 6_000, burst: 500 },
      gapMs: 100,
      triesPerDevicePerDay: TRIES_A_DAY,
      triesPerAccountPerDay: 40,
    },
    deadlines: { settleMs: 60 },
  });
});
after(async () => {
  await devices.close();
  lab.remove();
  rmSync(dir, { recursive: true, force: true });
});

const round = (verb: 'run' | 'resume', kill?: () => Promise<unknown>): Promise<Ran> =>
  notice(['round', verb, '--mandate', lab.mandate, '--state', state, '--month', month, '--json'], {
    onStart: child => void kill?.().then(() => child.kill('SIGKILL')),
  });

const spool = spoolFile(state, `loopback-${month}`);
const observations = (): number =>
  existsSync(spool)
    ? readFileSync(spool, 'utf8')
        .split('\n')
        .filter(line => line.includes('"observation"')).length
    : 0;
/** While addresses are swept, more or less. */
const inTheSweep = () => sleep(300 + Math.random() * 1_200);
/** While conversations are held: some are over, some are not. */
const amongConversations = async () => {
  const before = observations();
  for (let waits = 0; observations() === before && waits < 2_000; waits++) await sleep(10);
  await sleep(Math.random() * 150);
};

const IN_SWEEP = 4;
const MOST_KILLS = 8;
let kills = 0;
let last: Ran;

test('killed at random instants, it goes on to its end', async () => {
  last = await round('run', inTheSweep);
  for (; last.exit === null && kills < MOST_KILLS; kills++) {
    // Before the order is on disk there is nothing to go on with, and the round is begun again.
    const verb = existsSync(join(dirname(spool), 'order.json')) ? 'resume' : 'run';
    last = await round(verb, kills < IN_SWEEP ? inTheSweep : kills + 1 < MOST_KILLS ? amongConversations : undefined);
  }
  assert.equal(last.exit, 0, last.err);
  assert.ok(kills > IN_SWEEP, `only ${kills} kills: it was done before`);
});

test('the report covers everything, whichever run did it', () => {
  const report = JSON.parse(last.out) as RoundReport;
  assert.equal(report.resumed, true);
  assert.deepEqual([report.total, report.excluded, report.sent], [TOTAL, NOT_SENT, TOTAL - NOT_SENT]);
  assert.deepEqual([report.answered, report.checked, report.prompts], [DEVICES.length, DEVICES.length, DEVICES.length]);
  assert.deepEqual([report.reported.positive, report.reported.clear, report.findings], [5, 5, 5]);
});

test('the spool holds each service once, and each weak one sealed', async () => {
  const records = [...readSpool(spool)];
  const ids = records.map(r =>
    r.type === 'observation'
      ? r.observation.id
      : r.type === 'finding'
        ? r.finding.id
        : r.type === 'pair'
          ? `pair of ${r.pair.findingId}`
          : `shard ${r.sweep.shard}`,
  );
  assert.equal(new Set(ids).size, ids.length, 'nothing twice');
  const count = (type: string) => records.filter(r => r.type === type).length;
  assert.deepEqual([count('observation'), count('finding'), count('pair'), count('sweep')], [10, 5, 5, 1]);
  const signer = [pinOf(readKey(join(state, 'prober.key.json')))];
  const found = await Promise.all(
    records.flatMap(r =>
      r.type === 'finding'
        ? [openSealed(r.finding.sealed, KEYS.sealing, signer).then(text => (JSON.parse(text) as Evidence).address)]
        : [],
    ),
  );
  assert.deepEqual(found.sort(), DEVICES.filter((_, n) => n % 2 === 0).sort());
});

test('the far end: caps held over every crash, every try in the log, nothing after a success', () => {
  const log = readFileSync(join(state, 'audit.log'), 'utf8').trimEnd().split('\n');
  const types = log.map(line => (JSON.parse(line) as { type: string }).type);
  const tries = [...devices.seen.values()].reduce((sum, one) => sum + one.tries.length, 0);
  const logged = types.filter(type => type === 'attempt' || type === 'decoy').length;
  assert.ok(logged >= tries, `${tries} tries arrived, ${logged} are in the log`);
  // What a kill met between the log and the wire: at most one a device and run.
  assert.ok(logged - tries <= kills * DEVICES.length, `${logged} in the log, ${tries} arrived`);
  for (const [address, one] of devices.seen) {
    assert.ok(one.tries.length <= TRIES_A_DAY, `${address}: ${one.tries.length} tries`);
    assert.equal(one.afterAccept, 0, address);
  }
  assert.equal(types.filter(type => type === 'round-end').length, 1);
  assert.equal(verifyAudit(join(state, 'audit.log')).firstBad, undefined);
});

test('what is done stays done: once more sends nothing, and a month not begun cannot be resumed', async () => {
  const connections = [...devices.seen.values()].map(one => one.connections);
  const again = await round('resume');
  assert.deepEqual([again.exit, JSON.parse(again.out)], [0, JSON.parse(last.out)]);
  assert.deepEqual(
    [...devices.seen.values()].map(one => one.connections),
    connections,
  );
  const other = await notice(['round', 'resume', '--mandate', lab.mandate, '--state', state, '--month', '2031-01']);
  assert.equal(other.exit, 4);
  assert.match(other.err, /^notice: .+: no round has been begun here; begin one: .+ \(exit 4\)\n$/);
});
