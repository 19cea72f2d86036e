import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { labClocks } from '../../test/mandate/lab-paper.ts';
import { openAudit, verifyAudit } from './audit.ts';
import { saltsDirOf } from './audit-salts.ts';

const dir = mkdtempSync(join(tmpdir(), 'notice-salts-'));
after(() => rmSync(dir, { recursive: true }));

test('a salt torn at any byte, by a crash or a full disk, costs that salt and no other', () => {
  const clocks = labClocks();
  const from = join(dir, 'from');
  const first = openAudit(join(from, 'audit.log'), clocks);
  for (let n = 0; n < 3; n++) first.commit('attempt', { n });
  first.close();
  const salts = (folder: string): string => {
    const all = saltsDirOf(join(folder, 'audit.log'));
    return join(all, readdirSync(all).find(name => name.endsWith('.lines')) ?? '');
  };
  const bytes = readFileSync(salts(from)).length;
  for (let cut = 0; cut < bytes; cut += 7) {
    const copy = join(dir, `cut-${cut}`);
    cpSync(from, copy, { recursive: true });
    truncateSync(salts(copy), cut);
    const log = join(copy, 'audit.log');
    const again = openAudit(log, clocks);
    again.commit('attempt', { n: 3 });
    again.commit('attempt', { n: 4 });
    again.close();
    const { ok, firstBad, entries, opened } = verifyAudit(log);
    assert.deepEqual([ok, firstBad, entries], [true, undefined, 5], `cut at ${cut}`);
    assert.ok(opened >= 2 && opened <= 5, `${opened} opened after a cut at ${cut}`);
  }
});
