/**
 * What `notice probe` has done in this round, so that a second start with the same input skips it. In: services. Out: keyed
 * digests, 16 bytes each, appended once their lines are with whoever reads the output. The key lies beside them, for this
 * round only: the file is no list of devices, and no two rounds can be compared. A torn end, after kill -9, is cut off.
 */
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { keyedDigest } from '../record/digest.ts';
import { fileFault } from '../record/fault.ts';
import type { Instant } from '../record/instant.ts';
import { secretIn } from './key-folder.ts';
import { DIGEST_BYTES, digestSet } from './probe-sets.ts';

export interface Journal {
  /** Services of earlier starts in this round. */
  readonly before: number;
  /** `place` as in probe-sets.ts. `done`: checked. `told`: refused, and its line was printed. */
  keyOf(place: number, what: 'done' | 'told'): Buffer;
  /** Written by an earlier start. */
  has(key: Buffer): boolean;
  /** One write for all of them. Throws Fault when the disk is full. */
  add(keys: readonly Buffer[]): void;
  close(): void;
}

const journalsOf = (state: string): string => join(state, 'probe');

/** When a round was begun here; undefined when there is none of that name. */
function begunAt(folder: string): Instant | undefined {
  try {
    const { begunAt: at } = JSON.parse(readFileSync(join(folder, 'round.json'), 'utf8')) as { begunAt?: unknown };
    return typeof at === 'number' ? at : undefined;
  } catch {
    return undefined;
  }
}

/** Removes the journals of rounds that began at this instant or before, and what is left of half-made ones. */
export function dropJournals(state: string, upTo: Instant, keep = ''): number {
  const all = journalsOf(state);
  let gone = 0;
  for (const round of existsSync(all) ? readdirSync(all) : []) {
    if (round === keep || (begunAt(join(all, round)) ?? upTo) > upTo) continue;
    rmSync(join(all, round), { recursive: true, force: true });
    gone++;
  }
  return gone;
}

export interface JournalOptions {
  readonly state: string;
  readonly round: string;
  readonly now: Instant;
  readonly random: (bytes: number) => Uint8Array;
  /** Check everything anew: what earlier starts wrote is not read. */
  readonly again: boolean;
}

export function openJournal({ state, round, now, random, again }: JournalOptions): Journal {
  const folder = join(journalsOf(state), round);
  const file = join(folder, 'journal');
  let fd: number;
  let key: Uint8Array;
  let bytes: Buffer;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (begunAt(folder) === undefined) {
      writeFileSync(join(folder, 'round.json.part'), JSON.stringify({ begunAt: now }), { mode: 0o600 });
      renameSync(join(folder, 'round.json.part'), join(folder, 'round.json'));
    }
    key = secretIn(folder, 'journal', random);
    fd = openSync(file, 'a+', 0o600);
    bytes = readFileSync(file);
    if (bytes.length % DIGEST_BYTES !== 0) ftruncateSync(fd, bytes.length - (bytes.length % DIGEST_BYTES));
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
  const count = again ? 0 : Math.floor(bytes.length / DIGEST_BYTES);
  const known = digestSet(count);
  for (let n = 0; n < count; n++) known.add(bytes.subarray(n * DIGEST_BYTES, (n + 1) * DIGEST_BYTES));
  const asked = Buffer.alloc(9);
  return {
    before: known.size,
    keyOf(place, what) {
      asked.writeDoubleLE(place, 0);
      asked[8] = what === 'done' ? 0 : 1;
      return keyedDigest(key, asked).subarray(0, DIGEST_BYTES);
    },
    has: digest => known.has(digest),
    add(keys) {
      if (keys.length === 0) return;
      const all = Buffer.concat(keys);
      try {
        if (writeSync(fd, all) !== all.length) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      } catch (thrown) {
        throw fileFault(thrown, file);
      }
    },
    close: () => closeSync(fd),
  };
}
