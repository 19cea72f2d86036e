import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DAY } from '../record/instant.ts';
import { dropJournals, type JournalOptions, openJournal } from './probe-journal.ts';
import { placeOf } from './probe-sets.ts';

const dir = mkdtempSync(join(tmpdir(), 'notice-journal-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const NOW = Date.UTC(2026, 10, 20);
let folders = 0;
const options = (changes: Partial<JournalOptions> = {}): JournalOptions => ({
  state: join(dir, `state-${folders}`),
  round: 'probe-2026-11',
  now: NOW,
  random: length => randomBytes(length),
  again: false,
  ...changes,
});
const fileOf = ({ state, round }: JournalOptions): string => join(state, 'probe', round, 'journal');

test('what was added is known to the next start, not to this one, and not when all is to be done again', () => {
  const here = options({ state: join(dir, `state-${folders++}`) });
  const first = openJournal(here);
  const keys = [1, 2, 3].map(n => first.keyOf(placeOf(n, 23, 0), 'done'));
  first.add(keys);
  assert.ok(!first.has(keys[0] as Buffer));
  first.close();
  const second = openJournal(here);
  assert.deepEqual([second.before, ...keys.map(key => second.has(key))], [3, true, true, true]);
  assert.ok(!second.has(second.keyOf(placeOf(4, 23, 0), 'done')));
  assert.ok(!second.has(second.keyOf(placeOf(1, 23, 0), 'told')), 'told is not done');
  second.close();
  const third = openJournal({ ...here, again: true });
  assert.deepEqual([third.before, third.has(keys[0] as Buffer)], [0, false]);
  third.close();
});

test('an end torn at any byte is cut off, and the journal goes on behind it', () => {
  for (let torn = 1; torn < 16; torn++) {
    const here = options({ state: join(dir, `state-${folders++}`) });
    const first = openJournal(here);
    const key = first.keyOf(1, 'done');
    first.add([key]);
    first.close();
    appendFileSync(fileOf(here), randomBytes(torn));
    const second = openJournal(here);
    const next = second.keyOf(2, 'done');
    second.add([next]);
    second.close();
    const third = openJournal(here);
    assert.deepEqual([third.before, third.has(key), third.has(next)], [2, true, true]);
    third.close();
  }
});

test('it is no list of devices, and rounds cannot be compared', () => {
  const state = join(dir, `state-${folders++}`);
  const [a, b] = ['probe-2026-10', 'probe-2026-11'].map(round => openJournal(options({ state, round })));
  const place = placeOf(0x7f400009, 2323, 0);
  assert.notDeepEqual(a?.keyOf(place, 'done'), b?.keyOf(place, 'done'));
  a?.add([a.keyOf(place, 'done')]);
  const bytes = readFileSync(fileOf(options({ state, round: 'probe-2026-10' })));
  assert.equal(bytes.length, 16);
  for (const text of ['127.64.0.9', '2323']) assert.ok(!bytes.includes(text));
  assert.equal(statSync(fileOf(options({ state }))).mode & 0o777, 0o600);
  a?.close();
  b?.close();
});

test('old rounds go with their keys; the running one and younger ones stay', () => {
  const state = join(dir, `state-${folders++}`);
  for (const [round, now] of [
    ['probe-2026-09', NOW - 60 * DAY],
    ['probe-2026-10', NOW - 20 * DAY],
    ['probe-2026-11', NOW],
  ] as const)
    openJournal(options({ state, round, now })).close();
  assert.equal(dropJournals(state, NOW - 31 * DAY, 'probe-2026-11'), 1);
  assert.deepEqual(
    ['09', '10', '11'].map(month => existsSync(join(state, 'probe', `probe-2026-${month}`))),
    [false, true, true],
  );
  assert.equal(dropJournals(join(dir, 'nothing-here'), NOW), 0);
});
