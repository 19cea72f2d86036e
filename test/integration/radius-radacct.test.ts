import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { importAssignments } from '../../src/isp/assignment/import.ts';
import { importRadacct } from '../../src/role/isp-radacct.ts';
import { RADACCT_SCHEMA, startFreeradius } from '../real/freeradius.ts';
import { startPostgresql } from '../real/postgresql.ts';
import { answersOf } from './radius-asking.ts';
import { FIRST, packetsOf, SECOND, TRUTH } from './radius-line-stories.ts';

const folder = mkdtempSync(join(tmpdir(), 'notice-radacct-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** libpq's key=value text of a URL that names a Unix socket's folder. */
function conninfoOf(url: string): string {
  const { searchParams } = new URL(url.replace(/^postgresql:\/\/\//, 'postgresql://localhost/'));
  return `dbname=postgres user=postgres host=${searchParams.get('host')} password=${searchParams.get('password')}`;
}

/** As an administrator exports it. */
const copied = (url: string, options: string): string =>
  execFileSync('psql', [url, '-q', '-c', `copy radacct to stdout (${options})`], { encoding: 'utf8', timeout: 20_000 });

test('the radacct table of a real FreeRADIUS, live and by COPY, answers what happened', async () => {
  const postgresql = await startPostgresql();
  const { url } = postgresql;
  const db = new pg.Client({ connectionString: url });
  try {
    await db.connect();
    await db.query(readFileSync(RADACCT_SCHEMA, 'utf8'));
    const radius = await startFreeradius({ conninfo: conninfoOf(url) });
    try {
      const from = (Math.floor(Date.now() / 1000) - 3_400) * 1000;
      const dir = join(folder, 'live');
      const live = () => importRadacct({ url, dir, now: Date.now() });
      // Read while line-5 is still up: its interim is known before the reboot overwrites it.
      await radius.send(...packetsOf(FIRST.slice(0, 5), from, Date.now()));
      const first = await live();
      assert.equal(first.imported?.rejectedCount, 0);
      await radius.send(...packetsOf(FIRST.slice(5), from, Date.now()));
      await live();
      await radius.send(...packetsOf(SECOND, from, Date.now()));
      const last = await live();
      assert.equal(last.imported?.rejectedCount, 0);
      assert.deepEqual(answersOf(dir, 'radacct', from, TRUTH), TRUTH);
      const beforeReboot = { address: '198.51.100.9', at: 300, verdict: 'unique' as const, line: 'line-5' };
      assert.deepEqual(answersOf(dir, 'radacct', from, [beforeReboot]), [beforeReboot]);
      // Nothing new: the same rows are read again, and nothing changes. No rows are left lying about.
      await live();
      assert.deepEqual(answersOf(dir, 'radacct', from, TRUTH), TRUTH);
      assert.deepEqual(
        readdirSync(dir).filter(name => name.endsWith('.rows')),
        [],
      );
      await byCopy(url, from);
      byCommand(url, from);
    } finally {
      await radius.stop();
    }
  } finally {
    await db.end();
    await postgresql.stop();
  }
});

async function byCopy(url: string, from: number): Promise<void> {
  for (const [name, options] of [
    ['text', 'format text'],
    ['header', 'format text, header true'],
    ['csv', 'format csv, header true'],
  ] as const) {
    const dir = join(folder, name);
    const file = join(folder, `radacct.${name}`);
    writeFileSync(file, copied(url, options));
    const done = await importAssignments({ format: 'radacct', dir, files: [file] });
    assert.equal(done.rejectedCount, 0, name);
    assert.deepEqual(answersOf(dir, 'radacct', from, TRUTH), TRUTH, name);
    // The stock SQL overwrote the interim when the server rebooted: only the start is proven.
    const beforeReboot = { address: '198.51.100.9', at: 300, verdict: 'ambiguous_soft_end' as const };
    assert.deepEqual(answersOf(dir, 'radacct', from, [beforeReboot]), [beforeReboot], name);
  }
}

const program = fileURLToPath(new URL(`../../src/cli/notice${extname(import.meta.url)}`, import.meta.url));

function byCommand(url: string, from: number): void {
  const dir = join(folder, 'command');
  const urlFile = join(folder, 'database-url');
  const options = join(folder, 'options.json');
  writeFileSync(urlFile, `# read-only\n${url}\n`, { mode: 0o600 });
  writeFileSync(options, '{"subscriber": "username"}');
  const told = ['--format', 'radacct', '--dir', dir, '--database-url-file', urlFile];
  const run = (...args: readonly string[]) =>
    spawnSync(process.execPath, [program, 'isp', 'import', ...told, ...args], { encoding: 'utf8', timeout: 60_000 });
  const first = run('--options', options, '--json');
  assert.equal(first.status, 0, first.stderr);
  assert.ok(JSON.parse(first.stdout).intervals > 5);
  assert.ok(!`${first.stdout}${first.stderr}`.includes(url));
  assert.deepEqual(answersOf(dir, 'radacct', from, TRUTH), TRUTH);
  assert.equal(run('a-file').status, 2);
}

test('no database, no table: a fault that says what to do, and no mark', async () => {
  const dir = join(folder, 'none');
  await assert.rejects(importRadacct({ url: 'postgresql://127.0.0.1:1/x', dir, now: Date.now() }), /does not answer/);
  await assert.rejects(importRadacct({ url: 'http://127.0.0.1/', dir, now: Date.now() }), /not a PostgreSQL address/);
  const postgresql = await startPostgresql();
  try {
    const { url } = postgresql;
    await assert.rejects(importRadacct({ url, dir, now: Date.now() }), /there is no table radacct/);
    await assert.rejects(importRadacct({ url, dir, table: 'pg_class', now: Date.now() }), /lacks radacctid/);
    await assert.rejects(importRadacct({ url, dir, table: "x'; drop table y", now: Date.now() }), /is no table/);
  } finally {
    await postgresql.stop();
  }
  assert.deepEqual(readdirSync(dir), []);
});
