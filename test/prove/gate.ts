/**
 * Proof of the gate: every SYN that left, captured at the far end in a network namespace of its own, held against the
 * mandate by a naive search; every (address, port) the mandate allows must have been reached; and what the audit log says
 * was swept must be what was seen. A whole round by connects on loopback, and a sweep by each of the raw drivers over a wire.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Evidence, type Judged, judgeGate } from './gate-judge.ts';
import { sweepOverWire } from './gate-wire.ts';
import type { Proof } from './proof.ts';

async function judged(collect: (folder: string) => Evidence | Promise<Evidence>): Promise<Judged> {
  const folder = mkdtempSync(join(tmpdir(), 'notice-gate-'));
  try {
    return judgeGate(await collect(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function roundOnLoopback(folder: string, addresses: number): Evidence {
  const script = fileURLToPath(
    new URL(`./gate-far-end${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
  );
  const ran = spawnSync(
    'unshare',
    ['--net', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"', process.execPath, script, folder, String(addresses)],
    { encoding: 'utf8', timeout: 280_000, maxBuffer: 1 << 26 },
  );
  if (ran.status !== 0) throw new Error(`the far end did not finish: ${ran.stderr}${ran.error?.message ?? ''}`);
  const end = JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '') as Omit<Evidence, 'source'>;
  return { ...end, source: '127.0.0.1' };
}

/** `addresses` is a power of two from 4,096. Needs root for namespaces and captures. */
export async function proveGate(addresses: number): Promise<Proof> {
  const parts = [
    await judged(folder => roundOnLoopback(folder, addresses)),
    await judged(folder => sweepOverWire(folder, 'mmsg', addresses)),
    await judged(folder => sweepOverWire(folder, 'xdp', addresses / 4)),
  ];
  const sum = (of: (part: Judged) => number): number => parts.reduce((all, part) => all + of(part), 0);
  const expected = sum(part => part.expected);
  return {
    proof: 'gate',
    tried: sum(part => part.tried),
    wrong: sum(part => part.wrong),
    missed: sum(part => part.missed),
    ratio_found: sum(part => part.ratio_found * part.expected) / expected,
  };
}
