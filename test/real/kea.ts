/**
 * A real Kea for a test: DHCPv4 or DHCPv6 with prefix delegation, on a network of the test's own, its memfile in a temporary folder.
 * Leases are short and compacted often. Stopped by its own process id, its folder removed.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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
      ...(family === 6
        ? {
            'preferred-lifetime': lifetimeS,
            'renew-timer': Math.floor(lifetimeS / 2),
            'server-id': { type: 'LL', persist: false },
          }
        : {}),
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

export async function startKea(host: Host, wish: KeaWish): Promise<RealKea> {
  const folder = mkdtempSync(join(tmpdir(), 'notice-kea-'));
  const file = join(folder, 'kea.json');
  writeFileSync(file, configuration(wish, host.device, folder));
  const leases = join(folder, 'leases.csv');
  const [command, args] = host.inside(KEA[wish.family], '-c', file);
  const own = { KEA_PIDFILE_DIR: folder, KEA_DHCP_DATA_DIR: folder, KEA_LOCKFILE_DIR: 'none' };
  const env = { ...process.env, ...own, KEA_LOGGER_DESTINATION: 'stdout' };
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const daemon = await startDaemon(command, args, async () => existsSync(leases), { env, deadlineMs: 20_000 });
    for (let tries = 0; !/DHCP[46]_STARTED/.test(daemon.log()); tries++) {
      if (tries > 200) {
        await daemon.stop();
        throw new Error(`kea did not start:\n${daemon.log()}`);
      }
      await sleep(50);
    }
    return {
      pid: daemon.pid,
      leases,
      log: daemon.log,
      async stop() {
        await daemon.stop();
        remove();
      },
    };
  } catch (thrown) {
    remove();
    throw thrown;
  }
}
