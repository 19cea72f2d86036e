/**
 * What a server offers for key exchange (RFC 4253 section 7.1), from one unencrypted packet (section 6). In: bytes, at most
 * 35,000 of them. Out: the name lists, or undefined where they are not one.
 */
import { textOf } from '../machine.ts';

/** The ten name lists in their order on the wire. */
export const LISTS = [
  'kex',
  'hostKey',
  'cipherToServer',
  'cipherToClient',
  'macToServer',
  'macToClient',
  'compressionToServer',
  'compressionToClient',
  'languageToServer',
  'languageToClient',
] as const;
export type KexInit = Readonly<Record<(typeof LISTS)[number], readonly string[]>>;

export const MESSAGE = {
  disconnect: 1,
  debug: 4,
  serviceAccept: 6,
  kexInit: 20,
  newKeys: 21,
  failure: 51,
  success: 52,
  method: 60,
} as const;
/** RFC 4253 section 6.1. */
export const MOST_PACKET = 35_000;

export const uint32 = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)) >>>
  0;

/** Of the packet that begins at `at` with its length: undefined when no packet of RFC 4253 section 6 begins so. */
export function packetLength(bytes: Uint8Array, at: number): number | undefined {
  const length = uint32(bytes, at);
  return length >= 12 && length <= MOST_PACKET && (length + 4) % 8 === 0 ? length : undefined;
}

/** `packet` without its length field: padding length, payload, padding. */
export function payloadOf(packet: Uint8Array): Uint8Array | undefined {
  const padding = packet[0] as number;
  const end = packet.length - padding;
  return padding >= 4 && end > 1 ? packet.subarray(1, end) : undefined;
}

export function readKexInit(payload: Uint8Array): KexInit | undefined {
  let at = 17;
  const lists: Partial<Record<(typeof LISTS)[number], readonly string[]>> = {};
  for (const name of LISTS) {
    if (at + 4 > payload.length) return undefined;
    const length = uint32(payload, at);
    at += 4;
    if (length > payload.length - at) return undefined;
    lists[name] = length === 0 ? [] : textOf(payload.subarray(at, at + length)).split(',');
    at += length;
  }
  // first_kex_packet_follows and the reserved number.
  return at + 5 === payload.length ? (lists as KexInit) : undefined;
}

/** The words of a DISCONNECT (section 11.1); its reason is a number. */
export function readDisconnect(payload: Uint8Array): { readonly reason: number; readonly words: string } {
  if (payload.length < 9) return { reason: 0, words: '' };
  return { reason: uint32(payload, 1), words: textOf(payload.subarray(9, 9 + Math.min(uint32(payload, 5), 256))) };
}
