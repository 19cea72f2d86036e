import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Fault } from '../record/fault.ts';
import { dealOf, workersOf } from './probe-deal.ts';

const dir = mkdtempSync(join(tmpdir(), 'notice-deal-'));
after(() => rmSync(dir, { recursive: true, force: true }));
let folders = 0;
const folder = (): string => {
  const made = join(dir, `state-${folders++}`);
  mkdirSync(made);
  return made;
};
const random = (length: number): Uint8Array => randomBytes(length);
const refused = (state: string, workers: number): string => {
  try {
    dealOf(state, workers, random);
  } catch (thrown) {
    assert.ok(thrown instanceof Fault);
    return thrown.message;
  }
  return '';
};

test('a /24 has one owner, the same at every start, and all get their part', () => {
  const state = folder();
  const first = dealOf(state, 5, random);
  const again = dealOf(state, 5, random);
  const parts = [0, 0, 0, 0, 0];
  for (let net = 0; net < 5_000; net++) {
    const base = 0x7f000000 + net * 256;
    const owner = first.ownerOf(base);
    parts[owner] = (parts[owner] as number) + 1;
    for (const host of [1, 77, 255]) assert.equal(again.ownerOf(base + host), owner);
  }
  // Binomial: 1,000 expected each, standard deviation 28.
  for (const part of parts) assert.ok(part > 800 && part < 1_200, `${parts}`);
});

test('another number is refused with the remedy, whichever way', () => {
  const state = folder();
  assert.equal(workersOf(state), undefined);
  dealOf(state, 3, random);
  assert.equal(workersOf(state), 3);
  for (const other of [1, 2, 4]) assert.match(refused(state, other), /3 workers.+go on with --workers 3/);
  const alone = folder();
  dealOf(alone, 1, random);
  assert.equal(workersOf(alone), undefined, 'nothing is counted yet');
  mkdirSync(join(alone, 'budget'));
  assert.match(refused(alone, 2), /one worker.+go on with --workers 1/);
  assert.equal(refused(alone, 1), '');
});

test('a damaged deal is not made anew: devices would come under an empty budget', () => {
  for (const text of ['', '{}', '{"workers":2}', '{"workers":2,"key":"00"}', 'null']) {
    const state = folder();
    writeFileSync(join(state, 'workers.json'), text);
    assert.match(refused(state, 2), /does not say how this folder is dealt out/);
  }
});
