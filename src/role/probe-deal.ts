/**
 * How a state folder is dealt out among workers: each /24 belongs to one of N for as long as the folder lives, by a keyed
 * hash, so that the limits of a device and of its /24 are kept in one place. In: the folder and N. Out: the owner of an
 * address. The folder remembers N: with another one a device would come under a budget that knows nothing of its tries.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyedDigest } from '../record/digest.ts';
import { Fault, fileFault } from '../record/fault.ts';

export interface Deal {
  readonly workers: number;
  /** 0 to N - 1, for an unsigned IPv4 number. */
  ownerOf(address: number): number;
}

export const MOST_WORKERS = 64;

const dealFile = (state: string): string => join(state, 'workers.json');
export const workerFolder = (state: string, worker: number): string => join(state, `worker-${worker}`);

interface Kept {
  readonly workers: number;
  readonly key: string;
}

function kept(state: string): Kept | undefined {
  const file = dealFile(state);
  if (!existsSync(file)) return undefined;
  try {
    const { workers, key } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Kept>;
    if (Number.isInteger(workers) && typeof key === 'string' && /^[0-9a-f]{64}$/.test(key))
      return { workers: workers as number, key };
  } catch (thrown) {
    if ((thrown as { code?: string }).code) throw fileFault(thrown, file);
  }
  throw new Fault('input', 'does not say how this folder is dealt out', 'restore it, or use another folder', {
    where: file,
  });
}

/** How many workers a folder belongs to; 1 for one that is worked as a whole, undefined for one that is new. */
export const workersOf = (state: string): number | undefined =>
  kept(state)?.workers ?? (existsSync(join(state, 'budget')) ? 1 : undefined);

/** Throws Fault('usage') when the folder was dealt out otherwise. */
export function dealOf(state: string, workers: number, random: (bytes: number) => Uint8Array): Deal {
  const before = workersOf(state);
  if (before !== undefined && before !== workers)
    throw new Fault(
      'usage',
      `belongs to ${before === 1 ? 'one worker' : `${before} workers`}, which keep the counts of each device's tries`,
      `go on with --workers ${before}, or use another folder`,
      { where: state },
    );
  if (workers === 1) return { workers, ownerOf: () => 0 };
  let deal = kept(state);
  if (!deal) {
    deal = { workers, key: Buffer.from(random(32)).toString('hex') };
    const beside = `${dealFile(state)}.part`;
    try {
      writeFileSync(beside, `${JSON.stringify(deal)}\n`, { mode: 0o600, flush: true });
      renameSync(beside, dealFile(state));
    } catch (thrown) {
      throw fileFault(thrown, dealFile(state));
    }
  }
  const key = Buffer.from(deal.key, 'hex');
  const net = Buffer.alloc(4);
  return {
    workers,
    ownerOf(address) {
      net.writeUInt32LE(address >>> 8);
      return keyedDigest(key, net).readUInt32LE(0) % workers;
    },
  };
}
