/**
 * What our own code does for a packet, without the kernel: choose an index, place it, ask the gate, make the cookie, fill the
 * frame. 200 million addresses in one range, and in 4,334 of uneven lengths. The gate's map is opened by hand, because
 * no mandate may open so much space; its question is the same.
 */
import { isOpenPlain, makeBitmap, openRange } from '../src/mandate/bitmap.ts';
import { makePermutation } from '../src/survey/round/permutation.ts';
import { makeSpace, type Place, type SpaceRange } from '../src/survey/round/space.ts';
import { makeCookie } from '../src/survey/sweep/packet/cookie.ts';
import { dryPackets } from '../src/survey/sweep/packet/dry.ts';
import { makeFrames } from '../src/survey/sweep/packet/frame.ts';
import { type BenchLine, machine, median } from './line.ts';

const ADDRESSES = 200_000_000;
const FIRST = 0x0b000000;
const SOURCE_PORT = 61_234;
const PORT = 23;

function uneven(count: number): SpaceRange[] {
  const ranges: SpaceRange[] = [];
  let from = FIRST;
  for (let n = 0; n < count; n++) {
    const length = Math.floor(ADDRESSES / count) + ((n % 7) - 3) * 30;
    ranges.push({ from, to: from + length - 1, isp: `isp-${n % 82}` });
    from += length + 1_000;
  }
  return ranges;
}

function nsEach(ranges: readonly SpaceRange[], packets: number, runs: number): number[] {
  const space = makeSpace(ranges, [PORT]);
  const { size } = space;
  const permutation = makePermutation(new Uint8Array(32).fill(7), size);
  const open = makeBitmap(ranges.length * 2 + 4_096);
  for (const { from, to } of ranges) openRange(open, from, to);
  const { slots } = dryPackets();
  const frames = makeFrames(slots, {
    sourceMac: new Uint8Array(6).fill(2),
    gatewayMac: new Uint8Array(6).fill(4),
    source: 0xc0a84d01,
    sourcePort: SOURCE_PORT,
    options: 'mss',
  });
  const cookie = makeCookie(new Uint8Array(8).fill(9));
  const place: Place = { address: 0, port: 0, isp: 0, net: 0 };
  const mask = slots.count - 1;
  let closed = 0;
  const some = (count: number): void => {
    for (let n = 0, index = 0; n < count; n++, index++) {
      if (index === size) index = 0;
      space.locate(permutation.walk(index), place);
      const { address, port } = place;
      if (!isOpenPlain(open, address)) {
        closed++;
        continue;
      }
      frames.fill(n & mask, address, port, cookie(address, SOURCE_PORT, port), n);
    }
  };
  some(1_000_000);
  const each = Array.from({ length: runs }, () => {
    const before = process.cpuUsage();
    some(packets);
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1_000) / packets;
  });
  if (closed > 0) throw new Error(`${closed} addresses of the space were closed`);
  return each;
}

export function* fillCases(runs: number, packets: number): Generator<BenchLine> {
  for (const [name, ranges, target] of [
    ['contiguous', uneven(1), 50],
    ['over 4,334 ranges', uneven(4_334), 60],
  ] as const) {
    const each = nsEach(ranges, packets, runs);
    yield {
      bench: 'sweep',
      case: `choose, gate, cookie, fill, ${name}`,
      unit: 'CPU ns a packet, nothing sent',
      ours: Number(median(each).toFixed(1)),
      peers: {},
      ratio: null,
      runs,
      machine,
      note: `200 million addresses; ${Math.min(...each).toFixed(1)} to ${Math.max(...each).toFixed(1)}; the target is ${target}`,
    };
  }
}

/** The same work in spaces of 2^k pairs, each walked as often as it takes. */
export function growthCase(runs: number, exponents: readonly number[], packets: number): BenchLine {
  const each = exponents.map(exponent => {
    const range = { from: FIRST, to: FIRST + 2 ** exponent - 1, isp: 'isp' };
    return median(nsEach([range], packets, runs));
  });
  const first = each[0] ?? Number.NaN;
  const last = each.at(-1) ?? Number.NaN;
  return {
    bench: 'sweep',
    case: 'growth',
    unit: `CPU ns to choose, gate, cookie and fill a packet of 2^${exponents.at(-1)} targets`,
    ours: Number(last.toFixed(1)),
    peers: {},
    ratio: null,
    runs,
    machine,
    note: `${exponents.map((exponent, n) => `2^${exponent}: ${each[n]?.toFixed(1)}`).join(', ')}; the largest costs ${(last / first).toFixed(2)} of the smallest`,
  };
}
