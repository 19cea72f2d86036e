/**
 * A list of addresses to sweep, IPv6 and IPv4 in any mixture, in shared memory: the other way to say what a round is, beside
 * ranges. In: addresses one at a time, each with its ISP. Out: a HitList in which none stands twice, which threads share;
 * and the Space over it, in which an address is its number in the list.
 */
import { type Address, formatAddress } from '../../../record/address.ts';
import type { Space } from '../../round/space.ts';

/** Bytes of an entry: IPv6 in network order, IPv4 in its IPv6 clothes (RFC 4291 section 2.5.5.2). */
const WIDTH = 16;
const MAPPED = 0xffffn << 32n;
/** What is paced as one network: a /24 of IPv4; a /48 of IPv6, which holds at most 256 lines of a /56 each. */
const NET4 = 8n;
const NET6 = 80n;

export interface HitList {
  readonly count: number;
  readonly bytes: Uint8Array;
  readonly isps: readonly string[];
  /** Rank of each address's ISP. */
  readonly isp: Uint16Array;
  /** Rank of each address's network. */
  readonly net: Uint32Array;
  readonly nets: number;
}

const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(Math.max(8, bytes));

/** The 128 bits that stand for an address. */
const wide = (address: Address): bigint => (address.family === 6 ? address.value : MAPPED | address.value);

export function addressAt({ bytes }: HitList, n: number): Address {
  let value = 0n;
  for (let i = n * WIDTH; i < (n + 1) * WIDTH; i++) value = (value << 8n) | BigInt(bytes[i] as number);
  return value >> 32n === 0xffffn ? { family: 4, value: value & 0xffffffffn } : { family: 6, value };
}

export const textAt = (list: HitList, n: number): string => formatAddress(addressAt(list, n));

export interface ListMaker {
  /** False when it stands in the list already. */
  add(address: Address, isp: string): boolean;
  readonly count: number;
  done(): HitList;
}

/** Grows by doubling: bytes, and a table of numbers by hash with at most half of its places taken. */
export function makeList(): ListMaker {
  let bytes = new Uint8Array(1024 * WIDTH);
  let isp = new Uint16Array(1024);
  let net = new Uint32Array(1024);
  let places = new Uint32Array(2048);
  let count = 0;
  const isps = new Map<string, number>();
  const nets = new Map<bigint, number>();
  const entry = new Uint8Array(WIDTH);
  const words = new DataView(entry.buffer);

  /** FNV-1a over the entry; who fills a list can only make it slow for himself. */
  const hashOf = (from: Uint8Array, at: number): number => {
    let hash = 0x811c9dc5;
    for (let i = at; i < at + WIDTH; i++) hash = Math.imul(hash ^ (from[i] as number), 0x01000193);
    return (hash ^ (hash >>> 15)) >>> 0;
  };
  const same = (n: number): boolean => {
    for (let i = 0; i < WIDTH; i++) if (bytes[n * WIDTH + i] !== entry[i]) return false;
    return true;
  };
  /** Where the entry stands, or the free place for it. */
  const placeOf = (): number => {
    let at = hashOf(entry, 0) & (places.length - 1);
    while (places[at] !== 0 && !same((places[at] as number) - 1)) at = (at + 1) & (places.length - 1);
    return at;
  };
  const grown = <T extends Uint8Array | Uint16Array | Uint32Array>(old: ArrayLike<number>, into: T): T => {
    into.set(old);
    return into;
  };
  function grow(): void {
    bytes = grown(bytes, new Uint8Array(bytes.length * 2));
    isp = grown(isp, new Uint16Array(isp.length * 2));
    net = grown(net, new Uint32Array(net.length * 2));
    places = new Uint32Array(places.length * 2);
    for (let n = 0; n < count; n++) {
      let at = hashOf(bytes, n * WIDTH) & (places.length - 1);
      while (places[at] !== 0) at = (at + 1) & (places.length - 1);
      places[at] = n + 1;
    }
  }
  function rankIn<Key>(ranks: Map<Key, number>, key: Key): number {
    const known = ranks.get(key);
    if (known !== undefined) return known;
    ranks.set(key, ranks.size);
    return ranks.size - 1;
  }

  return {
    get count() {
      return count;
    },
    add(address, name) {
      const value = wide(address);
      words.setBigUint64(0, value >> 64n);
      words.setBigUint64(8, value & 0xffffffffffffffffn);
      if (places[placeOf()] !== 0) return false;
      if (count === isp.length) grow();
      places[placeOf()] = count + 1;
      bytes.set(entry, count * WIDTH);
      isp[count] = rankIn(isps, name);
      net[count] = rankIn(nets, value >> (address.family === 4 ? NET4 : NET6));
      count++;
      return true;
    },
    done: () => ({
      count,
      bytes: grown(bytes.subarray(0, count * WIDTH), new Uint8Array(shared(count * WIDTH))),
      isps: [...isps.keys()],
      isp: grown(isp.subarray(0, count), new Uint16Array(shared(count * 2), 0, count)),
      net: grown(net.subarray(0, count), new Uint32Array(shared(count * 4), 0, count)),
      nets: nets.size,
    }),
  };
}

/** Every (address, port) of the list as one index: number in the list × ports + rank of the port. */
export function listSpace(list: HitList, ports: readonly number[]): Space {
  const width = ports.length;
  const size = list.count * width;
  if (size < 1 || size > 2 ** 32) throw new RangeError(`a list has 1 to 2^32 pairs of address and port, not ${size}`);
  const numberOf = (index: number): number => Math.floor(index / width);
  return {
    size,
    addresses: list.count,
    ports,
    isps: list.isps,
    nets: list.nets,
    address: numberOf,
    port: index => ports[index % width] as number,
    locate(index, into) {
      const n = numberOf(index);
      into.address = n;
      into.port = ports[index - n * width] as number;
      into.isp = list.isp[n] as number;
      into.net = list.net[n] as number;
    },
    elementOf(address, port) {
      const rank = ports.indexOf(port);
      return rank < 0 || address >= list.count ? -1 : address * width + rank;
    },
  };
}
