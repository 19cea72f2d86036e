import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DAY } from '../record/instant.ts';
import { openUnconfirmed } from './unconfirmed.ts';

test('a hit is there after a restart and a torn line, until it is dropped or too old; no address and no pair is written', () => {
  const dir = mkdtempSync(join(tmpdir(), 'notice-hits-'));
  const key = new Uint8Array(32).fill(7);
  const file = join(dir, 'unconfirmed.log');
  const now = 20_000 * DAY;
  let kept = openUnconfirmed(dir, key, now);
  const marks = (n: number) => ({
    pair: kept.mark('pair', 'secret-pair', String(n)),
    device: kept.mark('device', 'HR-200'),
    shape: kept.mark('shape', 'inside'),
  });
  kept.set('192.0.2.1:23', { ...marks(1), refused: false, rungs: 0 }, now);
  kept.set('192.0.2.2:23', { ...marks(2), refused: true, rungs: 3 }, now);
  kept.set('192.0.2.2:23', { ...marks(2), refused: true, rungs: 4 }, now + DAY);
  kept.set('192.0.2.3:23', { ...marks(3), refused: true, rungs: 0 }, now);
  kept.clear('192.0.2.3:23', now);
  appendFileSync(file, '0123456789abcdef');
  for (let n = 0; n < 2; n++) {
    kept = openUnconfirmed(dir, key, now + DAY);
    assert.equal(kept.get('192.0.2.1:23')?.pair, marks(1).pair);
    assert.deepEqual([kept.get('192.0.2.2:23')?.refused, kept.get('192.0.2.2:23')?.rungs], [true, 4]);
    assert.equal(kept.get('192.0.2.3:23'), undefined);
    assert.equal(kept.get('192.0.2.1:24'), undefined);
    // A line torn by a crash costs itself, not the next.
    kept.set('192.0.2.1:23', { ...marks(1), refused: false, rungs: n }, now + DAY);
  }
  const text = readFileSync(file, 'latin1');
  for (const clear of ['192.0.2', 'secret-pair', 'HR-200', 'inside']) assert.ok(!text.includes(clear), clear);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  // The age runs from the hit, not from the last step of its control.
  kept.forget(now + 39 * DAY);
  assert.ok(kept.get('192.0.2.2:23'));
  kept.forget(now + 40 * DAY);
  assert.equal(kept.get('192.0.2.2:23'), undefined);
  assert.equal(readFileSync(file, 'latin1'), '');
  rmSync(dir, { recursive: true });
});
