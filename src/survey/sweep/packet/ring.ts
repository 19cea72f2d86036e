/**
 * Walks the blocks of a capture ring (TPACKET_V3) in the order the kernel fills them. In: the ring's memory. Out: each
 * frame's place, and when the kernel took it in; nothing is copied. A block goes back when all its frames were visited.
 *
 * Offsets are those of `struct tpacket_block_desc` and `struct tpacket3_hdr` (linux/if_packet.h).
 */

export const RING = { blocks: 64, blockBytes: 256 * 1024, retireMs: 20 } as const;

/** In 32-bit words from a block's beginning. */
const BLOCK_STATUS = 2;
const BLOCK_FRAMES = 3;
const BLOCK_FIRST = 4;
/** From a frame's. */
const FRAME_NEXT = 0;
const FRAME_SECONDS = 1;
const FRAME_NANOSECONDS = 2;
const FRAME_CAPTURED = 3;
/** 16 bits in the seventh word. */
const FRAME_MAC = 6;

const OURS = 1;
const KERNELS = 0;

/** `at`: ms UTC by the kernel's clock. */
export type Visit = (memory: Uint8Array, from: number, length: number, at: number) => void;

export interface Ring {
  /** Visits the frames of the next block, if it was handed over: their number, or -1. */
  next(visit: Visit): number;
}

export function makeRing(memory: Uint8Array, blockBytes: number): Ring {
  const words = new Int32Array(memory.buffer, memory.byteOffset, memory.byteLength >>> 2);
  const blocks = Math.floor(memory.byteLength / blockBytes);
  let block = 0;
  return {
    next(visit) {
      const start = block * blockBytes;
      const end = start + blockBytes;
      const base = start >>> 2;
      // Atomic, so that what the kernel wrote before is seen after.
      if ((Atomics.load(words, base + BLOCK_STATUS) & OURS) === 0) return -1;
      const frames = words[base + BLOCK_FRAMES] as number;
      let at = start + (words[base + BLOCK_FIRST] as number);
      let visited = 0;
      for (; visited < frames; visited++) {
        if (at < start || at + 32 > end) break;
        const word = at >>> 2;
        const from = at + ((words[word + FRAME_MAC] as number) & 0xffff);
        const length = Math.min(words[word + FRAME_CAPTURED] as number, end - from);
        const seconds = (words[word + FRAME_SECONDS] as number) >>> 0;
        visit(memory, from, length, seconds * 1000 + (words[word + FRAME_NANOSECONDS] as number) / 1e6);
        const next = words[word + FRAME_NEXT] as number;
        if (next <= 0) {
          visited++;
          break;
        }
        at += next;
      }
      Atomics.store(words, base + BLOCK_STATUS, KERNELS);
      block = (block + 1) % blocks;
      return visited;
    },
  };
}
