/**
 * Which holds lie on the same address and ports. In: holds with their holder. Out: those whose ports overlap a given range, or
 * that hold exactly the same IPv6 prefix. A range as wide as 2^k at most lies in one or two cells of width 2^k, so that
 * carriers with thousands of blocks on one address cost no more than whole addresses.
 */
import type { Holder } from '../event.ts';

export interface OnSpot {
  readonly holder: Holder;
}

export interface Spots<T extends OnSpot> {
  add(hold: T): void;
  remove(hold: T): void;
  /** Each once. Good until the next change. */
  overlapping(holder: Holder): readonly T[];
}

type V4 = Extract<Holder, { family: 4 }>;

/** Cells are numbered like a heap: 1 for all ports, 2 and 3 for the halves, up to 65536 + port for single ones. */
const CELLS = 131_072;
const WHOLE = 16;

const levelOf = ({ portFrom, portTo }: V4): number => 32 - Math.clz32(portTo - portFrom);
const cellOf = (address: number, level: number, port: number) =>
  address * CELLS + (1 << (WHOLE - level)) + (port >>> level);

export function makeSpots<T extends OnSpot>(): Spots<T> {
  const cells = new Map<number, T[]>();
  const prefixes = new Map<string, T[]>();
  const none: readonly T[] = [];
  /** Bit k: holds of level k occur on this address; whole addresses are not noted. */
  const levels = new Map<number, number>();

  const put = <K>(map: Map<K, T[]>, key: K, hold: T) => {
    const there = map.get(key);
    if (there) there.push(hold);
    else map.set(key, [hold]);
  };
  const take = <K>(map: Map<K, T[]>, key: K, hold: T) => {
    const there = map.get(key);
    const at = there?.indexOf(hold) ?? -1;
    if (!there || at < 0) return;
    if (there.length === 1) map.delete(key);
    else there.splice(at, 1);
  };
  const each = (hold: T, act: <K>(map: Map<K, T[]>, key: K, hold: T) => void) => {
    const { holder } = hold;
    if (holder.family === 6) return act(prefixes, prefixKey(holder), hold);
    const level = levelOf(holder);
    const first = cellOf(holder.address, level, holder.portFrom);
    const last = cellOf(holder.address, level, holder.portTo);
    act(cells, first, hold);
    if (last !== first) act(cells, last, hold);
  };

  return {
    add(hold) {
      each(hold, put);
      if (hold.holder.family === 6) return;
      const level = levelOf(hold.holder);
      const { address } = hold.holder;
      if (level < WHOLE) levels.set(address, (levels.get(address) ?? 0) | (1 << level));
    },
    remove: hold => each(hold, take),
    overlapping(holder) {
      if (holder.family === 6) return prefixes.get(prefixKey(holder)) ?? none;
      const narrow = levels.get(holder.address);
      if (narrow === undefined) return cells.get(cellOf(holder.address, WHOLE, 0)) ?? none;
      const found = new Set<T>();
      const used = narrow | (1 << WHOLE);
      for (let level = 0; level <= WHOLE; level++) {
        if ((used & (1 << level)) === 0) continue;
        const last = cellOf(holder.address, level, holder.portTo);
        for (let cell = cellOf(holder.address, level, holder.portFrom); cell <= last; cell++)
          for (const hold of cells.get(cell) ?? []) if (meets(hold.holder, holder)) found.add(hold);
      }
      return [...found];
    },
  };
}

const prefixKey = ({ prefix, length }: Extract<Holder, { family: 6 }>) => `${prefix.toString(36)}/${length}`;

const meets = (a: Holder, b: V4): boolean => a.family === 4 && a.portFrom <= b.portTo && b.portFrom <= a.portTo;
