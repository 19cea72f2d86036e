/**
 * The sweep by connects on loopback beside `nmap -sT`, in CPU-seconds: nobody listens (refused), or every address does (open).
 * As root each run has a network namespace of its own; what it really sent is read from the kernel's counters there, never
 * from its own report.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAR_PORTS, hasNamespace, startFarEnd } from './far-end-process.ts';
import { type BenchLine, machine, median } from './line.ts';
import { ourRun } from './sweep-ours.ts';

interface Run {
  readonly cpuSeconds: number;
  /** Connection attempts the kernel counted (RFC 4022, tcpActiveOpens). */
  readonly opens: number;
  /** Of them those that a listener was given (tcpPassiveOpens). */
  readonly accepted: number;
}

/** Runs a command line and prints `user sys opens accepted` after it. */
const SCRIPT = `[ "$(id -u)" = 0 ] && ip link set lo up 2>/dev/null
opens() { awk -v n="$1" '/^Tcp:/ { if (seen++) print $n }' /proc/net/snmp; }
a=$(opens 6) p=$(opens 7); TIMEFORMAT='%U %S'; t=$( { time "$@" >/dev/null 2>&1; } 2>&1 )
echo "$t $(( $(opens 6) - a )) $(( $(opens 7) - p ))"`;

function measure(command: readonly string[], enter: readonly string[]): Run {
  const [file = '', ...args] = [...enter, 'bash', '-c', SCRIPT, 'bash', ...command];
  const { stdout, status, stderr } = spawnSync(file, args, { encoding: 'utf8', timeout: 300_000 });
  const [user, system, opens, accepted] = stdout.trim().split(/\s+/).map(Number);
  if (status !== 0 || user === undefined || system === undefined || opens === undefined || accepted === undefined)
    throw new Error(`${command[0]} could not be measured: ${stderr}`);
  return { cpuSeconds: user + system, opens, accepted };
}

const nmap = (port: number, prefix: string): readonly string[] => [
  ...['nmap', '-sT', '-n', '-Pn', '--max-retries', '0', '--min-rate', '100000', '-p', String(port)],
  prefix,
];

async function within<T>(open: boolean, work: (enter: readonly string[]) => T): Promise<T> {
  if (!open) return work(hasNamespace ? ['unshare', '--net'] : []);
  const far = await startFarEnd();
  try {
    return work(far.enter);
  } finally {
    await far.stop();
  }
}

/** `addresses` is a power of two to 2^20. */
export async function connectCase(runs: number, addresses: number, open: boolean): Promise<BenchLine> {
  const folder = mkdtempSync(join(tmpdir(), 'notice-bench-'));
  const hasNmap = existsSync('/usr/bin/nmap');
  const prefix = `127.64.0.0/${32 - Math.log2(addresses)}`;
  const port = open ? FAR_PORTS.telnet : 9;
  const ours: number[] = [];
  const theirs: number[] = [];
  const each = { ours: Number.NaN, nmap: Number.NaN };
  const reached = { ours: 0, nmap: 0 };
  try {
    for (let run = 0; run < runs; run++) {
      const wish = { driver: 'connect', prefixes: [prefix], ports: [port], ledgerFile: join(folder, `ledger-${run}`) };
      const mine = await within(open, enter => measure(ourRun(wish), enter));
      if (mine.opens < addresses) throw new Error(`${mine.opens} connects of ${addresses}`);
      ours.push(mine.opens / mine.cpuSeconds);
      reached.ours += mine.accepted;
      if (!hasNmap) continue;
      const peer = await within(open, enter => measure(nmap(port, prefix), enter));
      theirs.push(peer.opens / peer.cpuSeconds);
      reached.nmap += peer.accepted;
      if (run > 0) continue;
      // One address is all start-up: what is left is a connect's own.
      const few = { ...wish, prefixes: ['127.64.0.0/32'], ledgerFile: join(folder, 'ledger-one') };
      const start = await within(open, enter => measure(ourRun(few), enter));
      const peerStart = await within(open, enter => measure(nmap(port, '127.64.0.0/32'), enter));
      each.ours = (mine.cpuSeconds - start.cpuSeconds) / (mine.opens - start.opens);
      each.nmap = (peer.cpuSeconds - peerStart.cpuSeconds) / (peer.opens - peerStart.opens);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const share = (accepted: number): string => `${((100 * accepted) / (addresses * runs)).toFixed(1)} %`;
  const rate = median(ours);
  const peer = hasNmap ? median(theirs) : undefined;
  return {
    bench: 'sweep',
    case: open ? 'connect, open' : 'connect, refused',
    unit: 'connects per CPU-second, start-up included',
    ours: Math.round(rate),
    peers: { 'nmap -sT': peer === undefined ? 'missing' : Math.round(peer) },
    ratio: peer === undefined ? null : Number((rate / peer).toFixed(2)),
    runs,
    machine,
    note: `${addresses} addresses, one port${open ? `, accepted ${share(reached.ours)} (nmap ${share(reached.nmap)})` : ''}${peer === undefined ? '' : `; ours costs ${(peer / rate).toFixed(2)} of nmap's CPU a connect; ${(each.ours / each.nmap).toFixed(2)} with start-up taken off (${(each.ours * 1e6).toFixed(1)} of ${(each.nmap * 1e6).toFixed(1)} µs); the target is ${open ? '0.6' : '0.5'}`}`,
  };
}
