import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { keptSummary } from './kept-summary.ts';

const dir = mkdtempSync(join(tmpdir(), 'notice-kept-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const summary = (inquiries: number) => async () => ({ inquiries });

test('a run that is over is shown as it was judged; another run is judged anew', async () => {
  assert.equal((await keptSummary(dir, 12.5, summary(1))).inquiries, 1);
  assert.equal((await keptSummary(dir, 12.5, summary(2))).inquiries, 1);
  assert.equal((await keptSummary(dir, 13.5, summary(3))).inquiries, 3);
  writeFileSync(join(dir, 'summary.json'), '{"seconds":13.5,"summ');
  assert.equal((await keptSummary(dir, 13.5, summary(4))).inquiries, 4);
  await assert.rejects(keptSummary(join(dir, 'gone'), 1, summary(5)), /summary\.json: /);
});
