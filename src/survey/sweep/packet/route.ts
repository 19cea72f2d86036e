/**
 * How frames reach a target: by which interface, to whose hardware address, from which address. In: a target, and what the
 * operator chose. Out: a Route, or a Fault that names what is missing. Reads what the kernel tells in files; sends nothing,
 * so a gateway whose hardware address is not known yet is an error with a remedy, and not a reason to ask for it.
 *
 * All frames of a sweep go to one hardware address, so every range it names must be routed as the target is: a frame that
 * went to a gateway that does not lead there would be silence, and silence is a finding.
 */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { formatIpv4, parseIpv4 } from '../../../record/address.ts';
import { Fault } from '../../../record/fault.ts';
import { type LinkFacts, linkOf } from '../system.ts';
import { bestRoute, firstRoutedElsewhere, macOf as neighbourMac, parseRoutes, type RouteLine } from './route-tables.ts';

export interface Route {
  readonly interface: string;
  readonly index: number;
  readonly mac: Uint8Array;
  readonly gatewayMac: Uint8Array;
  readonly source: number;
  readonly sourceText: string;
  readonly mtu: number;
}

/** The least a link must carry: a SYN with all its options, and no less than IPv4 asks of any link (RFC 791 §3.2). */
const LEAST_MTU = 68;
const LOOPBACK = 127;

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
  /** What else is to be reached on the same way; first and last address. */
  readonly ranges?: readonly { readonly from: number; readonly to: number }[];
}

function usable(name: string): LinkFacts {
  const link = linkOf(name);
  if (!link) throw wanting(`there is no interface "${name}" here`, 'name one that `ip link` lists');
  if (!link.up) throw wanting(`the interface ${name} is down`, `bring it up: ip link set ${name} up`);
  if (!link.carries) throw wanting(`the interface ${name} has no carrier`, 'see to its cable, or name another one');
  return link;
}

/** Throws when some address is not routed as the target is. */
function oneWay(routes: readonly RouteLine[], entry: RouteLine, options: RouteOptions): void {
  for (const { from, to } of options.ranges ?? []) {
    const here = bestRoute(routes, from, options.interface);
    const elsewhere =
      here?.interface === entry.interface && here.gateway === entry.gateway
        ? firstRoutedElsewhere(routes, from, to, options.interface)
        : from;
    if (elsewhere !== undefined)
      throw wanting(
        `${formatIpv4(elsewhere)} is not routed as ${formatIpv4(options.target)} is`,
        'sweep by raw frames what one gateway leads to, and the rest by itself or with the driver connect',
      );
  }
}

export function routeFor(options: RouteOptions): Route {
  const { target } = options;
  const only = options.interface;
  // Whatever the routing table has for everything else would be taken for it.
  if (target >>> 24 === LOOPBACK)
    throw wanting(`${formatIpv4(target)} is on loopback, where there are no frames to build`, 'use the driver connect');
  if (only !== undefined && (!/^[^\s/:]{1,15}$/.test(only) || !present(only)))
    throw wanting(`there is no interface "${only}" here`, 'name one that `ip link` lists');
  // One that was named is looked at first: routes vanish with their interface.
  if (only !== undefined) usable(only);
  const routes = parseRoutes(readFileSync('/proc/net/route', 'utf8'));
  const entry = bestRoute(routes, target, only);
  const to = formatIpv4(target);
  if (!entry)
    throw wanting(
      `there is no route to ${to}${only === undefined ? '' : ` by ${only}`}`,
      'add one (ip route add), or name another interface',
    );
  const name = entry.interface;
  const link = usable(name);
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
  oneWay(routes, entry, options);
  const gateway = formatIpv4(entry.gateway);
  const gatewayMac = neighbourMac(readFileSync('/proc/net/arp', 'utf8'), entry.gateway, name);
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
