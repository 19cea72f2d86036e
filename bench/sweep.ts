/**
 * The sweep by connects on loopback, and the dry run, in CPU-seconds. Each program is a process of its own in a network
 * namespace of its own where this user may make one; what it really sent is read from the kernel's counters there, never
 * from its own report. Runs alternate; medians are printed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BenchLine, machine, median } from './line.ts';

interface Run {
  readonly cpuSeconds: number;
  /** Connection attempts the kernel counted (RFC 4022, tcpActiveOpens); 0 in a dry run. */
  readonly opens: number;
}

const root = process.getuid?.() === 0;

/** Runs a command line and prints `user sys opens` after it. */
const SCRIPT = `[ "$(id -u)" = 0 ] && ip link set lo up 2>/dev/null
opens() { awk '/^Tcp:/ { if (seen++) print $6 }' /proc/net/snmp; }
before=$(opens); TIMEFORMAT='%U %S'; t=$( { time "$@" >/dev/null 2>&1; } 2>&1 ); echo "$t $(( $(opens) - before ))"`;

function measure(command: readonly string[]): Run {
  const own = root ? ['unshare', '--net'] : [];
  const [file = '', ...args] = [...own, 'bash', '-c', SCRIPT, 'bash', ...command];
  const { stdout, status, stderr } = spawnSync(file, args, { encoding: 'utf8', timeout: 300_000 });
  const [user, system, opens] = stdout.trim().split(/\s+/).map(Number);
  if (status !== 0 || user === undefined || system === undefined || opens === undefined)
    throw new Error(`${command[0]} could not be measured: ${stderr}`);
  return { cpuSeconds: user + system, opens };
}

const RUN = fileURLToPath(new URL(`./sweep-run${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));

/** `scale` 1 is 32,768 addresses on one port, connected, and 200 million dry. */
export function* sweepBench(runs: number, scale: number): Generator<BenchLine> {
  const folder = mkdtempSync(join(tmpdir(), 'notice-bench-'));
  try {
    const addresses = Math.round(32_768 * scale);
    const ours: number[] = [];
    const nmap: number[] = [];
    const hasNmap = existsSync('/usr/bin/nmap');
    for (let run = 0; run < runs; run++) {
      const mine = measure([process.execPath, RUN, 'connect', String(addresses), join(folder, `ledger-${run}`)]);
      ours.push(mine.opens / mine.cpuSeconds);
      if (hasNmap) {
        const prefix = 32 - Math.log2(addresses);
        const theirs = measure([
          'nmap',
          '-sT',
          '-n',
          '-Pn',
          '--max-retries',
          '0',
          '--min-rate',
          '100000',
          '-p',
          '9',
          `127.64.0.0/${prefix}`,
        ]);
        nmap.push(theirs.opens / theirs.cpuSeconds);
      }
    }
    const rate = median(ours);
    const peer = hasNmap ? median(nmap) : undefined;
    yield {
      bench: 'sweep',
      case: 'connect, refused',
      unit: 'connects per CPU-second, start-up included',
      ours: Math.round(rate),
      peers: { 'nmap -sT': peer === undefined ? 'missing' : Math.round(peer) },
      ratio: peer === undefined ? null : Number((rate / peer).toFixed(2)),
      runs,
      machine,
    };
    const indices = Math.round(1_048_576 * 3 * scale);
    const dry: number[] = [];
    for (let run = 0; run < runs; run++)
      dry.push(
        indices /
          measure([process.execPath, RUN, 'dry', String(Math.round(1_048_576 * scale)), join(folder, 'none')])
            .cpuSeconds,
      );
    yield {
      bench: 'sweep',
      case: 'dry',
      unit: 'indices chosen and gated per CPU-second, start-up included',
      ours: Math.round(median(dry)),
      peers: {},
      ratio: null,
      runs,
      machine,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
