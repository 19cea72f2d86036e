/**
 * The space of a round: every (address, port) pair as one index, `address rank × ports + port rank`. In: sorted, disjoint
 * IPv4 ranges with their ISPs, and ports. Out: for an index its address, port, ISP and /24, without allocation.
 *
 * Finding the range of a rank: a table with the range in which each block of 4096 ranks begins, then a binary search
 * between two neighbouring entries, which for ranges longer than a block is no search at all.
 */
import { formatIpv4 } from '../../record/address.ts';
import { GREATEST_SIZE } from './permutation.ts';

/** Inclusive, as unsigned IPv4 numbers. */
export interface SpaceRange {
  readonly from: number;
  readonly to: number;
  readonly isp: string;
}

/** Where an index lies; filled in place on the hot path. `isp` and `net` are ranks: of `isps`, and of the /24s touched. */
export interface Place {
  address: number;
  port: number;
  isp: number;
  net: number;
}

export interface Space {
  readonly size: number;
  readonly addresses: number;
  readonly ports: readonly number[];
  readonly isps: readonly string[];
  /** How many different /24s hold an address of the space. */
  readonly nets: number;
  address(index: number): number;
  port(index: number): number;
  locate(index: number, into: Place): void;
  /** The index of a pair, -1 when it is not in the space. */
  elementOf(address: number, port: number): number;
}

const BLOCK = 12;

/**
 * RangeError for ranges that are unsorted, overlapping or empty, ports that repeat, or more than 2^32 pairs. With `only`,
 * the space of those ISPs; ISPs and /24s keep the ranks they have in the whole.
 */
export function makeSpace(ranges: readonly SpaceRange[], ports: readonly number[], only?: ReadonlySet<string>): Space {
  checkPorts(ports);
  const count = only === undefined ? ranges.length : ranges.filter(range => only.has(range.isp)).length;
  const isps = [...new Set(ranges.map(range => range.isp))];
  const ispRank = new Map(isps.map((isp, rank) => [isp, rank]));
  const first = new Float64Array(count + 1);
  const start = new Uint32Array(count);
  /** What one range needs, in one line of the cache: what to add to a rank for the address, ISP, what to add for the /24. */
  const about = new Uint32Array(4 * count);
  let rank = 0;
  let nets = 0;
  let last = -1;
  let kept = 0;
  ranges.forEach(({ from, to, isp: name }, i) => {
    if (!(Number.isInteger(from) && Number.isInteger(to) && last < from && from <= to && to <= 0xffffffff))
      throw new RangeError(
        `range ${i + 1} (${formatIpv4(from)} to ${formatIpv4(to)}) is empty, overlaps or is unsorted`,
      );
    // A /24 shared by two ranges is one network to whoever operates it, so it keeps one number.
    if (last < 0 || last >>> 8 !== from >>> 8) nets++;
    last = to;
    const netBase = nets - 1 - (from >>> 8);
    nets += (to >>> 8) - (from >>> 8);
    if (only !== undefined && !only.has(name)) return;
    // Both sums are taken modulo 2^32, where a negative number is as good as any.
    about[4 * kept] = from - rank;
    about[4 * kept + 1] = ispRank.get(name) as number;
    about[4 * kept + 2] = netBase;
    first[kept] = rank;
    start[kept] = from;
    rank += to - from + 1;
    kept++;
  });
  first[count] = rank;
  const size = rank * ports.length;
  if (size < 1 || size > GREATEST_SIZE)
    throw new RangeError(`a space has 1 to 2^32 pairs of address and port, not ${size}`);
  const table = blockTable(first, count, rank);
  const width = ports.length;
  const portOf = Uint16Array.from(ports);

  const begins = Uint32Array.from(first.subarray(0, count));
  const rankOfPort = new Uint16Array(65_536);
  for (const [n, port] of ports.entries()) rankOfPort[port] = n + 1;

  const rangeOf = (address: number): number => {
    const block = address >>> BLOCK;
    let low = table[block] as number;
    let high = table[block + 1] as number;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((begins[middle] as number) <= address) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  // Unsigned on both sides and after, so that it is one division of integers.
  const addressRank = (index: number): number => (width === 1 ? index >>> 0 : ((index >>> 0) / (width >>> 0)) >>> 0);

  return {
    size,
    addresses: rank,
    ports,
    isps,
    nets,
    address(index) {
      const address = addressRank(index);
      return (address + (about[4 * rangeOf(address)] as number)) >>> 0;
    },
    port: index => portOf[index % width] as number,
    locate(index, into) {
      const rank = addressRank(index);
      const r = 4 * rangeOf(rank);
      const address = (rank + (about[r] as number)) >>> 0;
      into.address = address;
      into.port = portOf[width === 1 ? 0 : index - rank * width] as number;
      into.isp = about[r + 1] as number;
      into.net = ((about[r + 2] as number) + (address >>> 8)) >>> 0;
    },
    elementOf(address, port) {
      const portRank = (rankOfPort[port] ?? 0) - 1;
      if (portRank < 0) return -1;
      let low = 0;
      let high = count;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((start[middle] as number) <= address) low = middle + 1;
        else high = middle;
      }
      const r = low - 1;
      if (r < 0) return -1;
      const rank = (first[r] as number) + address - (start[r] as number);
      return rank < (first[r + 1] as number) ? rank * width + portRank : -1;
    },
  };
}

/** Entry b: the range holding rank b × 4096; one entry more than blocks, so that a search has an upper end. */
function blockTable(first: Float64Array, count: number, ranks: number): Uint32Array {
  const blocks = Math.ceil(ranks / (1 << BLOCK));
  const table = new Uint32Array(blocks + 1);
  let range = 0;
  for (let block = 0; block < blocks; block++) {
    while ((first[range + 1] as number) <= block * (1 << BLOCK)) range++;
    table[block] = range;
  }
  table[blocks] = Math.max(0, count - 1);
  return table;
}

function checkPorts(ports: readonly number[]): void {
  const odd = ports.find(port => !(Number.isInteger(port) && port >= 1 && port <= 65535));
  if (odd !== undefined) throw new RangeError(`${odd} is not a port`);
  if (new Set(ports).size !== ports.length) throw new RangeError('a port is named twice');
}
