/**
 * A network of the test's own: one namespace for a server, one for each client, joined by a bridge in the server's. Nothing of it
 * has a name outside, and all of it is gone when the processes that hold the namespaces are. Needs root.
 */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { inside, namespace } from './namespace.ts';

const run = promisify(execFile);

export interface Host {
  /** The interface on the common network. */
  readonly device: string;
  /** The command and arguments that run a program there. */
  inside(command: string, ...args: readonly string[]): readonly [string, readonly string[]];
}

export interface Lan {
  readonly server: Host;
  readonly clients: readonly Host[];
  stop(): Promise<void>;
}

const BRIDGE = 'br0';
const WIRE = 'eth0';

/** `addresses` are the server's, with their length. */
export async function makeLan(clients: number, addresses: readonly string[]): Promise<Lan> {
  const all = [await namespace()];
  for (let n = 0; n < clients; n++) all.push(await namespace());
  const stop = async () => {
    for (const { holder } of all) holder.kill('SIGKILL');
    await sleep(50);
  };
  const [server, ...hosts] = all as [(typeof all)[number], ...typeof all];
  const sh = async (where: (typeof all)[number], script: string) => {
    const [command, args] = inside(where)('sh', '-ec', script);
    await run(command, args);
  };
  try {
    // Link-local addresses are there at once, and multicast is not kept from anybody.
    await sh(
      server,
      `ip link set lo up
       ip link add ${BRIDGE} type bridge mcast_snooping 0
       echo 0 > /proc/sys/net/ipv6/conf/${BRIDGE}/accept_dad
       ${addresses.map(address => `ip addr add ${address} dev ${BRIDGE} ${address.includes(':') ? 'nodad' : ''}`).join('\n')}
       ip link set ${BRIDGE} up`,
    );
    for (const [n, host] of hosts.entries()) {
      await sh(
        server,
        `ip link add port${n} type veth peer name ${WIRE} netns ${host.pid}
         ip link set port${n} master ${BRIDGE} up`,
      );
      await sh(host, `ip link set lo up; echo 0 > /proc/sys/net/ipv6/conf/${WIRE}/accept_dad; ip link set ${WIRE} up`);
    }
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return {
    server: { device: BRIDGE, inside: inside(server) },
    clients: hosts.map(host => ({ device: WIRE, inside: inside(host) })),
    stop,
  };
}
