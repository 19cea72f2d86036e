/**
 * How frames reach a target: by which interface, to whose hardware address, from which address. In: a target, and what the
 * operator chose. Out: a Route, or a Fault that names what is missing. Reads what the kernel tells in files; sends nothing,
 * so a gateway whose hardware address is not known yet is an error with a remedy, and not a reason to ask for it.
 */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { formatIpv4, parseIpv4 } from '../../../record/address.ts';
import { Fault } from '../../../record/fault.ts';
import { linkOf } from '../system.ts';

export interface Route {
  readonly interface: string;
  readonly index: number;
  readonly mac: Uint8Array;
  readonly gatewayMac: Uint8Array;
  readonly source: number;
  readonly sourceText: string;
  readonly mtu: number;
}

export interface RouteEntry {
  readonly interface: string;
  readonly destination: number;
  readonly mask: number;
  /** 0: the target is on the interface's own network. */
  readonly gateway: number;
  readonly metric: number;
}

/** The least a link must carry: a SYN with all its options, and no less than IPv4 asks of any link (RFC 791 §3.2). */
const LEAST_MTU = 68;
const UP = 1;
const LOOPBACK = 127;

const hexLittle = (text: string): number => {
  const n = Number.parseInt(text, 16);
  return (((n & 0xff) << 24) | ((n & 0xff00) << 8) | ((n >>> 8) & 0xff00) | (n >>> 24)) >>> 0;
};

/** The lines of /proc/net/route whose route is up. */
export function readRoutes(text: string): RouteEntry[] {
  return text
    .split('\n')
    .slice(1)
    .map(line => line.trim().split(/\s+/))
    .filter(cells => cells.length >= 8 && (Number.parseInt(cells[3] as string, 16) & UP) !== 0)
    .map(([name = '', destination = '', gateway = '', , , , metric = '', mask = '']) => ({
      interface: name,
      destination: hexLittle(destination),
      gateway: hexLittle(gateway),
      metric: Number(metric),
      mask: hexLittle(mask),
    }));
}

/** The route the kernel would take: the longest prefix, then the least metric; only of `interface` when it is given. */
export function routeTo(routes: readonly RouteEntry[], target: number, only?: string): RouteEntry | undefined {
  return routes
    .filter(r => (only === undefined || r.interface === only) && (target & r.mask) >>> 0 === r.destination)
    .sort((a, b) => b.mask - a.mask || a.metric - b.metric)[0];
}

/** From /proc/net/arp: the hardware address of a neighbour, if it is complete. */
export function neighbourMac(text: string, address: string, name: string): Uint8Array | undefined {
  for (const line of text.split('\n').slice(1)) {
    const [ip, , flags = '0', mac = '', , device] = line.trim().split(/\s+/);
    if (ip === address && device === name && (Number.parseInt(flags, 16) & 2) !== 0) return macOf(mac);
  }
  return undefined;
}

const macOf = (text: string): Uint8Array => Uint8Array.from(text.trim().split(':'), pair => Number.parseInt(pair, 16));

const wanting = (what: string, remedy: string): Fault => new Fault('resource', what, remedy);

/** /sys shows the namespace it was mounted in, so whether an interface is here is asked of the kernel's own list. */
function present(name: string): boolean {
  return readFileSync('/proc/net/dev', 'utf8')
    .split('\n')
    .some(line => line.trim().startsWith(`${name}:`));
}

export interface RouteOptions {
  readonly interface?: string | undefined;
  /** Unsigned IPv4 number of any address to be reached. */
  readonly target: number;
  /** One of the machine's addresses. */
  readonly source?: string | undefined;
}

export function routeFor(options: RouteOptions): Route {
  const { target } = options;
  const only = options.interface;
  // Whatever the routing table has for everything else would be taken for it.
  if (target >>> 24 === LOOPBACK)
    throw wanting(`${formatIpv4(target)} is on loopback, where there are no frames to build`, 'use the driver connect');
  if (only !== undefined && (!/^[^\s/:]{1,15}$/.test(only) || !present(only)))
    throw wanting(`there is no interface "${only}" here`, 'name one that `ip link` lists');
  const facts = only === undefined ? undefined : linkOf(only);
  if (facts && !facts.up) throw wanting(`the interface ${only} is down`, `bring it up: ip link set ${only} up`);
  const entry = routeTo(readRoutes(readFileSync('/proc/net/route', 'utf8')), target, only);
  const to = formatIpv4(target);
  if (!entry)
    throw wanting(
      `there is no route to ${to}${only === undefined ? '' : ` by ${only}`}`,
      'add one (ip route add), or name another interface',
    );
  const name = entry.interface;
  const link = facts ?? linkOf(name);
  if (!link) throw wanting(`there is no interface "${name}" here`, 'name one that `ip link` lists');
  if (!link.up) throw wanting(`the interface ${name} is down`, `bring it up: ip link set ${name} up`);
  if (link.mtu < LEAST_MTU)
    throw wanting(
      `the interface ${name} carries ${link.mtu} bytes, too few for a probe`,
      `set its MTU to ${LEAST_MTU} or more`,
    );
  if (link.mac === '' || /^(00:?){6}$/.test(link.mac))
    throw wanting(`the interface ${name} has no hardware address`, 'use the driver connect for it');
  if (entry.gateway === 0)
    throw wanting(
      `${to} lies on the network of ${name} itself, where each address would have to be asked for first`,
      'use the driver connect for it, or route it by a gateway',
    );
  const gateway = formatIpv4(entry.gateway);
  const gatewayMac = neighbourMac(readFileSync('/proc/net/arp', 'utf8'), gateway, name);
  if (!gatewayMac)
    throw wanting(
      `the hardware address of the gateway ${gateway} on ${name} is not known`,
      `reach it once, for example with ping, or name it: ip neigh replace ${gateway} lladdr MAC dev ${name}`,
    );
  const own = (networkInterfaces()[name] ?? []).filter(a => a.family === 'IPv4').map(a => a.address);
  const sourceText = options.source ?? own[0];
  if (sourceText === undefined) throw wanting(`the interface ${name} has no IPv4 address`, 'give it one');
  const source = parseIpv4(sourceText);
  if (source === undefined) throw new Fault('usage', `"${sourceText}" is no IPv4 address`, 'write it as 192.0.2.1');
  if (!own.includes(sourceText))
    throw wanting(`${sourceText} is no address of ${name}, so no answer would come back`, `choose ${own.join(' or ')}`);
  return { interface: name, index: link.index, mac: macOf(link.mac), gatewayMac, source, sourceText, mtu: link.mtu };
}
