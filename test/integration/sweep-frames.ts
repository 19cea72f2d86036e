/** Sends frames by one driver from inside a namespace: `DRIVER COUNT BYPASS [MS]`, with so long a rest after each batch. Says what left and what it cost, as JSON. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeCookie } from '../../src/survey/sweep/packet/cookie.ts';
import { dryPackets } from '../../src/survey/sweep/packet/dry.ts';
import { frameLength, makeFrames } from '../../src/survey/sweep/packet/frame.ts';
import { mmsgPackets } from '../../src/survey/sweep/packet/mmsg.ts';
import { routeFor } from '../../src/survey/sweep/packet/route.ts';
import { xdpPackets } from '../../src/survey/sweep/packet/xdp.ts';

const [name = '', count = '0', bypass = '0', rest = '0'] = process.argv.slice(2);
const BASE = 0xc6120000;
const route = routeFor({ target: BASE, ranges: [{ from: BASE, to: BASE + 0xffff }] });
const length = frameLength('mss');
const opened =
  name === 'dry'
    ? dryPackets()
    : name === 'mmsg'
      ? mmsgPackets(route, length, bypass === '1')
      : xdpPackets(route, length, () => performance.now());
if ('why' in opened) throw new Error(opened.why);
const cookie = makeCookie(new Uint8Array(8));
const frames = makeFrames(opened.slots, {
  sourceMac: route.mac,
  gatewayMac: route.gatewayMac,
  source: route.source,
  sourcePort: 61_000,
  options: 'mss',
});
const before = process.cpuUsage();
const from = performance.now();
let left = 0;
for (const wanted = Number(count); left < wanted; ) {
  const batch = Math.min(opened.slots.count, wanted - left);
  for (let n = 0; n < batch; n++) {
    const address = BASE + ((left + n) & 0xffff);
    frames.fill(n, address, 23, cookie(address, 61_000, 23), (left + n) & 0xffff);
  }
  const now = opened.send(batch);
  left += now;
  if (now === 0 && opened.down) break;
  if (rest !== '0') await sleep(Number(rest));
}
const { user, system } = process.cpuUsage(before);
const result = {
  left,
  nanoseconds: Math.round(((user + system) * 1000) / left),
  perSecond: Math.round((left * 1000) / (performance.now() - from)),
  fault: opened.lastFault(),
  down: opened.down,
};
opened.close();
process.stdout.write(`${JSON.stringify(result)}\n`);
