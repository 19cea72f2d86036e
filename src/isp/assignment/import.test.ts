import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseIpv4 } from '../../record/address.ts';
import { Fault } from '../../record/fault.ts';
import { isoOf } from '../../record/instant.ts';
import { lockFolder } from './folder-lock.ts';
import { type ImportOptions, importAssignments } from './import.ts';
import { openAssignments } from './index.ts';
import { makePools } from './pools.ts';
import { openSubscribers } from './subscribers.ts';

const root = mkdtempSync(join(tmpdir(), 'notice-import-'));
after(() => rmSync(root, { recursive: true, force: true }));
const pools = makePools([], 'pools');
const T = Date.UTC(2026, 10, 1);
const HEADER = 'address,subscriber,from,to\n';
const row = (n: number, from: number, to: number | null, name = `S-${n}`) =>
  `10.0.0.${n},${name},${isoOf(T + from * 1000)},${to === null ? '' : isoOf(T + to * 1000)}\n`;
let made = 0;

function place() {
  const folder = mkdtempSync(join(root, `${++made}-`));
  const [file, dir] = [join(folder, 'list.csv'), join(folder, 'index')];
  const load = (options: Partial<ImportOptions> = {}) =>
    importAssignments({ format: 'csv', files: [file], dir, ...options });
  const names = (n: number, at: number) => {
    const index = openAssignments(dir, pools);
    const { nameOf } = openSubscribers(dir);
    const found = index.touching(parseIpv4(`10.0.0.${n}`) as number, 23, T + at * 1000, T + at * 1000);
    return found.map(t => nameOf(t.subscriber)).sort();
  };
  const state = () =>
    readdirSync(dir)
      .sort()
      .map(name => `${name} ${statSync(join(dir, name)).ino}`);
  return { folder, file, dir, load, names, state };
}

test('the same bytes again, under any name, change nothing; what was added is read on', async () => {
  const { folder, file, dir, load, names, state } = place();
  writeFileSync(file, HEADER + row(1, 0, 50) + row(2, 0, 60));
  const first = await load();
  assert.deepEqual([first.used, first.intervals, first.known, first.source.through], [2, 2, 0, T + 60_000]);
  const before = state();
  renameSync(file, join(folder, 'other.csv'));
  const again = await load({ files: [join(folder, 'other.csv')] });
  assert.deepEqual([again.used, again.intervals, again.known], [0, 0, 1]);
  assert.deepEqual(state(), before);
  appendFileSync(join(folder, 'other.csv'), `${row(3, 70, 80)}bad\n`);
  writeFileSync(file, HEADER + row(4, 90, 95));
  const more = await load({ files: [join(folder, 'other.csv'), file] });
  assert.deepEqual([more.used, more.intervals, more.known, more.rejectedCount], [2, 2, 0, 1]);
  assert.deepEqual(
    more.rejected.map(r => r.where),
    [`${join(folder, 'other.csv')}:5`],
  );
  for (const n of [1, 2, 3, 4]) assert.deepEqual(names(n, [0, 10, 10, 75, 92][n]!), [`S-${n}`]);
  assert.equal(openAssignments(dir, pools).rows, 4);
});

test('a last line without an end waits, unless the file is said to be complete; it never counts in part', async () => {
  const { file, load, names } = place();
  writeFileSync(file, HEADER + row(1, 0, 50) + row(2, 0, 60).slice(0, -6));
  const first = await load();
  assert.deepEqual([first.used, first.waiting], [1, 1]);
  assert.deepEqual(names(2, 10), []);
  appendFileSync(file, row(2, 0, 60).slice(-6) + row(3, 0, 70).trimEnd());
  const second = await load({ through: T + 70_000 });
  assert.deepEqual([second.used, second.waiting], [2, 0]);
  assert.deepEqual(names(3, 10), ['S-3']);
  appendFileSync(file, `\n${row(4, 0, 80)}`);
  assert.equal((await load()).used, 1);
  writeFileSync(file, readFileSync(file).subarray(0, -1));
  const other = place();
  writeFileSync(other.file, HEADER + row(1, 0, 50).trimEnd().slice(0, -1));
  await assert.rejects(other.load({ through: T }), Fault, 'its time has no zone: nothing can be used');
  writeFileSync(other.file, HEADER + row(1, 0, null).trimEnd());
  await other.load({ through: T + 1000 });
  appendFileSync(other.file, `${isoOf(T + 50_000)}\n`);
  await assert.rejects(other.load(), /list\.csv:2: this line was read before it was whole/);
});

test('a line still held is closed by the row that ends it, and open ones come back with the next import', async () => {
  const { file, dir, load, names } = place();
  writeFileSync(file, HEADER + row(1, 0, null) + row(2, 0, null));
  await load({ through: T + 100_000 });
  assert.deepEqual(names(1, 90), ['S-1']);
  appendFileSync(file, row(1, 0, 95) + row(1, 96, null, 'S-9'));
  await load({ through: T + 200_000 });
  assert.deepEqual(names(1, 94), ['S-1']);
  assert.deepEqual(names(1, 150), ['S-9'], 'the first no longer holds it');
  assert.deepEqual(names(2, 150), ['S-2']);
  const index = openAssignments(dir, pools);
  assert.equal(index.rows, 3);
  assert.equal(index.touching(parseIpv4('10.0.0.2') as number, 1, T, T)[0]?.possibleTo, Number.POSITIVE_INFINITY);
});

