import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRing } from './ring.ts';

const BLOCK = 4096;

/** What the kernel writes into a block: descriptor, then each frame behind its own header. */
function fill(memory: Uint8Array, block: number, frames: readonly string[], second: number): void {
  const view = new DataView(memory.buffer, memory.byteOffset + block * BLOCK, BLOCK);
  view.setUint32(12, frames.length, true);
  view.setUint32(16, 48, true);
  let at = 48;
  frames.forEach((text, n) => {
    const bytes = new TextEncoder().encode(text);
    const room = Math.ceil((82 + bytes.length) / 16) * 16;
    view.setUint32(at, n === frames.length - 1 ? 0 : room, true);
    view.setUint32(at + 4, second, true);
    view.setUint32(at + 8, 500_000_000, true);
    view.setUint32(at + 12, bytes.length, true);
    view.setUint16(at + 24, 82, true);
    memory.set(bytes, block * BLOCK + at + 82);
    at += room;
  });
  view.setUint32(8, 1, true);
}

function collect() {
  const seen: [string, number][] = [];
  return {
    seen,
    visit: (memory: Uint8Array, from: number, length: number, at: number) =>
      void seen.push([new TextDecoder().decode(memory.subarray(from, from + length)), at]),
  };
}

test('blocks are walked in order, each frame once, and given back', () => {
  const memory = new Uint8Array(3 * BLOCK);
  const ring = makeRing(memory, BLOCK);
  const { seen, visit } = collect();
  assert.equal(ring.next(visit), -1);
  fill(memory, 1, ['later'], 8);
  assert.equal(ring.next(visit), -1, 'the second block waits for the first');
  fill(memory, 0, ['a', 'bc', 'def'], 7);
  assert.equal(ring.next(visit), 3);
  assert.equal(memory[8], 0, 'the block is the kernel’s again');
  assert.equal(ring.next(visit), 1);
  assert.equal(ring.next(visit), -1);
  fill(memory, 2, ['x'], 3_000_000_000);
  assert.equal(ring.next(visit), 1);
  fill(memory, 0, ['round'], 9);
  assert.equal(ring.next(visit), 1);
  assert.deepEqual(seen, [
    ['a', 7_500],
    ['bc', 7_500],
    ['def', 7_500],
    ['later', 8_500],
    ['x', 3_000_000_000_500],
    ['round', 9_500],
  ]);
});

test('a block without frames, handed over because time was up, is passed', () => {
  const memory = new Uint8Array(2 * BLOCK);
  fill(memory, 0, [], 1);
  const { seen, visit } = collect();
  assert.equal(makeRing(memory, BLOCK).next(visit), 0);
  assert.deepEqual(seen, []);
});

test('an offset that leads out of the block ends the walk', () => {
  const memory = new Uint8Array(2 * BLOCK);
  fill(memory, 0, ['one', 'two'], 1);
  new DataView(memory.buffer).setUint32(48, 1 << 20, true);
  const { seen, visit } = collect();
  assert.equal(makeRing(memory, BLOCK).next(visit), 1);
  assert.equal(seen.length, 1);
});
