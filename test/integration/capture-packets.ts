/** Reads TCP packets from a classic pcap of Ethernet-framed IPv4: whence, whither, when, a SYN or not, how much payload. */
import { readFileSync } from 'node:fs';

export interface Packet {
  /** ms UTC, with its fraction. */
  readonly at: number;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly port: number;
  /** SYN without ACK: somebody wants a connection. */
  readonly syn: boolean;
  /** Bytes of TCP payload. */
  readonly payload: number;
}

const dotted = (bytes: Buffer, at: number): string => bytes.subarray(at, at + 4).join('.');

/** Only whole packets; a file cut at its end loses the last one. Throws for another sort of file. */
export function readPackets(file: string): Packet[] {
  const bytes = readFileSync(file);
  if (bytes.readUInt32LE(0) !== 0xa1b2c3d4) throw new Error(`${file}: not a little-endian microsecond pcap`);
  if (bytes.readUInt32LE(20) !== 1) throw new Error(`${file}: link type ${bytes.readUInt32LE(20)} is not Ethernet`);
  const packets: Packet[] = [];
  for (let at = 24; at + 16 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 8);
    const frame = at + 16;
    if (frame + length > bytes.length) break;
    const ip = frame + 14;
    if (bytes.readUInt16BE(frame + 12) === 0x0800 && bytes[ip + 9] === 6) {
      const header = ((bytes[ip] as number) & 15) * 4;
      const tcp = ip + header;
      const flags = bytes[tcp + 13] as number;
      packets.push({
        at: bytes.readUInt32LE(at) * 1000 + bytes.readUInt32LE(at + 4) / 1000,
        source: dotted(bytes, ip + 12),
        sourcePort: bytes.readUInt16BE(tcp),
        destination: dotted(bytes, ip + 16),
        port: bytes.readUInt16BE(tcp + 2),
        syn: (flags & 0x12) === 0x02,
        // From the length of the datagram: the capture keeps only the headers.
        payload: bytes.readUInt16BE(ip + 2) - header - ((bytes[tcp + 12] as number) >>> 4) * 4,
      });
    }
    at = frame + length;
  }
  return packets;
}
