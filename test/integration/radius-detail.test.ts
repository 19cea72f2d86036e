import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { importAssignments } from '../../src/isp/assignment/import.ts';
import { startFreeradius } from '../real/freeradius.ts';
import { answersOf } from './radius-asking.ts';
import { FIRST, packetsOf, SECOND, TRUTH } from './radius-line-stories.ts';

const folder = mkdtempSync(join(tmpdir(), 'notice-radius-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('the detail file of a real FreeRADIUS is read as it grows, and answers what happened', async () => {
  const from = (Math.floor(Date.now() / 1000) - 3_400) * 1000;
  const dir = join(folder, 'index');
  const radius = await startFreeradius();
  try {
    const read = (file = radius.detail) => importAssignments({ format: 'radius-detail', dir, files: [file] });
    await radius.send(...packetsOf(FIRST, from, Date.now()));
    const first = await read();
    assert.deepEqual([first.used, first.rejectedCount], [FIRST.length + 3, 0]);
    const early = TRUTH.filter(({ at }) => at < 1_190 && at !== 500);
    assert.deepEqual(answersOf(dir, 'radius-detail', from, early), early);
    assert.deepEqual(
      answersOf(dir, 'radius-detail', from, [{ address: '198.51.100.7', at: 2_700, verdict: 'unique' }]),
      [{ address: '198.51.100.7', at: 2_700, verdict: 'log_pending' }],
    );

    // Half a record is there when the file is looked at; then the rest, and what came after.
    await radius.send(...packetsOf(SECOND.slice(0, 3), from, Date.now()));
    const grown = join(folder, 'detail');
    copyFileSync(radius.detail, grown);
    appendFileSync(grown, 'Mon Nov 23 05:01:32 2026\n\tAcct-Status-Type = Sta');
    const half = await read(grown);
    assert.deepEqual([half.used, half.rejectedCount], [5, 0]);
    await radius.send(...packetsOf(SECOND.slice(3), from, Date.now()));
    const second = await read();
    assert.equal(second.rejectedCount, 0);
    assert.deepEqual(answersOf(dir, 'radius-detail', from, TRUTH), TRUTH);
    const untrusted = [{ address: '198.51.100.10', at: 2_700, verdict: 'clock_untrusted' as const }];
    assert.deepEqual(answersOf(dir, 'radius-detail', from, untrusted), untrusted);

    // The whole file again under another name, as after a rotation, changes nothing.
    renameSync(radius.detail, `${radius.detail}.1`);
    const again = await read(`${radius.detail}.1`);
    assert.deepEqual([again.used, again.known], [0, 1]);
    assert.deepEqual(answersOf(dir, 'radius-detail', from, TRUTH), TRUTH);
  } finally {
    await radius.stop();
  }
});
