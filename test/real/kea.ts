/**
 * A real Kea for a test: DHCPv4 or DHCPv6 with prefix delegation, on a network of the test's own, its memfile in a temporary folder.
 * Leases are short and compacted often. Stopped by its own process id, its folder removed.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDaemon } from './daemon.ts';
import type { Host } from './lan.ts';

export interface KeaWish {
  readonly family: 4 | 6;
  /** Family 4: the subnet and the pool in it. Family 6: the subnet, and the prefix that is handed out in pieces. */
  readonly subnet: string;
  readonly pool: string;
  readonly delegatedLength?: number;
  readonly lifetimeS: number;
  /** 0: never compacted. */
  readonly lfcS: number;
}

export interface RealKea {
  readonly pid: number;
  /** The memfile; compacted ones lie beside it. */
  readonly leases: string;
  log(): string;
  stop(): Promise<void>;
}

export const KEA = { 4: '/usr/sbin/kea-dhcp4', 6: '/usr/sbin/kea-dhcp6' } as const;

function configuration(wish: KeaWish, device: string, folder: string): string {
  const { family, subnet, pool, lifetimeS, lfcS, delegatedLength = 64 } = wish;
  const pools =
    family === 4
      ? { pools: [{ pool }] }
      : {
          'pd-pools': [
            {
              prefix: pool.split('/')[0],
              'prefix-len': Number(pool.split('/')[1]),
              'delegated-len': delegatedLength,
            },
          ],
          interface: device,
        };
  return JSON.stringify({
    [`Dhcp${family}`]: {
      'interfaces-config': { interfaces: [device] },
      'lease-database': { type: 'memfile', persist: true, name: join(folder, 'leases.csv'), 'lfc-interval': lfcS },
      'valid-lifetime': lifetimeS,
      ...(family === 6 ? { 'preferred-lifetime': lifetimeS, 'renew-timer': Math.floor(lifetimeS / 2) } : {}),
      'store-extended-info': true,
      'expired-leases-processing': {
        'reclaim-timer-wait-time': 1,
        'flush-reclaimed-timer-wait-time': 2,
        'hold-reclaimed-time': 2,
      },
      [`subnet${family}`]: [{ id: 1, subnet, ...pools }],
      loggers: [{ name: `kea-dhcp${family}`, severity: 'INFO', output_options: [{ output: 'stdout' }] }],
    },
  });
}

/** The folder of a running server may not be its own any more: it keeps a lock there until it is gone. */
export async function startKea(host: Host, wish: KeaWish): Promise<RealKea> {
  const folder = mkdtempSync(join(tmpdir(), 'notice-kea-'));
  const file = join(folder, 'kea.json');
  writeFileSync(file, configuration(wish, host.device, folder));
  const leases = join(folder, 'leases.csv');
  const [command, args] = host.inside(KEA[wish.family], '-c', file);
  const env = { ...process.env, KEA_PIDFILE_DIR: folder, KEA_LOCKFILE_DIR: 'none', KEA_LOGGER_DESTINATION: 'stdout' };
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const started = /DHCP[46]_STARTED/;
  let log = () => '';
  try {
    const daemon = await startDaemon(command, args, async () => existsSync(leases), { env, deadlineMs: 20_000 });
    log = daemon.log;
    for (let tries = 0; !started.test(log()) && tries < 200; tries++) await new Promise(r => setTimeout(r, 50));
    return {
      pid: daemon.pid,
      leases,
      log,
      async stop() {
        await daemon.stop();
        remove();
      },
    };
  } catch (thrown) {
    remove();
    throw new Error(`kea did not come up: ${log()}`, { cause: thrown });
  }
}

/** What lies in the memfile now; '' while it is being replaced. */
export function journal(kea: RealKea): string {
  try {
    return readFileSync(kea.leases, 'utf8');
  } catch {
    return '';
  }
}

/** Debian's version; undefined where it is not installed. */
export const keaVersion = (family: 4 | 6): Promise<string | undefined> =>
  new Promise(resolve => execFile(KEA[family], ['-v'], (error, stdout) => resolve(error ? undefined : stdout.trim())));
