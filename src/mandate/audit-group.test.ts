import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { labBody } from '../../test/mandate/lab-paper.ts';
import { openAudit, verifyAudit } from './audit.ts';
import { allWritten, writeGroup } from './audit-group.ts';
import { openBudget } from './budget.ts';

const clocks = { calendar: Date.now, monotonic: () => performance.now() };

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'notice-group-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

test('what a turn logs is in its file in one piece before anybody who waits goes on', async t => {
  const dir = folder(t);
  const file = join(dir, 'audit.log');
  const group = writeGroup();
  const audit = openAudit(file, clocks, { group });
  const lines = () => readFileSync(file, 'utf8').split('\n').length - 1;
  const seen: number[] = [];
  for (let n = 0; n < 5; n++) {
    audit.commit('attempt', { n });
    group.wait({ written: () => seen.push(lines()), unwritten: assert.ifError });
  }
  assert.equal(lines(), 0);
  await allWritten(group);
  assert.deepEqual(seen, [5, 5, 5, 5, 5]);
  audit.commit('attempt', { n: 5 });
  audit.append('note', { after: 5 });
  assert.equal(lines(), 7, 'an entry of its own takes with it what was owed');
  audit.commit('attempt', { n: 6 });
  assert.equal(audit.root().entries, 8);
  audit.commit('attempt', { n: 7 });
  audit.close();
  const { ok, entries, opened } = verifyAudit(file);
  assert.deepEqual({ ok, entries, opened }, { ok: true, entries: 9, opened: 8 });
});

test('when the log cannot be written nobody who waits goes on, then or later', async t => {
  const dir = folder(t);
  const file = join(dir, 'audit.log');
  const group = writeGroup();
  const audit = openAudit(file, clocks, { group });
  const budget = openBudget(join(dir, 'budget'), labBody(), clocks, { group });
  t.after(() => budget.close());
  budget.reserve('127.64.0.1', 'admin', 'attempt');
  audit.commit('attempt', { n: 1 });
  await allWritten(group);
  appendFileSync(file, 'another hand\n');
  budget.reserve('127.64.0.2', 'admin', 'attempt');
  audit.commit('attempt', { n: 2 });
  await assert.rejects(allWritten(group), /someone else changed it/);
  assert.throws(() => audit.commit('attempt', { n: 3 }), /someone else changed it/);
  await assert.rejects(allWritten(group), /someone else changed it/, 'for good');
  audit.close();
});

test('a reserved try is in the budget before anybody who waits goes on, and after a close', async t => {
  const dir = folder(t);
  const group = writeGroup();
  const budget = openBudget(dir, labBody(), clocks, { group });
  const lines = () => readFileSync(join(dir, 'budget.log'), 'utf8').split('\n').length - 1;
  budget.reserve('127.64.0.1', 'admin', 'attempt');
  budget.reserve('127.64.0.2', 'admin', 'attempt');
  assert.equal(lines(), 0);
  await allWritten(group);
  assert.equal(lines(), 2);
  budget.stopDevice('127.64.0.2');
  budget.close();
  assert.equal(lines(), 3);
});
