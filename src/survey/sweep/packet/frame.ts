/**
 * The frame of a probe: Ethernet, IPv4, and a TCP SYN without data. In: slots, and what is the same in every frame. Out:
 * `fill`, which writes what differs (destination, port, sequence number, IP-ID) and makes both checksums right.
 *
 * A ones'-complement sum does not care in which order bytes are taken, as long as it is the same for all (RFC 1071 §2B),
 * so sums are kept over little-endian 16-bit words: what the memory of this machine holds. The sum of the constant part is
 * reckoned once; a frame adds its few words and folds.
 */
import type { Slots } from './packet-driver.ts';

export interface FrameShape {
  readonly sourceMac: Uint8Array;
  readonly gatewayMac: Uint8Array;
  /** Unsigned IPv4 number. */
  readonly source: number;
  readonly sourcePort: number;
  /** `mss`: that option alone, 58 bytes. `windows`: as a desktop asks, 66 bytes, which some hosts answer more readily. */
  readonly options: 'mss' | 'windows';
}

export interface Frames {
  /** Bytes of one frame. */
  readonly length: number;
  /** Ports 1 … 65535; address and sequence unsigned 32-bit; id 16-bit. */
  fill(slot: number, address: number, port: number, sequence: number, id: number): void;
}

const ETHERNET = 14;
const IP = 20;
const TCP = 20;
/** RFC 9293 §3.1 kinds 2 (MSS), 3 (window scale), 4 (SACK permitted), 1 (no operation). */
const OPTIONS = {
  mss: [2, 4, 0x05, 0xb4],
  windows: [2, 4, 0x05, 0xb4, 1, 3, 3, 8, 1, 1, 4, 2],
} as const;
const WINDOW = 64_240;
const HOPS = 64;

export const frameLength = (options: FrameShape['options']): number => ETHERNET + IP + TCP + OPTIONS[options].length;

if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1)
  throw new Error('frames are filled on little-endian machines');

/** 16-bit halves of a number as they lie in memory, most significant byte first. */
const swapped = (word: number): number => ((word & 0xff) << 8) | ((word >>> 8) & 0xff);

function template(shape: FrameShape): Uint8Array {
  const options = OPTIONS[shape.options];
  const bytes = new Uint8Array(frameLength(shape.options));
  const view = new DataView(bytes.buffer);
  bytes.set(shape.gatewayMac, 0);
  bytes.set(shape.sourceMac, 6);
  view.setUint16(12, 0x0800);
  bytes[14] = 0x45;
  view.setUint16(16, IP + TCP + options.length);
  // Don't fragment: there is nothing to.
  view.setUint16(20, 0x4000);
  bytes[22] = HOPS;
  bytes[23] = 6;
  view.setUint32(26, shape.source);
  view.setUint16(34, shape.sourcePort);
  bytes[46] = ((TCP + options.length) / 4) << 4;
  bytes[47] = 0x02;
  view.setUint16(48, WINDOW);
  bytes.set(options, ETHERNET + IP + TCP);
  return bytes;
}

function sumOf(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at += 2) sum += (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
  return sum;
}

export function makeFrames(slots: Slots, shape: FrameShape): Frames {
  const base = template(shape);
  const { memory, stride, offset, count } = slots;
  if (base.length + offset > stride || (memory.byteOffset + offset) % 2 !== 0 || stride % 2 !== 0)
    throw new RangeError('a slot has no room for a frame, or begins at an odd byte');
  for (let slot = 0; slot < count; slot++) memory.set(base, slot * stride + offset);
  const words = new Uint16Array(memory.buffer, memory.byteOffset, memory.byteLength >>> 1);
  const ipSum = sumOf(base, ETHERNET, ETHERNET + IP);
  // With the pseudo-header: both addresses, protocol, length (RFC 9293 §3.1).
  const tcpSum =
    sumOf(base, ETHERNET + IP, base.length) + sumOf(base, 26, 30) + swapped(6) + swapped(base.length - ETHERNET - IP);
  const step = stride >>> 1;
  const first = offset >>> 1;
  return {
    length: base.length,
    fill(slot, address, port, sequence, id) {
      const at = slot * step + first;
      const high = ((address >>> 24) & 0xff) | ((address >>> 8) & 0xff00);
      const low = ((address >>> 8) & 0xff) | ((address & 0xff) << 8);
      const sequenceHigh = (sequence >>> 24) | ((sequence >>> 8) & 0xff00);
      const sequenceLow = ((sequence >>> 8) & 0xff) | ((sequence & 0xff) << 8);
      const portWord = ((port & 0xff) << 8) | (port >>> 8);
      let sum = ipSum + high + low + id;
      sum = (sum & 0xffff) + (sum >>> 16);
      sum = (sum & 0xffff) + (sum >>> 16);
      words[at + 9] = id;
      words[at + 12] = ~sum;
      words[at + 15] = high;
      words[at + 16] = low;
      words[at + 18] = portWord;
      words[at + 19] = sequenceHigh;
      words[at + 20] = sequenceLow;
      sum = tcpSum + high + low + portWord + sequenceHigh + sequenceLow;
      sum = (sum & 0xffff) + (sum >>> 16);
      sum = (sum & 0xffff) + (sum >>> 16);
      words[at + 25] = ~sum;
    },
  };
}
