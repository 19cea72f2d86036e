/**
 * A round on a disk that fills up: a tmpfs of a few pages, in a mount namespace of its own. Wherever it fills (key, ledger,
 * audit, budget, spool), the command ends with one line that names file and remedy, nothing was sent that is not in the
 * audit log, and with space again the same round goes on to its end.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { verifyAudit } from '../../src/mandate/audit.ts';
import type { RoundReport } from '../../src/record/progress.ts';
import { notice } from '../fixtures/command.ts';
import { paperToday } from '../fixtures/paper-today.ts';
import { type TelnetDevices, telnetDevices } from '../fixtures/telnet-devices.ts';
import type { Lab } from '../mandate/lab-paper.ts';

const STRONG = { user: 'admin', password: 'Kaki-no-ki-47-and-long' };
const WEAK = { user: 'root', password: '123456' };
const DEVICES = Array.from({ length: 12 }, (_, n) => `127.94.0.${n + 1}`);
/** KiB. The smallest hold a key or two, the largest a part of the conversations. */
const SIZES = [4, 12, 20, 28, 36, 44, 52, 60, 72, 84];

/** SIZE STATE KEPT COMMAND...: runs the command with STATE on a small disk, and keeps what it left there. */
const ON_SMALL_DISK = `size=$1 state=$2 kept=$3; shift 3
mount -t tmpfs -o "size=$size" tmpfs "$state" || exit 99
"$@"; code=$?
cp -a "$state/." "$kept/"; exit $code`;

const dir = mkdtempSync(join(tmpdir(), 'notice-space-'));
let devices: TelnetDevices;
let lab: Lab;
before(async () => {
  assert.equal(process.getuid?.(), 0, 'run as root: the small disk is mounted in a namespace of its own');
  devices = await telnetDevices(Object.fromEntries(DEVICES.map((at, n) => [at, n % 4 === 0 ? WEAK : STRONG])));
  lab = paperToday({
    isps: { 'isp-a': ['127.94.0.0/28'] },
    ports: { telnet: [devices.port] },
    limits: { gapMs: 5 },
    deadlines: { settleMs: 40 },
  });
});
after(async () => {
  await devices.close();
  lab.remove();
  rmSync(dir, { recursive: true, force: true });
});

const tried = () => [...devices.seen.values()].reduce((sum, one) => sum + one.tries.length, 0);

/** Entries of the log by type; only whole lines, as whoever reads it next sees them. */
function logged(state: string): (type: string) => number {
  const file = join(state, 'audit.log');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  const types = lines.map(line => (JSON.parse(line) as { type: string }).type);
  return type => types.filter(one => one === type).length;
}

const stages = { full: 0, beforeSweep: 0, duringProbes: 0 };

for (const size of SIZES)
  test(`a disk of ${size} KiB`, async () => {
    const [state, kept] = [join(dir, `state-${size}`), join(dir, `kept-${size}`)];
    for (const folder of [state, kept]) mkdirSync(folder);
    const [connections, tries] = [devices.connections(), tried()];
    const args = ['round', 'run', '--mandate', lab.mandate, '--json', '--state'];
    const under = [
      'unshare',
      '-m',
      '--propagation',
      'private',
      'sh',
      '-c',
      ON_SMALL_DISK,
      'sh',
      `${size}k`,
      state,
      kept,
    ];
    const ran = await notice([...args, state], { under });
    const count = logged(kept);
    const sent = tried() - tries;
    assert.ok(count('attempt') + count('decoy') >= sent, `${sent} tries sent, fewer in the log`);
    if (devices.connections() > connections) assert.equal(count('sweep-shard'), 1, 'swept, and it is in the log');
    if (ran.exit !== 0) {
      stages.full++;
      stages.beforeSweep += Number(devices.connections() === connections);
      stages.duringProbes += Number(sent > 0);
      const told = ran.err.split('\n').filter(line => line.startsWith('notice: '));
      assert.equal(told.length, 1, ran.err);
      assert.ok(ran.err.endsWith(`${told[0]}\n`), ran.err);
      assert.ok(told[0]?.startsWith(`notice: ${state}/`), told[0]);
      assert.match(told[0] ?? '', /^notice: \S+: [^;]+; .+ \(exit 5\)$/);
      assert.deepEqual([ran.exit, ran.out], [5, '']);
    }
    // The owner frees some space and starts again.
    const again = await notice([...args, kept]);
    assert.equal(again.exit, 0, again.err);
    const report = JSON.parse(again.out) as RoundReport;
    assert.deepEqual([report.total, report.sent, report.checked], [16, 16, DEVICES.length]);
    assert.deepEqual([report.reported.positive + report.reported.clear, report.findings], [DEVICES.length, 3]);
    assert.equal(verifyAudit(join(kept, 'audit.log')).firstBad, undefined);
  });

test('the sizes met a full disk before the sweep and among the conversations', () => {
  assert.ok(stages.full >= 4, JSON.stringify(stages));
  assert.ok(stages.beforeSweep > 0 && stages.duringProbes > 0, JSON.stringify(stages));
});
