import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lockFolder } from './lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'lock-'));
const lock = join(folder, 'store.lock');
after(() => rmSync(folder, { recursive: true, force: true }));

test('a folder is locked once, named by its holder, and free again when released', () => {
  const release = lockFolder(folder);
  assert.match(readFileSync(lock, 'utf8'), new RegExp(`^${process.pid} `));
  assert.throws(() => lockFolder(folder), { code: 'locked', message: new RegExp(`process ${process.pid} `) });
  release();
  lockFolder(folder)();
  assert.deepEqual(readdirSync(folder), []);
});

test('a lock left by a process that is gone, or whose number was given again, is taken over', () => {
  for (const left of ['999999999 1', `${process.pid} 1`, '', 'nonsense']) {
    writeFileSync(lock, left);
    const release = lockFolder(folder);
    assert.match(readFileSync(lock, 'utf8'), new RegExp(`^${process.pid} `), left);
    release();
  }
  assert.deepEqual(readdirSync(folder), []);
});

test('a folder that cannot be written is a fault with a remedy', () => {
  assert.throws(() => lockFolder(join(folder, 'absent')), { name: 'Fault' });
});
