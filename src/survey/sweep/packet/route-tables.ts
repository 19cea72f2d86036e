/**
 * What the kernel's text files say of routes and neighbours: readers for /proc/net/route and /proc/net/arp, and the choice
 * between routes. Pure; a line that makes no sense is no route. In: the files' text. Out: routes and MACs.
 */
import { parseIpv4 } from '../../../record/address.ts';

export interface RouteLine {
  readonly interface: string;
  /** Host order. */
  readonly destination: number;
  readonly mask: number;
  /** 0: the target is on the wire itself. */
  readonly gateway: number;
  readonly metric: number;
  /** `unreachable`, `blackhole` or `prohibit`. */
  readonly rejects: boolean;
}

const RTF_UP = 0x1;
const RTF_GATEWAY = 0x2;
const RTF_REJECT = 0x200;

/** Eight hexadecimal digits: the address in network order, read as a number of this (little-endian) machine. */
function address(hex: string): number | undefined {
  if (!/^[0-9A-F]{8}$/i.test(hex)) return undefined;
  return Buffer.from(hex, 'hex').readUInt32LE(0);
}

export function parseRoutes(text: string): RouteLine[] {
  return text.split('\n').flatMap(line => {
    const [name = '', to = '', via = '', flagText = '', , , metric = '', maskText = ''] = line.trim().split(/\s+/);
    const [destination, gateway, mask] = [address(to), address(via), address(maskText)];
    const flags = Number.parseInt(flagText, 16);
    if (destination === undefined || gateway === undefined || mask === undefined) return [];
    if (!(flags & RTF_UP)) return [];
    return [
      {
        ...{ interface: name, destination, mask, metric: Number(metric) || 0 },
        gateway: flags & RTF_GATEWAY ? gateway : 0,
        rejects: (flags & RTF_REJECT) !== 0,
      },
    ];
  });
}

/** The longest prefix wins, then the lowest metric, then the first. Undefined: no route, or one that rejects. */
export function bestRoute(routes: readonly RouteLine[], target: number, interfaceName?: string): RouteLine | undefined {
  let best: RouteLine | undefined;
  for (const route of routes) {
    if ((target & route.mask) >>> 0 !== route.destination) continue;
    if (interfaceName !== undefined && !route.rejects && route.interface !== interfaceName) continue;
    if (!best || route.mask > best.mask || (route.mask === best.mask && route.metric < best.metric)) best = route;
  }
  return best?.rejects ? undefined : best;
}

/** The first address of a range that is not routed as its first one is; undefined when all are. */
export function firstRoutedElsewhere(
  routes: readonly RouteLine[],
  first: number,
  last: number,
  interfaceName?: string,
): number | undefined {
  const start = bestRoute(routes, first, interfaceName);
  // The choice changes only where some route's prefix begins, or where it has ended.
  const edges = routes
    .flatMap(({ destination, mask }) => [destination, (destination | ~mask) >>> 0].map((edge, n) => edge + n))
    .filter(edge => edge > first && edge <= last)
    .sort((a, b) => a - b);
  return edges.find(edge => {
    const there = bestRoute(routes, edge, interfaceName);
    return there?.interface !== start?.interface || there?.gateway !== start?.gateway;
  });
}

const ATF_COM = 0x2;

/** The MAC of a neighbour whose resolution is complete. */
export function macOf(arp: string, neighbour: number, interfaceName: string): Uint8Array | undefined {
  for (const line of arp.split('\n')) {
    const [ip = '', , flags = '', mac = '', , device] = line.trim().split(/\s+/);
    if (device !== interfaceName || parseIpv4(ip) !== neighbour || !(Number(flags) & ATF_COM)) continue;
    if (/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac))
      return Uint8Array.from(Buffer.from(mac.replaceAll(':', ''), 'hex'));
  }
  return undefined;
}