test('what a source says anew takes the place of all it said before, in one commit; else it stands beside it', async () => {
  const { file, load, names } = place();
  writeFileSync(file, HEADER + row(1, 0, null, 'wrong') + row(2, 0, 50));
  await load({ through: T + 100_000 });
  writeFileSync(file, HEADER + row(1, -9, 40, 'right') + row(1, 40, null, 'next'));
  await load({ through: T + 200_000 });
  assert.deepEqual(names(1, 20), ['right', 'wrong'], 'nobody is named rather than a guess made');
  writeFileSync(file, 'nothing that can be used\n');
  await assert.rejects(load({ anew: true }), Fault);
  assert.deepEqual(names(2, 20), ['S-2']);
  writeFileSync(file, HEADER + row(1, 0, 40, 'right') + row(1, 40, null, 'next'));
  await load({ anew: true, through: T + 200_000 });
  assert.deepEqual(names(1, 20), ['right']);
  assert.deepEqual(names(1, 150), ['next']);
  assert.deepEqual(names(2, 20), []);
});

test('no name of a line is in any file of the index; only the private key opens the map', async () => {
  const { file, dir, load } = place();
  const secretive = generateKeyPairSync('x25519');
  const name = (n: number) => `kunren-tarou-${n}`;
  const lines = Array.from({ length: 200 }, (_, n) =>
    row(n, n * 86_400, n % 3 === 0 ? null : n * 86_400 + 50, name(n)),
  );
  writeFileSync(file, HEADER + lines.join(''));
  await load({ publicKey: secretive.publicKey });
  const files = readdirSync(dir);
  assert.ok(files.some(f => f.endsWith('.state')) && files.some(f => f.endsWith('.names')));
  for (const one of files) assert.ok(!readFileSync(join(dir, one)).includes('kunren-tarou'), one);
  const index = openAssignments(dir, pools);
  const { nameOf } = openSubscribers(dir, secretive.privateKey);
  for (let n = 0; n < 200; n++) {
    const at = T + n * 86_400_000 + 10_000;
    const found = index.touching(parseIpv4(`10.0.0.${n}`) as number, 5, at, at).map(t => nameOf(t.subscriber));
    assert.deepEqual(found, [name(n)]);
  }
  assert.throws(() => openSubscribers(dir).nameOf(1), Fault, 'there is no key beside the folder');
  assert.equal(openSubscribers(dir, generateKeyPairSync('x25519').privateKey).nameOf(1), undefined);
  assert.throws(() => openSubscribers(dir, generateKeyPairSync('ed25519').privateKey).nameOf(1), Fault);
  // The same name keeps its number, over imports and sources.
  writeFileSync(file, HEADER + row(201, 0, 50, name(7)) + row(202, 0, 50, 'somebody new'));
  await load({ source: 'second' });
  const both = openAssignments(dir, pools);
  const numberOf = (n: number, at: number) =>
    both.touching(parseIpv4(`10.0.0.${n}`) as number, 5, at, at)[0]?.subscriber;
  assert.equal(numberOf(201, T + 1_000), numberOf(7, T + 7 * 86_400_000 + 1_000));
  assert.equal(numberOf(202, T + 1_000), 201);
  assert.equal(openSubscribers(dir, secretive.privateKey).nameOf(201), 'somebody new');
});

test('a source keeps its format, its options and its lock; bad options stop before anything is written', async () => {
  const { file, dir, load, names } = place();
  writeFileSync(file, `ip,user,from,to\n10.0.0.1,S-1,2026-11-01 09:00:00,2026-11-01 09:01:00\n`);
  const columns = { address: 'ip', subscriber: 'user' };
  await load({ options: { columns, zone: 'Asia/Tokyo' } });
  appendFileSync(file, '10.0.0.2,S-2,2026-11-01 09:00:00,2026-11-01 09:01:00\n');
  await load();
  assert.deepEqual(names(2, 30), ['S-2']);
  await assert.rejects(load({ format: 'kea', source: 'csv' }), /is of the format csv/);
  await assert.rejects(load({ format: 'cuneiform' }), /is no format/);
  await assert.rejects(load({ files: [] }), Fault);
  await assert.rejects(load({ files: [`${file}.absent`] }), Fault);
  await assert.rejects(load({ through: T - 1 }), /begins after/);
  const name = readdirSync(dir).find(f => f.startsWith('import-'));
  assert.equal(name, undefined, 'the lock is given back');
  const unlock = lockFolder(dir, 'index.lock', 0);
  assert.throws(() => lockFolder(dir, 'index.lock', 40), /works on this index/);
  unlock();
  writeFileSync(join(dir, 'index.lock'), `${process.pid} 1`);
  lockFolder(dir, 'index.lock', 0)();
});

test('a thousand bad records are named, all are counted', async () => {
  const { file, load } = place();
  writeFileSync(file, HEADER + row(1, 0, 50) + 'bad\n'.repeat(3_000));
  const report = await load();
  assert.deepEqual([report.rejectedCount, report.rejected.length, report.used], [3_000, 1_000, 1]);
  assert.equal(report.rejected[999]?.where, `${file}:1002`);
  assert.equal(report.source.rejected, 3_000);
});
