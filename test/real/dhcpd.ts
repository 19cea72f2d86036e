/**
 * A real ISC dhcpd for a test, on a network of the test's own, its lease file in a temporary folder. It writes that file anew
 * whenever it starts. Stopped by its own process id, its folder removed.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Daemon, startDaemon } from './daemon.ts';
import type { Host } from './lan.ts';

export interface DhcpdWish {
  /** `10.78.0.0 netmask 255.255.255.0` */
  readonly subnet: string;
  /** `10.78.0.10 10.78.0.12` */
  readonly range: string;
  readonly lifetimeS: number;
  readonly localTime: boolean;
}

export interface RealDhcpd {
  readonly leases: string;
  restart(): Promise<void>;
  log(): string;
  stop(): Promise<void>;
}

export async function startDhcpd(host: Host, { subnet, range, lifetimeS, localTime }: DhcpdWish): Promise<RealDhcpd> {
  const folder = mkdtempSync(join(tmpdir(), 'notice-dhcpd-'));
  const conf = join(folder, 'conf');
  const leases = join(folder, 'leases');
  writeFileSync(leases, '');
  writeFileSync(
    conf,
    `authoritative;
     ${localTime ? 'db-time-format local;' : ''}
     ping-check false;
     dhcp-cache-threshold 0;
     min-lease-time ${lifetimeS};
     default-lease-time ${lifetimeS};
     max-lease-time ${lifetimeS};
     subnet ${subnet} { range ${range}; }`,
  );
  const pid = join(folder, 'pid');
  const files = ['-cf', conf, '-lf', leases, '-pf', pid];
  const [command, args] = host.inside('dhcpd', '-4', '-f', '-d', ...files, host.device);
  let all = '';
  const start = () => startDaemon(command, args, async () => existsSync(pid), { deadlineMs: 10_000 });
  let daemon: Daemon;
  try {
    daemon = await start();
  } catch (thrown) {
    rmSync(folder, { recursive: true, force: true });
    throw thrown;
  }
  const end = async () => {
    await daemon.stop();
    all += daemon.log();
    rmSync(pid, { force: true });
  };
  return {
    leases,
    async restart() {
      await end();
      daemon = await start();
    },
    log: () => all + daemon.log(),
    async stop() {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
