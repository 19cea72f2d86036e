/**
 * `notice probe --workers 2`: each /24 has one owner, an address one connection at a time whatever its services speak, a
 * folder keeps its number of workers, each worker's audit log verifies, and an exclusion stops all of them within a second.
 */
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readSalts } from '../../src/mandate/audit-salts.ts';
import { notice } from '../fixtures/command.ts';
import { paperToday } from '../fixtures/paper-today.ts';
import type { Lab } from '../mandate/lab-paper.ts';
import { type FarEnd, farEnd, probing, rowsOf, type Stand, targetLine, until } from './probe-far-end.ts';

const NETS = 16;
const WEAK = { user: 'root', password: '123456' };
const STANDS: readonly Stand[] = Array.from({ length: NETS * 2 }, (_, n) => n).flatMap(n =>
  (['telnet', 'http'] as const).map(protocol => ({
    address: `127.99.${n >> 1}.${1 + (n & 1)}`,
    protocol,
    key: n % 8 === 0 ? WEAK : null,
  })),
);
const dir = mkdtempSync(join(tmpdir(), 'notice-probe-workers-'));
let far: FarEnd;
let lab: Lab;
const paper = (gapMs: number): Lab =>
  paperToday({
    isps: { 'isp-a': ['127.99.0.0/20'] },
    ports: { telnet: [far.ports.telnet], http: [far.ports.http] },
    limits: { gapMs },
    deadlines: { settleMs: 40, checkMs: 4_000 },
  });
before(async () => {
  far = await farEnd(STANDS);
  lab = paper(5);
});
after(async () => {
  await far.close();
  lab.remove();
  rmSync(dir, { recursive: true, force: true });
});

const input = (): string => STANDS.map(({ address, protocol }) => targetLine(address, far.ports[protocol])).join('');

/** The /24s in which a log says something was done. */
function netsOf(log: string): Set<string> {
  const nets = new Set<string>();
  for (const opened of readSalts(log)) {
    const { address } = (opened?.data ?? {}) as { address?: string };
    if (address) nets.add(address.slice(0, address.lastIndexOf('.')));
  }
  return nets;
}

test('two workers: all done once, no /24 has two owners, no address two connections, both logs verify', async () => {
  const state = join(dir, 'two');
  const run = probing(['--mandate', lab.mandate, '--state', state, '--workers', '2'], input());
  assert.equal(await run.ended, 0, run.said.err);
  const rows = rowsOf(run.said.out);
  assert.equal(rows.length, STANDS.length);
  assert.equal(rows.filter(row => 'sealed' in row).length, STANDS.filter(({ key }) => key !== null).length);
  for (const [address, { mostOpen }] of far.seen) assert.equal(mostOpen, 1, address);
  const logs = [0, 1].map(k => join(state, `worker-${k}`, 'audit.log'));
  const [first = new Set(), second = new Set()] = logs.map(netsOf);
  assert.ok(first.size > 0 && second.size > 0, `${first.size} and ${second.size}`);
  assert.equal(first.size + second.size, NETS);
  assert.equal(new Set([...first, ...second]).size, NETS);
  for (const log of logs) {
    const verified = await notice(['audit', 'verify', log]);
    assert.equal(verified.exit, 0, verified.err);
  }

  // The same again is skipped; by another number it is refused, and nothing is sent.
  const connections = far.connections();
  const again = probing(['--mandate', lab.mandate, '--state', state, '--workers', '2'], input());
  assert.deepEqual([await again.ended, again.said.out], [0, '']);
  for (const [workers, remedy] of [
    ['1', /go on with --workers 2, or use another folder/],
    ['3', /go on with --workers 2, or use another folder/],
  ] as const) {
    const other = probing(['--mandate', lab.mandate, '--state', state, '--workers', workers], input());
    assert.equal(await other.ended, 2);
    assert.match(other.said.err, remedy);
  }
  assert.equal(far.connections(), connections);
});

test('a folder worked by one is not dealt out to two', async () => {
  const state = join(dir, 'one');
  const one = probing(['--mandate', lab.mandate, '--state', state], targetLine('127.99.0.9', far.ports.telnet));
  assert.equal(await one.ended, 0, one.said.err);
  const two = probing(['--mandate', lab.mandate, '--state', state, '--workers', '2'], '');
  assert.equal(await two.ended, 2);
  assert.match(two.said.err, /belongs to one worker.+go on with --workers 1, or use another folder/);
});

test('what stops one worker stops the command with its words: a mandate that may not be used sends nothing', async () => {
  const bad = paper(5);
  try {
    const state = join(dir, 'broken');
    const run = probing(['--mandate', bad.mandate, '--state', state, '--workers', '2'], '');
    assert.equal(await run.ended, 0, run.said.err);
    // One of the logs is not what was anchored.
    appendFileSync(join(state, 'worker-1', 'audit.log'), '{"forged":1}\n');
    const connections = far.connections();
    const next = probing(['--mandate', bad.mandate, '--state', state, '--workers', '2'], input());
    assert.equal(await next.ended, 3, next.said.err);
    assert.match(next.said.err, /^notice: \S+worker-1\/audit\.log:\d+: [^\n]+ \(exit 3\)\n$/);
    assert.equal(far.connections(), connections);
  } finally {
    bad.remove();
  }
});

test('an exclusion reaches every worker within a second, and conversations under way end', async () => {
  const slow = paper(300);
  try {
    const run = probing(['--mandate', slow.mandate, '--state', join(dir, 'excluded'), '--workers', '2'], input());
    const before = far.connections();
    const tries = (): number => [...far.seen.values()].reduce((sum, one) => sum + one.tries.length, 0);
    const from = tries();
    assert.ok(await until(() => far.connections() > before && tries() > from + 20), run.said.err);
    // All but one /24, which may go on.
    for (let n = 1; n < NETS; n++) appendFileSync(join(slow.dir, 'exclusions.txt'), `127.99.${n}.0/24 asked\n`);
    const at = Date.now();
    assert.equal(await run.ended, 0, run.said.err);
    const late = [...far.seen].filter(
      ([address, one]) => !address.startsWith('127.99.0.') && (one.tries.at(-1)?.at ?? 0) > at + 1_000,
    );
    assert.deepEqual(late, []);
    assert.ok(rowsOf(run.said.out).filter(row => row.reported === 'excluded').length > NETS);
    assert.match(run.said.err, /exclusions\.txt: \d+ new, applied/);
  } finally {
    slow.remove();
  }
});
