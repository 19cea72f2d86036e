/**
 * Which customer an agent-local number stands for. Only the step that writes alerts opens this. In: the folder of the index and
 * the private key (X25519) that its names are sealed to; without one, the key that importing made beside the folder.
 */
import type { KeyObject } from 'node:crypto';
import { Fault } from '../../record/fault.ts';
import { ownKey } from './keys.ts';
import { readKept, readManifest } from './manifest.ts';
import { isFor, sectionsOf } from './names.ts';

export interface Subscribers {
  /** The ISP's own id of the line; undefined when the number is not one of this index, or was sealed to another key. */
  nameOf(number: number): string | undefined;
}

const TRIES = 5;

/** Throws Fault(signature) when there is no key at all, Fault(input) when a file is damaged. */
export function openSubscribers(dir: string, key: KeyObject | undefined = ownKey(dir)): Subscribers {
  let names: ReadonlyMap<number, string> | undefined;
  return {
    nameOf: number => {
      names ??= read(dir, key);
      return names.get(number);
    },
  };
}

function read(dir: string, key: KeyObject | undefined, tries = 1): ReadonlyMap<number, string> {
  const manifest = readManifest(dir);
  if (manifest.names.length > 0 && !key)
    throw new Fault('signature', 'the names of lines are sealed', "give the ISP's private key", { where: dir });
  const found = new Map<number, string>();
  try {
    for (const info of manifest.names)
      for (const section of sectionsOf(readKept(dir, info))) {
        if (!info.behind && !isFor(section, key as KeyObject)) continue;
        for (const [i, name] of section.open(key).entries())
          found.set(section.numbers[i] as number, Buffer.from(name).toString('utf8'));
      }
  } catch (thrown) {
    const changed = readManifest(dir).generation !== manifest.generation;
    if (thrown instanceof Fault && changed && tries < TRIES) return read(dir, key, tries + 1);
    throw thrown;
  }
  return found;
}
