import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { labClocks } from '../../test/mandate/lab-paper.ts';
import { Fault } from '../record/fault.ts';
import { DAY } from '../record/instant.ts';
import { openAudit, verifyAudit } from './audit.ts';

function inFolder(work: (file: string) => void): void {
  const dir = mkdtempSync(join(tmpdir(), 'notice-audit-'));
  try {
    work(join(dir, 'deep', 'audit.log'));
  } finally {
    rmSync(dir, { recursive: true });
  }
}
const linesOf = (file: string) => readFileSync(file, 'utf8').split('\n').slice(0, -1);

function fill(file: string, entries: number, clocks = labClocks()): void {
  const audit = openAudit(file, clocks);
  for (let n = 0; n < entries; n++) {
    if (n % 3 === 0) audit.commit('attempt', { address: `127.64.0.${n}`, port: 23, ordinal: n });
    else audit.append('sweep', { round: 'r', shard: n, words: 'é 日本 "\\' });
    clocks.pass(10);
  }
  audit.close();
}

test('what is written verifies, and the root is the last hash', () =>
  inFolder(file => {
    fill(file, 20);
    const verdict = verifyAudit(file);
    const last = JSON.parse(linesOf(file).at(-1) as string) as { hash: string; seq: number };
    assert.deepEqual(verdict, { ok: true, entries: 20, root: last.hash, opened: 7 });
    assert.equal(last.seq, 20);
    fill(file, 5);
    assert.equal(verifyAudit(file).entries, 25);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  }));

test('any byte changed, any line gone, doubled or moved, any cut, and any missing file is noticed, and not gone on from', () =>
  inFolder(file => {
    fill(file, 9);
    const good = readFileSync(file);
    const lines = linesOf(file);
    const anchor = readFileSync(`${file}.anchor`, 'utf8');
    const refused = (what: string) => {
      const verdict = verifyAudit(file);
      assert.equal(verdict.ok, false, what);
      assert.ok((verdict.firstBad?.line ?? 0) >= 0 && verdict.firstBad?.why, what);
    };
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bad = Buffer.from(good);
        bad[at] = (bad[at] as number) ^ flip;
        writeFileSync(file, bad);
        refused(`byte ${at} ^ ${flip}`);
        assert.throws(() => openAudit(file, labClocks()), Fault);
      }),
      { numRuns: 150 },
    );
    for (let n = 0; n < lines.length; n++) {
      const put = (changed: string[]) => writeFileSync(file, changed.map(l => `${l}\n`).join(''));
      put(lines.toSpliced(n, 1));
      refused(`drop ${n}`);
      put(lines.toSpliced(n, 0, lines[n] as string));
      refused(`double ${n}`);
      if (n > 0) {
        put(lines.toSpliced(n - 1, 2, lines[n] as string, lines[n - 1] as string));
        refused(`swap ${n}`);
        put(lines.slice(0, n));
        refused(`cut to ${n}`);
        assert.throws(() => openAudit(file, labClocks()), /tail is cut/);
      }
    }
    rmSync(file);
    refused('no log');
    assert.throws(() => openAudit(file, labClocks()), Fault);
    writeFileSync(file, good);
    rmSync(`${file}.anchor`);
    refused('no anchor');
    assert.throws(() => openAudit(file, labClocks()), Fault);
    writeFileSync(`${file}.anchor`, anchor);
    assert.equal(verifyAudit(file).ok, true);
  }));

test('a root kept elsewhere shows up a log that was cut and anchored again, or written anew', () =>
  inFolder(file => {
    const audit = openAudit(file, labClocks());
    audit.append('a', {});
    const early = audit.root();
    audit.append('b', {});
    audit.append('c', {});
    const late = audit.root();
    audit.close();
    assert.equal(verifyAudit(file, [early, late]).ok, true);
    const lines = linesOf(file);
    writeFileSync(file, `${lines[0]}\n`);
    writeFileSync(`${file}.anchor`, JSON.stringify(early));
    assert.equal(verifyAudit(file).ok, true);
    assert.match(verifyAudit(file, [late]).firstBad?.why ?? '', /tail is cut/);
    rmSync(file);
    rmSync(`${file}.anchor`);
    fill(file, 8);
    assert.equal(verifyAudit(file).ok, true);
    assert.equal(verifyAudit(file, [early]).ok, false);
  }));

