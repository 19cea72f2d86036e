/**
 * The capture at the far end against the audit log, both ways: every SYN, and every connection that carried payload, has its
 * entry in the log before it, and everything the log says was done is in the capture. Nothing lies outside the mandate,
 * and within a second of an exclusion nothing more goes where it forbids. The log's commitments are opened with their salts.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { verifyAudit } from '../../src/mandate/audit.ts';
import type { AuditEntry } from '../../src/mandate/audit-chain.ts';
import { readSalts } from '../../src/mandate/audit-salts.ts';
import type { CaptureEnd } from './capture-far-end.ts';
import { type Packet, readPackets } from './capture-packets.ts';

const folder = mkdtempSync(join(tmpdir(), 'notice-capture-'));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Act {
  readonly at: number;
  readonly type: string;
}
const SCANNER = '127.0.0.1';
/** Acts that go with a credential; the first on a service may ride on the look's own connection. */
const TRIES = new Set(['attempt', 'decoy']);

function actsIn(audit: string): Map<string, Act[]> {
  const entries = new Map<number, AuditEntry>();
  for (const line of readFileSync(audit, 'utf8').trimEnd().split('\n')) {
    const entry = JSON.parse(line) as AuditEntry;
    entries.set(entry.seq, entry);
  }
  const acts = new Map<string, Act[]>();
  for (const opened of readSalts(audit)) {
    assert.ok(opened, 'every salt opens');
    const { address, port } = opened.data as { address: string; port: number };
    const entry = entries.get(opened.seq) as AuditEntry;
    const service = `${address} ${port}`;
    acts.set(service, [...(acts.get(service) ?? []), { at: entry.at, type: entry.type }]);
  }
  return acts;
}

const byService = (packets: readonly Packet[]): Map<string, Packet[]> =>
  Map.groupBy(packets, ({ destination, port }) => `${destination} ${port}`);

test('every packet has its entry before it, every entry its packets, and nothing lies outside the mandate', () => {
  assert.equal(process.getuid?.(), 0, 'run as root: a network namespace and a capture are made');
  const script = fileURLToPath(
    new URL(`./capture-far-end.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
  );
  const ran = spawnSync(
    'unshare',
    [
      '--net',
      'sh',
      '-c',
      'ip link set lo up && exec "$0" "$@"',
      process.execPath,
      script,
      folder,
      join(folder, 'state'),
    ],
    { encoding: 'utf8', timeout: 60_000 },
  );
  assert.equal(ran.status, 0, ran.stderr);
  const end = JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '') as CaptureEnd;
  assert.equal(end.dropped, 0, 'the capture saw everything');
  assert.equal(end.exit, 4, end.err);
  const packets = readPackets(end.capture).filter(
    packet => packet.source === SCANNER && end.ports.includes(packet.port),
  );
  const others = readPackets(end.capture).filter(({ syn, port }) => syn && !end.ports.includes(port));
  assert.deepEqual(others, [], 'no connection to a port that is not named');

  // Inside the mandate, by the test's own reading of it.
  for (const { destination, at, syn, payload } of packets) {
    assert.match(destination, /^127\.102\.[013]\.\d+$/);
    if ((syn || payload > 0) && destination.startsWith('127.102.1.'))
      assert.ok(at <= end.lateAt + 1_000, `${at - end.lateAt} ms after the exclusion`);
  }
  assert.equal(end.tempted, 0);

  const acts = actsIn(end.audit);
  const verdict = verifyAudit(end.audit);
  assert.equal(verdict.firstBad, undefined);
  assert.equal(
    verdict.opened,
    [...acts.values()].reduce((sum, some) => sum + some.length, 0),
    'every salt is kept',
  );
  const sent = byService(packets);
  let syns = 0;
  let carried = 0;
  for (const [service, some] of sent) {
    const logged = acts.get(service) ?? [];
    const begun = some.filter(packet => packet.syn).sort((a, b) => a.at - b.at);
    syns += begun.length;
    // One way: the n-th connection has at least n entries before it; its payload likewise.
    for (const [n, { at }] of begun.entries()) {
      const before = logged.filter(act => act.at <= at).length;
      assert.ok(before > n, `${service}: connection ${n + 1} after ${before} entries`);
    }
    const connections = Map.groupBy(
      some.filter(packet => packet.payload > 0),
      packet => packet.sourcePort,
    );
    carried += connections.size;
    assert.ok(connections.size <= logged.length, `${service}: ${connections.size} carried payload`);
    for (const [sourcePort] of connections)
      assert.ok(
        begun.some(packet => packet.sourcePort === sourcePort),
        `${service}: payload without its SYN`,
      );
  }
  assert.ok(syns > 100 && carried > 60, `${syns} SYNs, ${carried} connections with payload`);

  // The other way: everything that was logged was done, at its time.
  let tries = 0;
  for (const [service, logged] of acts) {
    const some = sent.get(service) ?? [];
    const begun = some.filter(packet => packet.syn);
    const looks = logged.filter(act => !TRIES.has(act.type));
    assert.ok(begun.length >= looks.length, `${service}: ${looks.length} looks, ${begun.length} connections`);
    assert.ok(begun.length <= logged.length);
    for (const [n, act] of logged.entries()) {
      const next = logged[n + 1]?.at ?? Number.POSITIVE_INFINITY;
      const during = some.filter(packet => packet.at >= act.at && packet.at <= next + 1);
      const did = TRIES.has(act.type) ? during.some(packet => packet.payload > 0) : during.some(packet => packet.syn);
      // A try that the exclusion overtook was logged and then not sent.
      const overtaken = service.startsWith('127.102.1.') && act.at > end.lateAt - 1_000;
      assert.ok(did || overtaken, `${service}: ${act.type} is in the log and not in the capture`);
    }
    tries += logged.filter(act => TRIES.has(act.type)).length;
  }
  const arrived = Object.values(end.tries).reduce((sum, count) => sum + count, 0);
  assert.ok(tries >= arrived && tries - arrived <= 24, `${tries} tries logged, ${arrived} arrived`);
  assert.ok(arrived > 100, `${arrived} tries arrived`);
});
