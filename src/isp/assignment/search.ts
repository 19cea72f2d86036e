/**
 * Which slots an address, or an address and port, falls into. In: the joined directory of a family. Out: places of slots; all of them,
 * because ranges of ports overlap and prefixes lie within one another.
 */
import { higherPorts } from './directory.ts';
import { Growing } from './growing.ts';
import { key6 } from './ipv6/key.ts';
import type { Joined } from './joined.ts';
import { makeLadder } from './ladder.ts';

/** Numbers of one slot in `slots`. */
const SLOT = 2;

export interface SearchFour {
  readonly joined: Joined;
  /** Adds to `found` the slots of an address that hold the port. */
  slotsOf(address: number, port: number, found: Growing): void;
}

/** Slots of an address lie together by first port: from the last that begins low enough, back to all that reach high enough. */
export function searchFour(joined: Joined): SearchFour {
  const { keys, slots: count } = joined.directory;
  const [address, ports] = keys as [Uint32Array, Uint32Array];
  const higher = higherPorts(joined.directory);
  const addresses = new Growing();
  const first = new Growing();
  const slots = new Uint32Array(count * SLOT);
  for (let slot = 0; slot < count; slot++) {
    if (slot === 0 || address[slot] !== address[slot - 1]) {
      addresses.push(address[slot]!);
      first.push(slot);
    }
    slots[slot * SLOT] = ports[slot]!;
    slots[slot * SLOT + 1] = higher[slot]!;
  }
  first.push(count);
  const each = addresses.values.subarray(0, addresses.size);
  const begins = first.values.subarray(0, first.size);
  const ladder = makeLadder(each);
  return {
    joined,
    slotsOf(wanted, port, found) {
      const at = ladder(wanted) - 1;
      if (at < 0 || each[at] !== wanted) return;
      const last = port * 65_536 + 65_535;
      const begin = begins[at]!;
      let low = begin;
      let high = begins[at + 1]!;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (slots[middle * SLOT]! <= last) low = middle + 1;
        else high = middle;
      }
      for (let slot = low - 1; slot >= begin; ) {
        if ((slots[slot * SLOT]! & 0xffff) >= port) {
          found.push(slot);
          slot--;
        } else slot = slots[slot * SLOT + 1]! - 1;
      }
    },
  };
}

export interface SearchSix {
  readonly joined: Joined;
  /** The longest prefix first. */
  slotsOf(address: bigint): { readonly slot: number; readonly length: number }[];
}

/** Slots of one length lie together; each length that occurs is asked, the longest first. */
export function searchSix(joined: Joined): SearchSix {
  const { keys, slots } = joined.directory;
  const lengths: { length: number; from: number; to: number }[] = [];
  for (let slot = 0; slot < slots; slot++) {
    const length = keys[0]![slot]!;
    const last = lengths[0];
    if (last?.length === length) last.to = slot + 1;
    else lengths.unshift({ length, from: slot, to: slot + 1 });
  }
  const compare = (slot: number, parts: readonly number[]): number => {
    for (let k = 0; k < parts.length; k++) {
      const d = keys[k + 1]![slot]! - parts[k]!;
      if (d !== 0) return d;
    }
    return 0;
  };
  return {
    joined,
    slotsOf(address: bigint): { slot: number; length: number }[] {
      const found: { slot: number; length: number }[] = [];
      for (const { length, from, to } of lengths) {
        const { high: a, low: b, restHigh, restLow } = key6(address, length);
        const parts = [a, b, restHigh, restLow];
        let low = from;
        let high = to;
        while (low < high) {
          const middle = (low + high) >>> 1;
          if (compare(middle, parts) < 0) low = middle + 1;
          else high = middle;
        }
        if (low < to && compare(low, parts) === 0) found.push({ slot: low, length });
      }
      return found;
    },
  };
}
