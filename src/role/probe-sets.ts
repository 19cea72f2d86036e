/**
 * Two sets that hold a million services in little memory, by open addressing: of services as numbers, and of 128-bit
 * digests. Both only grow. In: keys. Out: whether they were there.
 */

/** A service as one number: address, port, and one of eight protocols make 51 bits, and a double holds 53. */
export const placeOf = (address: number, port: number, protocol: number): number =>
  address * 2 ** 19 + port * 8 + protocol;

const START = 1 << 12;
const mixed = (low: number, high: number): number => {
  const x = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
  return (x ^ (x >>> 15)) >>> 0;
};

export interface NumberSet {
  readonly size: number;
  /** False when it was there already. `value` is a safe integer from 0. */
  add(value: number): boolean;
}

export function numberSet(): NumberSet {
  let slots = new Float64Array(START).fill(-1);
  let size = 0;
  const slotOf = (table: Float64Array, value: number): number => {
    const mask = table.length - 1;
    let slot = mixed(value % 2 ** 32, Math.floor(value / 2 ** 32)) & mask;
    while (table[slot] !== -1 && table[slot] !== value) slot = (slot + 1) & mask;
    return slot;
  };
  return {
    get size() {
      return size;
    },
    add(value) {
      const slot = slotOf(slots, value);
      if (slots[slot] === value) return false;
      slots[slot] = value;
      if (++size * 2 > slots.length) {
        const wider = new Float64Array(slots.length * 2).fill(-1);
        for (const one of slots) if (one !== -1) wider[slotOf(wider, one)] = one;
        slots = wider;
      }
      return true;
    },
  };
}

export const DIGEST_BYTES = 16;

export interface DigestSet {
  readonly size: number;
  add(digest: Buffer): void;
  has(digest: Buffer): boolean;
}

/** Digests are uniform already: their first bits choose the slot. One of all zeros, one in 2^128, marks a free slot. */
export function digestSet(expected = 0): DigestSet {
  let length = START;
  while (length < expected * 2) length *= 2;
  let slots = new Uint32Array(length * 4);
  let size = 0;
  const read = (digest: Buffer): [number, number, number, number] => [
    digest.readUInt32LE(0),
    digest.readUInt32LE(4),
    digest.readUInt32LE(8),
    digest.readUInt32LE(12),
  ];
  const slotOf = (table: Uint32Array, a: number, b: number, c: number, d: number): number => {
    const mask = table.length / 4 - 1;
    for (let slot = a & mask; ; slot = (slot + 1) & mask) {
      const at = slot * 4;
      if (table[at] === a && table[at + 1] === b && table[at + 2] === c && table[at + 3] === d) return at;
      if ((table[at] as number) === 0 && table[at + 1] === 0 && table[at + 2] === 0 && table[at + 3] === 0) return at;
    }
  };
  const put = (table: Uint32Array, a: number, b: number, c: number, d: number): boolean => {
    const at = slotOf(table, a, b, c, d);
    if (table[at] === a && table[at + 1] === b && table[at + 2] === c && table[at + 3] === d) return false;
    table[at] = a;
    table[at + 1] = b;
    table[at + 2] = c;
    table[at + 3] = d;
    return true;
  };
  return {
    get size() {
      return size;
    },
    add(digest) {
      if (!put(slots, ...read(digest)) || ++size * 8 <= slots.length) return;
      const wider = new Uint32Array(slots.length * 2);
      for (let at = 0; at < slots.length; at += 4) {
        const [a, b, c, d] = slots.subarray(at, at + 4) as unknown as [number, number, number, number];
        if (a !== 0 || b !== 0 || c !== 0 || d !== 0) put(wider, a, b, c, d);
      }
      slots = wider;
    },
    has(digest) {
      const [a, b, c, d] = read(digest);
      const at = slotOf(slots, a, b, c, d);
      return slots[at] === a && slots[at + 1] === b && slots[at + 2] === c && slots[at + 3] === d;
    },
  };
}
