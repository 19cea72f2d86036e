/**
 * The sequence number of a probe: 32 bits that only the key's holder can foretell, so that an answer proves by itself that
 * it answers a probe of this sweep, and nothing need be remembered. HalfSipHash-1-3 (Aumasson and Bernstein, SipHash;
 * 32-bit variant with a 64-bit key) over eight bytes: the destination address, then source and destination port.
 *
 * Unrolled and without memory, because it is reckoned for every packet. A forged answer is believed once in 2^32.
 */
export type Cookie = (address: number, sourcePort: number, port: number) => number;

/** `key` is 8 bytes, else RangeError. Arguments are unsigned; the result is an unsigned 32-bit number. */
export function makeCookie(key: Uint8Array): Cookie {
  if (key.length !== 8) throw new RangeError(`a cookie key has 8 bytes, not ${key.length}`);
  const view = new DataView(key.buffer, key.byteOffset, 8);
  const k0 = view.getInt32(0, true);
  const k1 = view.getInt32(4, true);
  const start2 = k0 ^ 0x6c796765;
  const start3 = k1 ^ 0x74656462;
  return (address, sourcePort, port) => {
    let v0 = k0;
    let v1 = k1;
    let v2 = start2;
    let v3 = start3;
    let m = address | 0;
    v3 ^= m;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= m;
    m = (sourcePort << 16) | port;
    v3 ^= m;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= m;
    // The last word: the length in bytes in its top byte, and no byte left over.
    m = 8 << 24;
    v3 ^= m;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= m;
    v2 ^= 0xff;
    for (let round = 0; round < 3; round++) {
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
    }
    return (v1 ^ v3) >>> 0;
  };
}
