/**
 * A real DHCP client (busybox udhcpc) in a namespace of its own. In: the host, the client id. Out: what it really held and when,
 * as its own script saw it: the truth that the server's log is compared with.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from './lan.ts';

export interface Stay {
  readonly address: string;
  /** ms; between them the client had the address in use. */
  readonly from: number;
  to: number;
  /** The last lease that it got. */
  renewed: number;
}

export interface RealClient {
  readonly id: string;
  /** Waits until it has an address. */
  bound(): Promise<string>;
  /** Renews at once. */
  renew(): Promise<void>;
  release(): Promise<void>;
  /** It is gone without a word. */
  vanish(): Promise<void>;
  stays(now: number): Stay[];
}

const SCRIPT = `#!/bin/sh
echo "$(date +%s%3N) $1 $ip" >> "$(dirname "$0")/told"
case "$1" in
  bound|renew) ip addr replace "$ip/24" dev "$interface" ;;
  deconfig) ip addr flush dev "$interface" scope global ;;
esac
exit 0
`;

export function startUdhcpc(host: Host, id: string, deadlineMs = 15_000): RealClient {
  const folder = mkdtempSync(join(tmpdir(), 'notice-udhcpc-'));
  const script = join(folder, 'script');
  const told = join(folder, 'told');
  writeFileSync(script, SCRIPT, { mode: 0o700 });
  const clientId = `0x3d:01${Buffer.from(id).toString('hex')}`;
  const options = ['-i', host.device, '-f', '-s', script, '-x', clientId, '-t', '20', '-T', '1', '-A', '1'];
  const [command, args] = host.inside('busybox', 'udhcpc', ...options);
  const child: ChildProcess = spawn(command, args, { stdio: 'ignore' });
  const events = () =>
    existsSync(told)
      ? readFileSync(told, 'utf8')
          .trimEnd()
          .split('\n')
          .map(line => line.split(' ') as [string, string, string?])
      : [];
  const until = async (what: string, holds: () => boolean) => {
    const end = performance.now() + deadlineMs;
    while (!holds()) {
      if (performance.now() > end) throw new Error(`${id}: no ${what} within ${deadlineMs} ms`);
      await sleep(50);
    }
  };
  const leases = () => events().filter(([, what]) => what === 'bound' || what === 'renew');
  let kept: Stay[] | undefined;

  function stays(now: number): Stay[] {
    if (kept) return kept;
    const all: Stay[] = [];
    let open: Stay | undefined;
    for (const [at, what, address = ''] of events()) {
      const ms = Number(at);
      if (open && (what === 'deconfig' || (what === 'bound' && address !== open.address))) {
        open.to = ms;
        open = undefined;
      }
      if (what !== 'bound' && what !== 'renew') continue;
      if (open) open.renewed = ms;
      else {
        open = { address, from: ms, to: now, renewed: ms };
        all.push(open);
      }
    }
    return all;
  }

  async function end(how: NodeJS.Signals): Promise<void> {
    const exit = once(child, 'exit');
    child.kill(how);
    await exit;
    kept = stays(Date.now());
    rmSync(folder, { recursive: true, force: true });
  }

  return {
    id,
    async bound() {
      await until('address', () => leases().length > 0);
      return leases().at(-1)?.[2] ?? '';
    },
    async renew() {
      const before = leases().length;
      child.kill('SIGUSR1');
      await until('renewal', () => leases().length > before);
    },
    async release() {
      const before = events().length;
      child.kill('SIGUSR2');
      await until('release', () =>
        events()
          .slice(before)
          .some(([, what]) => what === 'deconfig'),
      );
      await end('SIGKILL');
    },
    async vanish() {
      appendFileSync(told, `${Date.now()} deconfig\n`);
      await end('SIGKILL');
    },
    stays,
  };
}
