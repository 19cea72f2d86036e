/**
 * The judge of the gate: captured SYNs against the mandate by a naive search, and the mandate against the SYNs. It trusts
 * neither the sweep nor the gate, and shares no code with them.
 */
import { readFileSync } from 'node:fs';
import { verifyAudit } from '../../src/mandate/audit.ts';
import { type Prefix, parseIpv4, parsePrefix, prefixSize } from '../../src/record/address.ts';
import { readSyns } from './pcap.ts';
import type { Proof } from './proof.ts';

export interface Evidence {
  readonly capture: string;
  /** Packets that the capture itself lost: they cannot be judged, and count against the proof. */
  readonly dropped: number;
  readonly source: string;
  readonly ports: readonly number[];
  readonly allowed: readonly string[];
  readonly excluded: readonly string[];
  /** Excluded in mid-round, at this instant; from a second later on nothing may go there. */
  readonly late: string;
  readonly lateAt: number;
  readonly audit: string;
  readonly report: { readonly total: number; readonly sent: number; readonly excluded: number };
}

const prefixes = (texts: readonly string[]): Prefix[] => texts.flatMap(text => parsePrefix(text) ?? []);
const within = (all: readonly Prefix[], address: number): boolean =>
  all.some(p => BigInt(address) >= p.base && BigInt(address) < p.base + prefixSize(p));

export interface Judged extends Proof {
  readonly expected: number;
}

export function judgeGate(end: Evidence): Judged {
  const allowed = prefixes(end.allowed);
  const excluded = prefixes(end.excluded);
  const late = prefixes([end.late]);
  const syns = readSyns(end.capture);
  const source = parseIpv4(end.source) ?? 0;
  let wrong = 0;
  const reached = new Set<number>();
  for (const syn of syns) {
    const lawful =
      syn.source === source &&
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
  return {
    proof: 'gate',
    tried: syns.length,
    wrong,
    missed: missed + end.dropped,
    ratio_found: (expected - missed) / expected,
    expected,
  };
}