test('an entry torn by a crash is cut, and an entry says so; one before the anchor is not forgiven', () =>
  inFolder(file => {
    fill(file, 4);
    const { root } = verifyAudit(file);
    appendFileSync(file, '{"at":17');
    assert.match(verifyAudit(file).firstBad?.why ?? '', /middle of an entry/);
    fill(file, 1);
    const entries = linesOf(file).map(l => JSON.parse(l) as { type: string; prev: string; data: { bytes?: number } });
    assert.deepEqual(
      entries.map(e => e.type),
      ['attempt', 'sweep', 'sweep', 'attempt', 'torn', 'attempt'],
    );
    assert.equal(entries[4]?.prev, root);
    assert.equal(entries[4]?.data.bytes, 8);
    assert.equal(verifyAudit(file).ok, true);
    truncateSync(file, statSync(file).size - 3);
    assert.throws(() => openAudit(file, labClocks()), /tail is cut/);
  }));

test('the log and its salts list no device in clear, and the chain holds when the salts are dropped after 30 days', () =>
  inFolder(file => {
    const clocks = labClocks();
    fill(file, 9, clocks);
    const dir = `${file}.salts`;
    for (const name of [file, ...readdirSync(dir).map(n => join(dir, n))])
      assert.ok(!readFileSync(name, 'latin1').includes('127.64.0'), name);
    clocks.pass(29 * DAY);
    fill(file, 3, clocks);
    assert.deepEqual([verifyAudit(file).ok, verifyAudit(file).opened], [true, 4]);
    clocks.pass(2 * DAY);
    fill(file, 3, clocks);
    assert.deepEqual([verifyAudit(file).ok, verifyAudit(file).opened, readdirSync(dir).length], [true, 2, 4]);
    rmSync(dir, { recursive: true });
    assert.deepEqual([verifyAudit(file).ok, verifyAudit(file).entries, verifyAudit(file).opened], [true, 15, 0]);
  }));

test('a salt that does not fit its commitment is noticed', () =>
  inFolder(file => {
    fill(file, 9);
    const dir = `${file}.salts`;
    const name = readdirSync(dir).find(n => n.endsWith('.lines')) as string;
    const text = readFileSync(join(dir, name), 'latin1');
    const [empty = '', stretch = '', ...salts] = text.split('\n').slice(0, -1);
    assert.match(stretch, /^\*[0-9a-f]{32}$/);
    const put = (lines: string[]) => writeFileSync(join(dir, name), [empty, stretch, ...lines, ''].join('\n'));
    const refused = (what: string) => assert.equal(verifyAudit(file).ok, false, what);
    for (let n = 0; n < salts.length; n++) {
      const line = salts[n] as string;
      // The first bits of a line are those of `{`, the last lie within the number of the entry.
      put(salts.with(n, `${line.startsWith('A') ? 'B' : 'A'}${line.slice(1)}`));
      if (n < salts.length - 1) refused(`first letter of ${n}`);
      const data = Buffer.from(line, 'base64url');
      // Stays JSON, another port: the stream cipher lets it through, the commitment does not.
      data[60] = (data[60] as number) ^ 1;
      put(salts.with(n, data.toString('base64url')));
      refused(`a bit of ${n}`);
      if (n < salts.length - 1) {
        put(salts.toSpliced(n, 1));
        refused(`without ${n}`);
      }
    }
    writeFileSync(join(dir, name), text);
    assert.equal(verifyAudit(file).ok, true);
  }));

test('work stops when the log cannot be written or another hand is in it', () =>
  inFolder(file => {
    const audit = openAudit(file, labClocks());
    audit.append('a', {});
    appendFileSync(file, 'x');
    for (const act of [() => audit.append('b', {}), () => audit.commit('b', {}), () => audit.root()])
      assert.throws(act, (f: unknown) => f instanceof Fault && f.code === 'audit' && f.exit === 3);
    audit.close();
    audit.close();
    assert.throws(() => openAudit(join(file, 'below-a-file'), labClocks()), Fault);
  }));

test('after kill -9 in full work the log is gone on from and verifies, with every act that was said to be logged', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'notice-audit-'));
  const file = join(dir, 'audit.log');
  const child = fileURLToPath(
    new URL(`../../test/mandate/audit-child.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
  );
  let said = 0;
  for (let run = 0; run < 3; run++) {
    const started = spawn(process.execPath, [child, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(started, 'exit');
    let text = '';
    started.stdout.on('data', (data: Buffer) => {
      text += data;
      if (text.length > 200 * (run + 1)) started.kill('SIGKILL');
    });
    const ended = once(started.stdout, 'end');
    await exited;
    await ended;
    said += text.split('\n').length - 1;
  }
  const audit = openAudit(file, labClocks());
  const { entries } = audit.root();
  audit.close();
  assert.equal(verifyAudit(file).ok, true);
  assert.ok(said > 100 && entries >= said, `${entries} logged, ${said} said`);
  rmSync(dir, { recursive: true });
});
