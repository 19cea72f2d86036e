/**
 * A real client that asks for a delegated prefix (ISC dhclient -6 -P) in a namespace of its own. In: the host. Out: the prefixes that
 * it really held and when, as its own script saw it, and the DUID that the server knows it by.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Host } from './lan.ts';
import type { Stay } from './udhcpc.ts';

const run = promisify(execFile);

export interface RealClient6 {
  /** DUID-LL (RFC 8415 §11.4), as servers write it. */
  readonly duid: string;
  /** Waits until it has had so many replies; gives the prefix. */
  replies(count: number): Promise<string>;
  release(): Promise<void>;
  /** It is gone without a word. */
  vanish(): Promise<void>;
  /** `address`: one in the prefix. */
  stays(now: number): Stay[];
}

const SCRIPT = `#!/bin/sh
echo "$(date +%s%3N) $reason $new_ip6_prefix" >> "$(dirname "$0")/told"
exit 0
`;
const HELD = ['BOUND6', 'RENEW6', 'REBIND6'];
const OVER = ['RELEASE6', 'EXPIRE6', 'STOP6'];

export async function startDhclient6(host: Host, deadlineMs = 15_000): Promise<RealClient6> {
  const folder = mkdtempSync(join(tmpdir(), 'notice-dhclient-'));
  const at = (name: string) => join(folder, name);
  writeFileSync(at('script'), SCRIPT, { mode: 0o700 });
  writeFileSync(at('conf'), '');
  writeFileSync(at('leases'), '');
  const files = ['-cf', at('conf'), '-lf', at('leases'), '-pf', at('pid'), '-sf', at('script')];
  const dhclient = (...more: string[]) =>
    host.inside('dhclient', '-6', '-P', '-D', 'LL', ...more, ...files, host.device);
  const [ip, link] = host.inside('ip', '-o', 'link', 'show', host.device);
  const mac = /link\/ether ([0-9a-f:]{17})/.exec((await run(ip, link)).stdout)?.[1];
  const [command, args] = dhclient('-d');
  const child: ChildProcess = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (s: string) => (log += s));
  const told = () =>
    existsSync(at('told'))
      ? readFileSync(at('told'), 'utf8')
          .trimEnd()
          .split('\n')
          .map(line => line.split(' ') as [string, string, string?])
      : [];
  const held = () => told().filter(([, reason]) => HELD.includes(reason));
  let kept: Stay[] | undefined;

  function stays(now: number): Stay[] {
    if (kept) return kept;
    const all: Stay[] = [];
    let open: Stay | undefined;
    for (const [ms, reason, prefix = ''] of told()) {
      const when = Number(ms);
      const address = prefix.replace(/::\/\d+$/, '::1');
      if (open && (OVER.includes(reason) || (HELD.includes(reason) && address !== open.address))) {
        open.to = when;
        open = undefined;
      }
      if (!HELD.includes(reason)) continue;
      if (open) open.renewed = when;
      else {
        open = { address, from: when, to: now, renewed: when };
        all.push(open);
      }
    }
    return all;
  }

  async function end(): Promise<void> {
    if (kept) return;
    const now = Date.now();
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    }
    kept = stays(now);
    rmSync(folder, { recursive: true, force: true });
  }

  return {
    duid: `00:03:00:01:${mac}`,
    async replies(count) {
      const until = performance.now() + deadlineMs;
      while (held().length < count) {
        if (performance.now() > until)
          throw new Error(`dhclient: no ${count} replies within ${deadlineMs} ms:\n${log}`);
        await sleep(50);
      }
      return held().at(-1)?.[2] ?? '';
    },
    async release() {
      const [release, options] = dhclient('-r');
      await run(release, options, { timeout: deadlineMs });
      await end();
    },
    vanish: end,
    stays,
  };
}
