/** The unrolled hash against one written from the definition, which is itself held to the authors' published vectors. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeCookie } from './cookie.ts';

const rotate = (x: bigint, by: bigint) => ((x << by) | (x >> (32n - by))) & 0xffffffffn;

/** HalfSipHash-c-d with a 32-bit tag, by the book and in big integers. */
function halfSipHash(key: Uint8Array, message: Uint8Array, c: number, d: number): number {
  const word = (bytes: Uint8Array, at: number) =>
    BigInt(new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true));
  const [k0, k1] = [word(key, 0), word(key, 4)];
  const v = [k0, k1, k0 ^ 0x6c796765n, k1 ^ 0x74656462n] as [bigint, bigint, bigint, bigint];
  const add = (a: bigint, b: bigint) => (a + b) & 0xffffffffn;
  const round = () => {
    v[0] = add(v[0], v[1]);
    v[1] = rotate(v[1], 5n) ^ v[0];
    v[0] = rotate(v[0], 16n);
    v[2] = add(v[2], v[3]);
    v[3] = rotate(v[3], 8n) ^ v[2];
    v[0] = add(v[0], v[3]);
    v[3] = rotate(v[3], 7n) ^ v[0];
    v[2] = add(v[2], v[1]);
    v[1] = rotate(v[1], 13n) ^ v[2];
    v[2] = rotate(v[2], 16n);
  };
  const absorb = (m: bigint) => {
    v[3] ^= m;
    for (let i = 0; i < c; i++) round();
    v[0] ^= m;
  };
  const whole = message.length - (message.length % 4);
  for (let at = 0; at < whole; at += 4) absorb(word(message, at));
  let last = BigInt(message.length & 0xff) << 24n;
  for (let i = whole; i < message.length; i++) last |= BigInt(message[i] as number) << BigInt(8 * (i - whole));
  absorb(last);
  v[2] ^= 0xffn;
  for (let i = 0; i < d; i++) round();
  return Number(v[1] ^ v[3]);
}

const counting = (length: number) => Uint8Array.from({ length }, (_, n) => n);

test('the definition gives the first tags that its authors publish for HalfSipHash-2-4', () => {
  assert.equal(halfSipHash(counting(8), counting(0), 2, 4), 0x5b9f35a9);
  assert.equal(halfSipHash(counting(8), counting(1), 2, 4), 0xb85a4727);
});

test('the unrolled HalfSipHash-1-3 is the definition', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 8, maxLength: 8 }),
      fc.nat(0xffffffff),
      fc.nat(65_535),
      fc.nat(65_535),
      (key, address, source, port) => {
        const message = new Uint8Array(8);
        const view = new DataView(message.buffer);
        view.setUint32(0, address, true);
        view.setUint32(4, source * 65_536 + port, true);
        assert.equal(makeCookie(key)(address, source, port), halfSipHash(key, message, 1, 3));
      },
    ),
    { numRuns: 500 },
  );
  assert.throws(() => makeCookie(new Uint8Array(16)), RangeError);
});
