/** Golden frames byte for byte, and checksums against the slow sum that every receiver makes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dryPackets } from './dry.ts';
import { type FrameShape, frameLength, makeFrames } from './frame.ts';

const SHAPE: FrameShape = {
  sourceMac: Uint8Array.of(2, 0, 0, 0, 0, 1),
  gatewayMac: Uint8Array.of(2, 0, 0, 0, 0, 2),
  source: 0xc6120001,
  sourcePort: 61_000,
  options: 'mss',
};

const at = (driver: ReturnType<typeof dryPackets>, slot: number, length: number): Uint8Array => {
  const { memory, stride, offset } = driver.slots;
  return memory.slice(slot * stride + offset, slot * stride + offset + length);
};

/** RFC 1071, big-endian words, as a receiver checks: the sum over everything, checksum included, is all ones. */
function whole(...parts: Uint8Array[]): number {
  let sum = 0;
  for (const part of parts)
    for (let i = 0; i < part.length; i += 2) sum += (part[i] as number) * 256 + (part[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return sum;
}

test('a SYN with MSS, byte for byte', () => {
  const driver = dryPackets(4);
  const frames = makeFrames(driver.slots, SHAPE);
  frames.fill(2, 0xc6130203, 23, 0x01020304, 0xabcd);
  assert.equal(
    Buffer.from(at(driver, 2, frames.length)).toString('hex'),
    // Ethernet; IPv4 with ID cdab (order in memory), DF, 64 hops, TCP; SYN to port 23, window 64240, MSS 1460.
    '0200000000020200000000010800' +
      '4500002ccdab40004006def6c6120001c6130203' +
      'ee4800170102030400000000' +
      '6002faf01ca60000020405b4',
  );
});

test('every frame is what a receiver accepts, in every slot and with both sets of options', () => {
  const driver = dryPackets(256);
  for (const options of ['mss', 'windows'] as const) {
    const frames = makeFrames(driver.slots, { ...SHAPE, options });
    assert.equal(frames.length, frameLength(options));
    fc.assert(
      fc.property(
        fc.nat(255),
        fc.nat(0xffffffff),
        fc.integer({ min: 1, max: 65_535 }),
        fc.nat(0xffffffff),
        fc.nat(65_535),
        (slot, address, port, sequence, id) => {
          frames.fill(slot, address, port, sequence, id);
          const frame = at(driver, slot, frames.length);
          const view = new DataView(frame.buffer);
          const tcp = frame.slice(34);
          assert.equal(whole(frame.slice(14, 34)), 0xffff);
          assert.equal(whole(frame.slice(26, 34), Uint8Array.of(0, 6, 0, tcp.length), tcp), 0xffff);
          assert.deepEqual(
            [view.getUint32(26), view.getUint32(30), view.getUint16(34), view.getUint16(36), view.getUint32(38)],
            [SHAPE.source, address, SHAPE.sourcePort, port, sequence],
          );
          assert.equal(view.getUint32(42), 0);
          assert.equal(view.getUint16(18, true), id);
        },
      ),
      { numRuns: 400 },
    );
  }
});

test('slots that are too small are refused', () => {
  const { slots } = dryPackets(1);
  assert.throws(() => makeFrames({ ...slots, stride: 58 }, SHAPE), RangeError);
});
