/**
 * The odd devices of a proof, in two processes: those that reckon with keys, and those that only talk, which would
 * stammer while the others reckon. In: personalities, ports, how many. Out: all places in one list, with their counts.
 */
import type { Personality } from '../../src/rehearsal/odd-devices/device.ts';
import { PER_BLOCK, type PortOf } from '../../src/rehearsal/odd-devices/open.ts';
import { type StartedDevices, startOddDevices } from '../../src/rehearsal/odd-devices/start.ts';
import { PAIRS } from './odd-devices-survey.ts';

const reckons = ({ protocol }: Personality): boolean => protocol === 'ssh' || protocol === 'https';

export interface FarEnd extends StartedDevices {
  /** They stand on 127.B.0.0/16 for these B. */
  readonly blocks: readonly number[];
}

export async function startFarEnd(
  personalities: readonly Personality[],
  each: number,
  ports: PortOf,
  firstBlock: number,
): Promise<FarEnd> {
  const wide = Math.ceil(each / PER_BLOCK);
  const started: StartedDevices[] = [];
  const close = async () => {
    await Promise.all(started.map(one => one.close()));
  };
  try {
    for (const [i, group] of [personalities.filter(one => !reckons(one)), personalities.filter(reckons)].entries())
      started.push(
        await startOddDevices({ block: firstBlock + i * wide, ports, each, pairs: PAIRS, personalities: group }),
      );
  } catch (thrown) {
    await close();
    throw thrown;
  }
  return {
    blocks: Array.from({ length: 2 * wide }, (_, i) => firstBlock + i),
    places: started.flatMap(one => one.places),
    counts: async () => (await Promise.all(started.map(one => one.counts()))).flat(),
    close,
  };
}
