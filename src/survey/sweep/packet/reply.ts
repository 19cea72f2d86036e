/**
 * What a captured frame says: an open port (SYN-ACK), a closed one (RST), a router's word that the probe did not get there
 * (ICMP), or nothing of ours. In: bytes of anybody's making, perhaps cut short. Out: the fields of a Reply, and whether
 * there is one. It believes nothing: cookie, ports and scope are the receiver's to check.
 *
 * Linear and bounded: every length is held against what there is, and options end after 40 bytes. Checksums are not
 * verified: the kernel leaves those of its own machine unfinished, and the cookie proves more.
 */
export const SYN_ACK = 1;
export const RST = 2;
export const ICMP = 3;

export interface Reply {
  /** SYN_ACK, RST, ICMP; 0 for a frame that is none of them. */
  kind: 0 | 1 | 2 | 3;
  /** What was probed: of an ICMP message, the quoted destination and not the router. */
  address: number;
  port: number;
  /** Where the probe came from, as the reply has it. */
  source: number;
  sourcePort: number;
  /** The cookie it must match. A RST may also match the one after: some machines acknowledge the SYN and not its end. */
  sequence: number;
  ttl: number;
  window: number;
  /** Of a SYN-ACK, in their order: M1460 S T N W7, others K and their number, ! for one that is malformed; with commas. */
  options: string;
  /** Of an ICMP message: type × 256 + code. */
  code: number;
}

export const emptyReply = (): Reply => ({
  kind: 0,
  address: 0,
  port: 0,
  source: 0,
  sourcePort: 0,
  sequence: 0,
  ttl: 0,
  window: 0,
  options: '',
  code: 0,
});

const ETHERNET = 14;
const IPV4 = 0x0800;
/** IEEE 802.1Q, and 802.1ad for the outer of two. */
const TAGS = [0x8100, 0x88a8] as const;
const MOST_TAGS = 2;
const TCP = 6;
const UNREACHABLE = 3;
const TIME_EXCEEDED = 11;
const FLAG_SYN = 2;
const FLAG_RST = 4;
const FLAG_ACK = 16;

const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
const u32 = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)) >>>
  0;

/** The frame lies in `bytes` from `from`, `length` bytes of it captured. False leaves `into.kind` 0. Never throws. */
export function readReply(bytes: Uint8Array, from: number, length: number, into: Reply): boolean {
  into.kind = 0;
  const end = Math.min(from + length, bytes.length);
  let at = from + ETHERNET;
  if (!(from >= 0 && at <= end)) return false;
  let type = u16(bytes, at - 2);
  for (let tags = 0; tags < MOST_TAGS && (type === TAGS[0] || type === TAGS[1]) && at + 4 <= end; tags++) {
    type = u16(bytes, at + 2);
    at += 4;
  }
  return type === IPV4 && readIpv4(bytes, at, end, into);
}

/** RFC 791 §3.1. Frames are padded, so the packet's own length counts where it is shorter. */
function readIpv4(bytes: Uint8Array, at: number, captured: number, into: Reply): boolean {
  if (at + 20 > captured) return false;
  const first = bytes[at] as number;
  const header = (first & 15) * 4;
  // A later fragment has no header of TCP or ICMP; what stands in its place is anybody's.
  if (first >>> 4 !== 4 || header < 20 || (u16(bytes, at + 6) & 0x1fff) !== 0) return false;
  const end = Math.min(captured, at + u16(bytes, at + 2));
  const payload = at + header;
  into.ttl = bytes[at + 8] as number;
  const protocol = bytes[at + 9];
  if (protocol === TCP) return readTcp(bytes, at, payload, end, into);
  return protocol === 1 && readIcmp(bytes, payload, end, into);
}

/** RFC 9293 §3.1. */
function readTcp(bytes: Uint8Array, ip: number, at: number, end: number, into: Reply): boolean {
  if (at + 20 > end) return false;
  const flags = bytes[at + 13] as number;
  const reset = (flags & FLAG_RST) !== 0;
  if (!reset && (flags & (FLAG_SYN | FLAG_ACK)) !== (FLAG_SYN | FLAG_ACK)) return false;
  into.address = u32(bytes, ip + 12);
  into.source = u32(bytes, ip + 16);
  into.port = u16(bytes, at);
  into.sourcePort = u16(bytes, at + 2);
  // A RST is held to its acknowledgement even where it has no flag that says it counts: the cookie is in it or it is not.
  into.sequence = (u32(bytes, at + 8) - 1) >>> 0;
  into.window = u16(bytes, at + 14);
  into.options = reset ? '' : tcpOptions(bytes, at + 20, Math.min(end, at + ((bytes[at + 12] as number) >>> 4) * 4));
  into.code = 0;
  into.kind = reset ? RST : SYN_ACK;
  return true;
}

/** RFC 792: type, code, and the header and first eight bytes of what it is about: enough for ports and sequence number. */
function readIcmp(bytes: Uint8Array, at: number, end: number, into: Reply): boolean {
  const ip = at + 8;
  if (ip + 20 > end) return false;
  const type = bytes[at] as number;
  if (type !== UNREACHABLE && type !== TIME_EXCEEDED) return false;
  const first = bytes[ip] as number;
  const header = (first & 15) * 4;
  const tcp = ip + header;
  if (first >>> 4 !== 4 || header < 20 || tcp + 8 > end) return false;
  if (bytes[ip + 9] !== TCP || (u16(bytes, ip + 6) & 0x1fff) !== 0) return false;
  into.source = u32(bytes, ip + 12);
  into.address = u32(bytes, ip + 16);
  into.sourcePort = u16(bytes, tcp);
  into.port = u16(bytes, tcp + 2);
  into.sequence = u32(bytes, tcp + 4);
  into.window = 0;
  into.options = '';
  into.code = type * 256 + (bytes[at + 1] as number);
  into.kind = ICMP;
  return true;
}

/** RFC 9293 §3.2, RFC 7323 (W, T), RFC 2018 (S). A SYN-ACK has at most 40 bytes of them. */
function tcpOptions(bytes: Uint8Array, from: number, end: number): string {
  let text = '';
  for (let at = from; at < end; ) {
    const kind = bytes[at] as number;
    if (kind === 0) break;
    if (text !== '') text += ',';
    if (kind === 1) {
      text += 'N';
      at++;
      continue;
    }
    const length = at + 1 < end ? (bytes[at + 1] as number) : 0;
    if (length < 2 || at + length > end) return `${text}!`;
    if (kind === 2 && length === 4) text += `M${u16(bytes, at + 2)}`;
    else if (kind === 3 && length === 3) text += `W${bytes[at + 2]}`;
    else if (kind === 4 && length === 2) text += 'S';
    else if (kind === 8 && length === 10) text += 'T';
    else text += `K${kind}`;
    at += length;
  }
  return text;
}
