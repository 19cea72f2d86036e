/**
 * Proof of the gate: every SYN that left, captured at the far end in a network namespace of its own, held against the
 * mandate by a naive search; every (address, port) the mandate allows must have been reached; and what the audit log says
 * was swept must be what was seen.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { verifyAudit } from '../../src/mandate/audit.ts';
import { type Prefix, parseIpv4, parsePrefix, prefixSize } from '../../src/record/address.ts';
import { readSyns } from './pcap.ts';
import type { Proof } from './proof.ts';

interface FarEnd {
  readonly capture: string;
  readonly report: { readonly total: number; readonly sent: number; readonly excluded: number };
  readonly dropped: number;
  readonly ports: readonly number[];
  readonly allowed: readonly string[];
  readonly excluded: readonly string[];
  readonly late: string;
  readonly lateAt: number;
  readonly audit: string;
}

const prefixes = (texts: readonly string[]): Prefix[] => texts.flatMap(text => parsePrefix(text) ?? []);
const within = (all: readonly Prefix[], address: number): boolean =>
  all.some(p => BigInt(address) >= p.base && BigInt(address) < p.base + prefixSize(p));

/** `addresses` is a power of two from 4,096. Needs root for a namespace and a capture. */
export function proveGate(addresses: number): Proof {
  const folder = mkdtempSync(join(tmpdir(), 'notice-gate-'));
  try {
    const script = fileURLToPath(
      new URL(`./gate-far-end${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
    );
    const ran = spawnSync(
      'unshare',
      ['--net', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"', process.execPath, script, folder, String(addresses)],
      { encoding: 'utf8', timeout: 280_000, maxBuffer: 1 << 26 },
    );
    if (ran.status !== 0) throw new Error(`the far end did not finish: ${ran.stderr}${ran.error?.message ?? ''}`);
    const end = JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '') as FarEnd;
    const allowed = prefixes(end.allowed);
    const excluded = prefixes(end.excluded);
    const late = prefixes([end.late]);
    const syns = readSyns(end.capture);
    const scanner = parseIpv4('127.0.0.1') ?? 0;
    let wrong = 0;
    const reached = new Set<number>();
    for (const syn of syns) {
      const lawful =
        syn.source === scanner &&
        end.ports.includes(syn.port) &&
        within(allowed, syn.destination) &&
        !within(excluded, syn.destination) &&
        !(within(late, syn.destination) && end.lateAt > 0 && syn.at > end.lateAt + 1_000);
      if (!lawful) wrong++;
      reached.add(syn.destination * 65_536 + syn.port);
    }
    let missed = 0;
    let expected = 0;
    for (const p of allowed)
      for (let address = Number(p.base); address < Number(p.base + prefixSize(p)); address++)
        for (const port of end.ports) {
          if (within(excluded, address) || within(late, address)) continue;
          expected++;
          if (!reached.has(address * 65_536 + port)) missed++;
        }
    // The audit, the other way round: it verifies, and the ranges it names add up to the whole space of the round.
    if (!verifyAudit(end.audit).ok) wrong++;
    const swept = readFileSync(end.audit, 'utf8')
      .split('\n')
      .filter(line => line.includes('"sweep-shard"'))
      .map(line => (JSON.parse(line) as { data: { from: number; to: number } }).data);
    const named = swept.reduce((sum, s) => sum + s.to - s.from, 0);
    if (named !== end.report.total || end.report.sent + end.report.excluded !== end.report.total) wrong++;
    // Packets the capture itself lost cannot be judged; they are counted against the proof.
    return {
      proof: 'gate',
      tried: syns.length,
      wrong,
      missed: missed + end.dropped,
      ratio_found: (expected - missed) / expected,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
