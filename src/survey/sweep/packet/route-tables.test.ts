import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseIpv4 } from '../../../record/address.ts';
import { bestRoute, firstRoutedElsewhere, macOf, parseRoutes, type RouteLine } from './route-tables.ts';

const ip = (text: string): number => parseIpv4(text) as number;
const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';
/** As the kernel writes it: a default route twice, a network, a prefix by a second gateway, one that is refused, one down. */
const ROUTES = parseRoutes(`${HEAD}eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth1\t00000000\t016433C6\t0003\t0\t0\t50\t00000000\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
eth0\t0000010A\tFE0200C0\t0003\t0\t0\t0\t0000FFFF\t0\t0\t0
*\t0000020A\t00000000\t0201\t0\t0\t0\t0000FFFF\t0\t0\t0
eth2\t0000030A\t00000000\t0000\t0\t0\t0\t0000FFFF\t0\t0\t0
a line of nonsense
eth0\tXYZ\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0
`);

test('routes are read, and what is down or makes no sense is none', () => {
  assert.equal(ROUTES.length, 5);
  assert.deepEqual(ROUTES[3], {
    interface: 'eth0',
    destination: ip('10.1.0.0'),
    mask: ip('255.255.0.0'),
    gateway: ip('192.0.2.254'),
    metric: 0,
    rejects: false,
  });
});

test('the longest prefix wins, then the lowest metric; a rejecting route is none, whatever is behind it', () => {
  assert.equal(bestRoute(ROUTES, ip('8.8.8.8'))?.interface, 'eth1');
  assert.equal(bestRoute(ROUTES, ip('8.8.8.8'), 'eth0')?.gateway, ip('192.0.2.1'));
  assert.equal(bestRoute(ROUTES, ip('10.1.9.9'))?.gateway, ip('192.0.2.254'));
  assert.equal(bestRoute(ROUTES, ip('192.0.2.77'))?.gateway, 0);
  assert.equal(bestRoute(ROUTES, ip('10.2.0.1')), undefined);
  assert.equal(bestRoute(ROUTES, ip('10.2.0.1'), 'eth0'), undefined);
  assert.equal(bestRoute([], ip('10.2.0.1')), undefined);
});

test('the first address that is routed elsewhere is found, as trying every address finds it', () => {
  assert.equal(firstRoutedElsewhere(ROUTES, ip('10.0.255.0'), ip('10.1.0.5')), ip('10.1.0.0'));
  assert.equal(firstRoutedElsewhere(ROUTES, ip('10.1.255.0'), ip('10.2.0.5')), ip('10.2.0.0'));
  assert.equal(firstRoutedElsewhere(ROUTES, ip('10.1.0.0'), ip('10.1.255.255')), undefined);
  assert.equal(firstRoutedElsewhere(ROUTES, ip('192.0.2.250'), ip('192.0.3.9')), ip('192.0.3.0'));
  assert.equal(firstRoutedElsewhere(ROUTES, ip('223.0.0.0'), 0xffffffff), undefined);
  const route = fc.record({
    length: fc.integer({ min: 22, max: 32 }),
    at: fc.integer({ min: 0, max: 1_023 }),
    gateway: fc.integer({ min: 0, max: 2 }),
    metric: fc.integer({ min: 0, max: 2 }),
    interface: fc.constantFrom('a', 'b'),
    rejects: fc.boolean(),
  });
  const BASE = ip('255.255.252.0');
  fc.assert(
    fc.property(fc.array(route, { maxLength: 8 }), fc.nat(1_023), fc.nat(1_023), (some, one, other) => {
      const routes: RouteLine[] = some.map(({ length, at, ...rest }) => {
        const mask = (0xffffffff << (32 - length)) >>> 0;
        return { ...rest, mask, destination: ((BASE + at) & mask) >>> 0 };
      });
      const [first, last] = [BASE + Math.min(one, other), BASE + Math.max(one, other)];
      const way = (address: number) => {
        const best = bestRoute(routes, address);
        return best ? `${best.interface} ${best.gateway}` : '';
      };
      let expected: number | undefined;
      for (let at = first; at <= last && expected === undefined; at++) if (way(at) !== way(first)) expected = at;
      assert.equal(firstRoutedElsewhere(routes, first, last), expected);
    }),
    { numRuns: 300 },
  );
});

test('a neighbour is known when the kernel has finished asking, on that interface', () => {
  const arp = `IP address       HW type     Flags       HW address            Mask     Device
192.0.2.1        0x1         0x2         02:00:00:00:77:02     *        eth0
192.0.2.9        0x1         0x0         00:00:00:00:00:00     *        eth0
192.0.2.8        0x1         0x6         02:00:00:00:00:08     *        eth1
`;
  assert.deepEqual([...(macOf(arp, ip('192.0.2.1'), 'eth0') ?? [])], [2, 0, 0, 0, 0x77, 2]);
  assert.equal(macOf(arp, ip('192.0.2.1'), 'eth1'), undefined);
  assert.equal(macOf(arp, ip('192.0.2.9'), 'eth0'), undefined);
  assert.equal(macOf(arp, ip('192.0.2.8'), 'eth1')?.at(-1), 8);
  assert.equal(macOf('', ip('192.0.2.8'), 'eth1'), undefined);
});
