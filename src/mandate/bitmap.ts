/**
 * Which IPv4 addresses are open: default-deny, exact, and shared between threads. One bit per /24 (2^24 bits, 2 MiB) says
 * that the whole /24 is open; a /24 open in part has a 256-bit map of its own in a hash table. Closing is visible in every
 * thread at once. In: ranges to open while compiling, ranges to close at any time. Out: a test without allocation.
 */
export interface BitmapMemory {
  /** Bit n: the /24 numbered n is open as a whole. */
  readonly whole: Uint32Array;
  /** Open addressing by /24 number + 1; 0 is free. */
  readonly keys: Int32Array;
  /** Eight words for each key. */
  readonly maps: Int32Array;
  /** [0]: keys in use. */
  readonly used: Int32Array;
}

const WORDS = 2 ** 24 / 32;
const ALL = 0xffffffff | 0;

/** `parts`: how many /24s may be open in part, now or after exclusions; more of them close as a whole. */
export function makeBitmap(parts: number): BitmapMemory {
  const slots = 2 ** Math.ceil(Math.log2(Math.max(4096, parts * 2)));
  return {
    whole: new Uint32Array(new SharedArrayBuffer(WORDS * 4)),
    keys: new Int32Array(new SharedArrayBuffer(slots * 4)),
    maps: new Int32Array(new SharedArrayBuffer(slots * 32)),
    used: new Int32Array(new SharedArrayBuffer(4)),
  };
}

function slotOf(m: BitmapMemory, net: number): number {
  const mask = m.keys.length - 1;
  let slot = (Math.imul(net, 0x9e3779b1) >>> 8) & mask;
  for (;;) {
    const key = Atomics.load(m.keys, slot);
    if (key === 0 || key === net + 1) return slot;
    slot = (slot + 1) & mask;
  }
}

export function isOpen(m: BitmapMemory, address: number): boolean {
  const net = address >>> 8;
  if ((Atomics.load(m.whole, net >>> 5) >>> (net & 31)) & 1) return true;
  const slot = slotOf(m, net);
  if (Atomics.load(m.keys, slot) === 0) return false;
  const host = address & 255;
  return ((Atomics.load(m.maps, slot * 8 + (host >>> 5)) >>> (host & 31)) & 1) === 1;
}

/**
 * The same by plain reads, for the way of a packet. A closing is seen at the latest when the caller's function has
 * returned: no compiler keeps a word of shared memory over that. Ask it for at most a batch at a time.
 */
export function isOpenPlain(m: BitmapMemory, address: number): boolean {
  const net = address >>> 8;
  if (((m.whole[net >>> 5] as number) >>> (net & 31)) & 1) return true;
  return isOpen(m, address);
}

/** The bits of word `w` (hosts 32w to 32w+31) that lie in hosts first to last. */
function bitsIn(w: number, first: number, last: number): number {
  const from = Math.max(first - w * 32, 0);
  const to = Math.min(last - w * 32, 31);
  if (from > to) return 0;
  return (to - from === 31 ? ALL : ((1 << (to - from + 1)) - 1) << from) | 0;
}

/** The slot of a /24 that has a map, made from its whole bit if need be; undefined when the table is half full. */
function partSlot(m: BitmapMemory, net: number): number | undefined {
  const slot = slotOf(m, net);
  const known = m.keys[slot] !== 0;
  if (!known && (m.used[0] as number) * 2 >= m.keys.length) return undefined;
  const open = ((m.whole[net >>> 5] as number) >>> (net & 31)) & 1;
  // While the whole bit stands nobody reads the map, and one from before it was opened as a whole says too little.
  if (open || !known) for (let w = 0; w < 8; w++) Atomics.store(m.maps, slot * 8 + w, open ? ALL : 0);
  if (known) return slot;
  Atomics.add(m.used, 0, 1);
  // The map is complete before its key is seen, and the key before the whole bit goes.
  Atomics.store(m.keys, slot, net + 1);
  return slot;
}

/** For each /24 that the range touches: its number, and the first and last host. */
function eachNet(from: number, to: number, visit: (net: number, first: number, last: number) => void): void {
  const lastNet = to >>> 8;
  for (let net = from >>> 8; net <= lastNet; net++)
    visit(net, net === from >>> 8 ? from & 255 : 0, net === lastNet ? to & 255 : 255);
}

/** Opens an inclusive range. Only while compiling, by one thread. */
export function openRange(m: BitmapMemory, from: number, to: number): void {
  eachNet(from, to, (net, first, last) => {
    const word = net >>> 5;
    const bit = 1 << (net & 31);
    if (first === 0 && last === 255) m.whole[word] = (m.whole[word] as number) | bit;
    else if (!((m.whole[word] as number) & bit)) {
      const slot = partSlot(m, net);
      // No room: stays closed, which is the safe side.
      if (slot === undefined) return;
      for (let w = 0; w < 8; w++) Atomics.or(m.maps, slot * 8 + w, bitsIn(w, first, last));
    }
  });
}

/** Closes an inclusive range for good, in every thread; called by one thread at a time. When the table has no room, the whole /24 closes. */
export function closeRange(m: BitmapMemory, from: number, to: number): void {
  eachNet(from, to, (net, first, last) => {
    const word = net >>> 5;
    const bit = 1 << (net & 31);
    const wholeOpen = (Atomics.load(m.whole, word) & bit) !== 0;
    const all = first === 0 && last === 255;
    const slot = all || !wholeOpen ? slotOf(m, net) : partSlot(m, net);
    if (slot !== undefined && m.keys[slot] !== 0)
      for (let w = 0; w < 8; w++) Atomics.and(m.maps, slot * 8 + w, ~bitsIn(w, first, last));
    if (wholeOpen) Atomics.and(m.whole, word, ~bit);
  });
}

const ones = (word: number): number => {
  let n = 0;
  for (let rest = word >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) n++;
  return n;
};

/** How many addresses of an inclusive range are open. */
export function countOpen(m: BitmapMemory, from: number, to: number): number {
  let n = 0;
  eachNet(from, to, (net, first, last) => {
    if (((m.whole[net >>> 5] as number) >>> (net & 31)) & 1) n += last - first + 1;
    else {
      const slot = slotOf(m, net);
      if (m.keys[slot] === 0) return;
      for (let w = 0; w < 8; w++) n += ones((m.maps[slot * 8 + w] as number) & bitsIn(w, first, last));
    }
  });
  return n;
}
