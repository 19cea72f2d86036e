import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { unpack } from './unpack.ts';

const folder = mkdtempSync(join(tmpdir(), 'unpack-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** One ustar entry, padded to whole blocks. */
function entry(name: string, kind: string, content = ''): Buffer {
  const head = Buffer.alloc(512);
  head.write(name, 0);
  head.write(content.length.toString(8).padStart(11, '0'), 124);
  head.write(kind, 156);
  const body = Buffer.alloc(Math.ceil(content.length / 512) * 512);
  body.write(content);
  return Buffer.concat([head, body]);
}
const archive = (...entries: Buffer[]) => gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]));

test('files and folders come out as they went in', () => {
  const to = join(folder, 'whole');
  unpack(archive(entry('/base', '5'), entry('/base/1/a', '0', 'x'.repeat(700)), entry('/b', '0', 'y')), to);
  assert.equal(readFileSync(join(to, 'base/1/a'), 'utf8'), 'x'.repeat(700));
  assert.equal(readFileSync(join(to, 'b'), 'utf8'), 'y');
});

test('what is damaged, empty, or would leave the folder is refused', () => {
  const to = join(folder, 'bad');
  assert.throws(() => unpack(archive(entry('../out', '0', 'x')), to), /damaged/);
  assert.throws(() => unpack(archive(entry('link', '2')), to), /something else/);
  assert.throws(() => unpack(archive(), to), /empty/);
  assert.throws(() => unpack(gzipSync(entry('cut', '0', 'x'.repeat(600)).subarray(0, 700)), to), /damaged/);
  assert.throws(() => unpack(Buffer.from('not gzip'), to));
  assert.equal(existsSync(join(folder, 'out')), false);
});
