import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const dir = mkdtempSync(join(tmpdir(), 'notice-cli-isp-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const program = fileURLToPath(new URL(`./notice${extname(import.meta.url)}`, import.meta.url));
const notice = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'isp', ...args], {
    cwd: dir,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};

test('logs in, bad lines named, one question answered or refused', () => {
  writeFileSync(
    join(dir, 'lines.csv'),
    'address,subscriber,from,to\n127.64.0.9,HK-1,2026-01-01T00:00:00+09:00,\nx,y,,\n127.64.0.10,HK-2,2026-01-01T00:00:00+09:00,\n',
  );
  writeFileSync(join(dir, 'pools.json'), '[{"prefix":"127.64.0.0/16","pool":"dedicated","log":"csv"}]');
  const into = notice('import', '--format', 'csv', '--dir', 'logs', '--through', '2026-12-01T00:00:00Z', 'lines.csv');
  assert.equal(into.status, 4);
  assert.match(into.stderr, /lines\.csv:3: the address is no IPv4 address/);
  assert.match(into.stdout, /^2 records used/);
  const ask = (address: string, t = '2026-11-22T10:30:00+09:00') =>
    notice(
      'ask',
      '--dir',
      'logs',
      '--pools',
      'pools.json',
      '--address',
      address,
      '--port',
      '2323',
      '--at',
      t,
      '--json',
    );
  const held = ask('127.64.0.9');
  assert.equal(held.status, 0);
  assert.equal(JSON.parse(held.stdout).subscriber, '1', 'a number: the name is sealed');
  assert.equal(JSON.parse(ask('127.64.0.9', '2026-12-24T00:00:00Z').stdout).verdict, 'log_pending');
  const somebody = ask('8.8.8.8');
  assert.equal(somebody.status, 3);
  assert.match(somebody.stderr, /verified bundle/);
  assert.equal(somebody.stdout, '');
});

test('where nothing can be used, every bad line is named all the same', () => {
  writeFileSync(join(dir, 'bad.csv'), 'address,subscriber,from,to\nx,y,,\nshort\n');
  const { status, stderr } = notice('import', '--format', 'csv', '--dir', 'none', 'bad.csv');
  assert.equal(status, 4);
  assert.match(stderr, /bad\.csv:2: the address is no IPv4 address\n.*bad\.csv:3: 1 columns/);
  assert.match(stderr, /none of 2 records can be used/);
});

test('what a log says moves no cursor of a terminal', () => {
  const head = 'acctsessionid,acctuniqueid,username,nasipaddress,acctstarttime,acctstoptime,framedipaddress';
  writeFileSync(join(dir, 'escape.csv'), `${head}\ns,u,L,10.9.9.9,\x1b[2J20,,127.64.0.9\n`);
  const bad = notice('import', '--format', 'radacct', '--dir', 'escape', 'escape.csv');
  assert.match(bad.stderr, /escape\.csv:2: .*\\x1b\[2J/);
  const list = 'address,subscriber,from,to\n127.64.0.9,HK\x1b]0;x\x07y,2026-01-01T00:00:00Z,2026-12-01T00:00:00Z\n';
  writeFileSync(join(dir, 'named.csv'), list);
  notice('import', '--format', 'csv', '--dir', 'named', '--through', '2026-12-01T00:00:00Z', 'named.csv');
  const place = ['--address', '127.64.0.9', '--port', '2323', '--at', '2026-11-22T10:30:00+09:00'];
  const { stdout } = notice('ask', '--dir', 'named', '--pools', 'pools.json', ...place);
  assert.match(stdout, /^unique: line HK\\x1b]0;x\\x07y\n/);
  assert.ok(!(bad.stderr + stdout).includes('\x1b'));
});

test('a configuration that would lift the rehearsal mark is refused', () => {
  writeFileSync(join(dir, 'isp.json'), JSON.stringify({ id: 'minato', issuer: { rehearsal: false } }));
  const { status, stderr } = notice('alert', '--config', 'isp.json');
  assert.equal(status, 4);
  assert.match(stderr, /^notice: isp\.json: /);
  assert.equal(notice('pull').status, 2);
});
