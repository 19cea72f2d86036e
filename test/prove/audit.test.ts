import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proveAudit } from './audit.ts';

test('the proof of the audit at a small size: nothing missed, nothing wrong', async () => {
  const { tried, wrong, missed, ratio_found } = await proveAudit(400);
  assert.ok(tried >= 400);
  assert.deepEqual([wrong, missed, ratio_found], [0, 0, 1]);
});
