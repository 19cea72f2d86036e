/** Reads TCP SYN destinations from a classic pcap of Ethernet-framed IPv4 (link type 1): a judge's own reader, kept plain. */
import { readFileSync } from 'node:fs';

export interface Syn {
  /** ms UTC. */
  readonly at: number;
  readonly source: number;
  readonly destination: number;
  readonly port: number;
}

export function readSyns(file: string): Syn[] {
  const bytes = readFileSync(file);
  const magic = bytes.readUInt32LE(0);
  if (magic !== 0xa1b2c3d4) throw new Error(`${file}: not a little-endian microsecond pcap`);
  if (bytes.readUInt32LE(20) !== 1) throw new Error(`${file}: link type ${bytes.readUInt32LE(20)} is not Ethernet`);
  const syns: Syn[] = [];
  for (let at = 24; at + 16 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 8);
    const frame = at + 16;
    if (frame + length > bytes.length) break;
    const ip = frame + 14;
    if (bytes.readUInt16BE(frame + 12) === 0x0800 && bytes[ip + 9] === 6) {
      const tcp = ip + ((bytes[ip] ?? 0) & 15) * 4;
      syns.push({
        at: bytes.readUInt32LE(at) * 1000 + bytes.readUInt32LE(at + 4) / 1000,
        source: bytes.readUInt32BE(ip + 12),
        destination: bytes.readUInt32BE(ip + 16),
        port: bytes.readUInt16BE(tcp + 2),
      });
    }
    at = frame + length;
  }
  return syns;
}
